import Base

/// Prints messages as JSON, member by member, in one of etcd's two styles.
package struct JSONPrinter {
  package enum Style: Sendable {
    /// As the gateway of etcd 3.4 answers: 64-bit numbers as texts, enums by name, a oneof's field in place.
    case gateway
    /// As `etcdctl -w json` prints: Go's encoding/json over the generated structs. Numbers and enums as numbers, a
    /// oneof as an object of its own.
    case go
  }

  package let style: Style
  private var writer = JSONWriter()
  private var needsComma = false

  package init(_ style: Style) { self.style = style }

  /// What was printed so far.
  package var bytes: Bytes { writer.bytes }

  // MARK: By hand

  /// Prints braces and, between them, what `body` prints.
  package mutating func object(_ body: (inout JSONPrinter) -> Void) {
    writer.raw(0x7b)
    needsComma = false
    body(&self)
    writer.raw(0x7d)
    needsComma = true
  }

  /// A member's name; its value must follow.
  package mutating func key(_ name: String) {
    if needsComma { writer.raw(0x2c) }
    writer.raw(0x22)
    writer.raw(name)
    writer.raw("\":")
    needsComma = true
  }

  package mutating func message(_ message: some JSONMessage) { object { message.print(to: &$0) } }

  /// A member whose value is `value`, also when that is zero.
  package mutating func always(_ name: String, _ value: JSONValue) {
    key(name)
    writer.value(value)
  }

  package mutating func always(_ name: String, _ values: [some JSONMessage]) {
    key(name)
    array(values) { printer, value in printer.message(value) }
  }

  package mutating func always(_ name: String, _ value: some JSONMessage) {
    key(name)
    message(value)
  }

  // MARK: Values

  private mutating func value(_ value: Int64) { quoting { $0.integer(value) } }
  private mutating func value(_ value: UInt64) { quoting { $0.integer(value) } }

  private mutating func quoting(_ body: (inout JSONWriter) -> Void) {
    if style == .gateway { writer.raw(0x22) }
    body(&writer)
    if style == .gateway { writer.raw(0x22) }
  }

  private mutating func value<E: JSONEnum>(_ value: E) {
    let number = value.rawValue
    if style == .gateway, let name = E.jsonNames.first(where: { $0.number == number })?.name {
      writer.string(name)
    } else {
      writer.integer(Int64(number))
    }
  }

  private mutating func array<T>(_ values: [T], _ body: (inout JSONPrinter, T) -> Void) {
    writer.raw(0x5b)
    for (position, value) in values.enumerated() {
      if position > 0 { writer.raw(0x2c) }
      body(&self, value)
    }
    writer.raw(0x5d)
    needsComma = true
  }

  // MARK: Fields, left out when they are zero

  package mutating func field(_ name: String, _ number: Int64) {
    guard number != 0 else { return }
    key(name)
    value(number)
  }
  package mutating func field(_ name: String, _ number: UInt64) {
    guard number != 0 else { return }
    key(name)
    value(number)
  }
  package mutating func field(_ name: String, _ number: UInt32) {
    guard number != 0 else { return }
    key(name)
    writer.integer(UInt64(number))
  }
  package mutating func field(_ name: String, _ flag: Bool) {
    guard flag else { return }
    key(name)
    writer.bool(true)
  }
  package mutating func field(_ name: String, _ text: String) {
    guard !text.isEmpty else { return }
    key(name)
    writer.string(text)
  }
  package mutating func field(_ name: String, _ content: Bytes) {
    guard !content.isEmpty else { return }
    key(name)
    writer.base64(content)
  }
  package mutating func field(_ name: String, _ value: some JSONEnum) {
    guard value.rawValue != 0 else { return }
    key(name)
    self.value(value)
  }
  package mutating func field(_ name: String, _ message: (some JSONMessage)?) {
    guard let message else { return }
    key(name)
    self.message(message)
  }
  package mutating func field(_ name: String, _ messages: [some JSONMessage]) {
    guard !messages.isEmpty else { return }
    always(name, messages)
  }
  package mutating func field(_ name: String, _ texts: [String]) {
    guard !texts.isEmpty else { return }
    key(name)
    array(texts) { printer, text in printer.writer.string(text) }
  }
  package mutating func field(_ name: String, _ contents: [Bytes]) {
    guard !contents.isEmpty else { return }
    key(name)
    array(contents) { printer, content in printer.writer.base64(content) }
  }
  package mutating func field(_ name: String, _ values: [some JSONEnum]) {
    guard !values.isEmpty else { return }
    key(name)
    array(values) { printer, value in printer.value(value) }
  }

  // MARK: Oneofs

  /// A oneof's value: in place under `name`, or in Go's style as `{"<goField>": …}` under `goOneof`.
  private mutating func oneof(
    _ goOneof: String, _ goField: String, _ name: String, _ body: (inout JSONPrinter) -> Void
  ) {
    guard style == .go else {
      key(name)
      return body(&self)
    }
    key(goOneof)
    object { printer in
      printer.key(goField)
      body(&printer)
    }
  }

  package mutating func oneof(_ goOneof: String, _ goField: String, _ name: String, _ number: Int64) {
    oneof(goOneof, goField, name) { $0.value(number) }
  }
  package mutating func oneof(_ goOneof: String, _ goField: String, _ name: String, _ content: Bytes) {
    oneof(goOneof, goField, name) { $0.writer.base64(content) }
  }
  package mutating func oneof(_ goOneof: String, _ goField: String, _ name: String, _ message: some JSONMessage)
  {
    oneof(goOneof, goField, name) { $0.message(message) }
  }
  /// A oneof without a value; Go's structs print it as null.
  package mutating func noOneof(_ goOneof: String) {
    if style == .go { always(goOneof, .null) }
  }
}
