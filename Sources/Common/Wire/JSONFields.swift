import Base

/// The members of a JSON object, handed to a message field by field in the order of its schema.
package struct JSONFields {
  private let members: [JSONValue.Member]
  private let refusesUnknown: Bool
  /// Names that were asked for, when unknown ones are refused.
  private var known: [String] = []

  /// Reads an object into a message; `null` sets nothing.
  static func read<M: JSONMessage>(
    _ value: JSONValue, into message: inout M, refusingUnknown: Bool
  ) throws(JSONMappingError) {
    switch value {
    case .null: return
    case .object(let members):
      var fields = JSONFields(members: members, refusesUnknown: refusingUnknown)
      try message.read(from: &fields)
      try fields.finish(M.self)
    default: throw mismatch(value, "map[string]json.RawMessage")
    }
  }

  private init(members: [JSONValue.Member], refusesUnknown: Bool) {
    self.members = members
    self.refusesUnknown = refusesUnknown
  }

  private func finish<M: JSONMessage>(_ type: M.Type) throws(JSONMappingError) {
    guard refusesUnknown, let stranger = members.first(where: { !known.contains($0.name) }) else { return }
    throw JSONMappingError("unknown field \"\(stranger.name)\" in \(M.jsonName)")
  }

  /// The value of a field by either of its names; the camel one is preferred, the last one counts.
  private mutating func take(_ name: String, _ camel: String) -> JSONValue? {
    if refusesUnknown { known += [name, camel] }
    var found: JSONValue?
    for member in members.reversed() {
      if member.name == camel { return member.value }
      if found == nil, member.name == name { found = member.value }
    }
    return found
  }

  // MARK: Fields

  package mutating func read(_ name: String, _ camel: String, _ field: inout Int64) throws(JSONMappingError) {
    if let value = take(name, camel), let number = try integer(value, Int64.self) { field = number }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout UInt64) throws(JSONMappingError) {
    if let value = take(name, camel), let number = try integer(value, UInt64.self) { field = number }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout UInt32) throws(JSONMappingError) {
    if let value = take(name, camel), let number = try integer(value, UInt32.self) { field = number }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout Bool) throws(JSONMappingError) {
    guard let value = take(name, camel), !value.isNull else { return }
    guard let flag = value.bool else { throw mismatch(value, "bool") }
    field = flag
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout String) throws(JSONMappingError) {
    if let value = take(name, camel), let read = try text(value) { field = read }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout Bytes) throws(JSONMappingError) {
    if let value = take(name, camel), let read = try bytes(value) { field = read }
  }
  package mutating func read<E: JSONEnum>(
    _ name: String, _ camel: String, _ field: inout E
  ) throws(JSONMappingError) {
    if let value = take(name, camel), let read = try enumeration(value, E.self) { field = read }
  }
  package mutating func read<M: JSONMessage>(
    _ name: String, _ camel: String, _ field: inout M?
  ) throws(JSONMappingError) {
    if let message: M = try oneof(name, camel) { field = message }
  }

  package mutating func read<M: JSONMessage>(
    _ name: String, _ camel: String, _ field: inout [M]
  ) throws(JSONMappingError) {
    let refusesUnknown = refusesUnknown
    try elements(name, camel, &field) { value throws(JSONMappingError) in
      var message = M()
      try JSONFields.read(value, into: &message, refusingUnknown: refusesUnknown)
      return message
    }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout [String]) throws(JSONMappingError)
  {
    try elements(name, camel, &field) { value throws(JSONMappingError) in try text(value) }
  }
  package mutating func read(_ name: String, _ camel: String, _ field: inout [Bytes]) throws(JSONMappingError) {
    try elements(name, camel, &field) { value throws(JSONMappingError) in try bytes(value) }
  }
  package mutating func read<E: JSONEnum>(
    _ name: String, _ camel: String, _ field: inout [E]
  ) throws(JSONMappingError) {
    try elements(name, camel, &field) { value throws(JSONMappingError) in try enumeration(value, E.self) }
  }

  private mutating func elements<T>(
    _ name: String, _ camel: String, _ field: inout [T],
    _ read: (JSONValue) throws(JSONMappingError) -> T?
  ) throws(JSONMappingError) {
    guard let value = take(name, camel), !value.isNull else { return }
    guard case .array(let values) = value else { throw mismatch(value, "[]json.RawMessage") }
    var result: [T] = []
    for value in values {
      // Go keeps a null as a missing message and falls over it later; we say so at once.
      guard !value.isNull, let element = try read(value) else {
        throw JSONMappingError("null is no element of \(name)")
      }
      result.append(element)
    }
    field = result
  }

  // MARK: Oneofs

  /// The value of a oneof's field when it is there; a message that is null counts as not there.
  package mutating func oneof<M: JSONMessage>(_ name: String, _ camel: String) throws(JSONMappingError) -> M? {
    guard let value = take(name, camel), !value.isNull else { return nil }
    var message = M()
    try JSONFields.read(value, into: &message, refusingUnknown: refusesUnknown)
    return message
  }
  package mutating func oneof(_ name: String, _ camel: String) throws(JSONMappingError) -> Int64? {
    guard let value = take(name, camel) else { return nil }
    return try integer(value, Int64.self) ?? 0
  }
  package mutating func oneof(_ name: String, _ camel: String) throws(JSONMappingError) -> Bytes? {
    guard let value = take(name, camel) else { return nil }
    return try bytes(value) ?? []
  }
}

