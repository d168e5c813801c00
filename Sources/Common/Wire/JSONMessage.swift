import Base

/// A message with a JSON form.
package protocol JSONMessage: WireMessage {
  /// The name of the type as Go prints it in errors.
  static var jsonName: String { get }
  /// Writes the members of the object, without its braces.
  func print(to printer: inout JSONPrinter)
  /// Prints the members of an encoded message, without braces and without making the message.
  static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError)
  /// Sets what `fields` hold.
  mutating func read(from fields: inout JSONFields) throws(JSONMappingError)
}

/// An enum whose values have names in JSON.
package protocol JSONEnum: WireEnum {
  /// The name of the type as Go prints it in errors.
  static var jsonName: String { get }
  static var jsonNames: [(name: String, number: Int32)] { get }
}

/// JSON that does not fit a message; the text is the one a client of etcd 3.4's gateway sees.
package struct JSONMappingError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

extension JSONMessage {
  /// The message as one JSON object without spaces.
  package func json(_ style: JSONPrinter.Style = .gateway) -> Bytes {
    var printer = JSONPrinter(style)
    printer.message(self)
    return printer.bytes
  }

  /// A message from a JSON object; `null` gives an empty message.
  ///
  /// Names may be `snake_case` or `lowerCamel`, 64-bit numbers texts or numbers, enums names or numbers; a member
  /// that is there twice counts as it comes last. Unknown members are passed over, as etcd 3.4's gateway does.
  package init(json value: JSONValue, refusingUnknown: Bool = false) throws(JSONMappingError) {
    self.init()
    try JSONFields.read(value, into: &self, refusingUnknown: refusingUnknown)
  }

  /// A message from the first value of `bytes`, as etcd 3.4's gateway reads a request: an empty body is an empty
  /// message and whatever follows the first value is not looked at.
  package init(json bytes: UnsafeRawBufferPointer) throws(JSONMappingError) {
    let value: JSONValue?
    do throws(JSONError) {
      var parser = JSONParser(bytes)
      value = try parser.next()
    } catch {
      // Go's decoder words the end of a stream otherwise than the end of a text.
      throw JSONMappingError(error.text == JSONError.truncatedText ? JSONSplitter.endText : error.text)
    }
    try self.init(json: value ?? .null)
  }

  package init(json bytes: Bytes) throws(JSONMappingError) {
    self = try bytes.span.bytes.withUnsafeBytes { buffer throws(JSONMappingError) in try Self(json: buffer) }
  }
}