// What Go's encoding/json does with one value; nil stands for null, which sets nothing.

private func mismatch(_ value: JSONValue, _ type: String, literal: Bool = false) -> JSONMappingError {
  let kind =
    switch value {
    case .null: "null"
    case .bool: "bool"
    case .number(let text): literal ? "number " + text : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  return JSONMappingError("json: cannot unmarshal \(kind) into Go value of type \(type)")
}

/// A number, or a text that holds one.
private func integer<T: FixedWidthInteger>(_ value: JSONValue, _ type: T.Type) throws(JSONMappingError) -> T? {
  var value = value
  if case .string(let text) = value {
    do {
      value = try JSONValue(parsing: text)
    } catch {
      throw JSONMappingError(error.text)
    }
  }
  if value.isNull { return nil }
  guard let number = value.integer(T.self) else {
    throw mismatch(value, "\(T.self)".lowercased(), literal: true)
  }
  return number
}

private func text(_ value: JSONValue) throws(JSONMappingError) -> String? {
  if value.isNull { return nil }
  guard let text = value.string else { throw mismatch(value, "string") }
  return text
}

private func bytes(_ value: JSONValue) throws(JSONMappingError) -> Bytes? {
  switch value {
  case .null: return nil
  case .string(let text):
    do {
      return try Base64.decode(text)
    } catch {
      throw JSONMappingError(error.description)
    }
  case .array(let numbers):
    var bytes = Bytes()
    for number in numbers { bytes.append(try octet(number)) }
    return bytes
  default: throw mismatch(value, "[]uint8")
  }
}

/// One number of a list that stands for bytes; null is zero.
private func octet(_ value: JSONValue) throws(JSONMappingError) -> UInt8 {
  if value.isNull { return 0 }
  guard let number = value.integer(UInt8.self) else {
    throw mismatch(value, "uint8", literal: true)
  }
  return number
}

private func enumeration<E: JSONEnum>(_ value: JSONValue, _ type: E.Type) throws(JSONMappingError) -> E? {
  switch value {
  case .null: return nil
  case .string(let name):
    guard let found = E.jsonNames.first(where: { $0.name == name }) else {
      throw JSONMappingError("unknown value \"\(name)\" for enum \(E.jsonName)")
    }
    return E(rawValue: found.number)
  default:
    guard let number = value.integer(Int32.self) else { throw mismatch(value, E.jsonName, literal: true) }
    return E(rawValue: number)
  }
}
