/// Writes the struct of a message: properties, size, encoding, decoding.
struct MessageEmitter {
  let schema: Schema
  let message: ProtoMessage

  // MARK: Types

  func swiftType(_ type: FieldType) -> String {
    switch type {
    case .int64: "Int64"
    case .uint64: "UInt64"
    case .uint32: "UInt32"
    case .int32: "Int32"
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "Bytes"
    case .message(let name): schema.messages[name]?.swiftName ?? name
    case .enumeration(let name): schema.enums[name]?.swiftPath ?? name
    case .named(let name): name
    }
  }

  enum Presence {
    /// Left out when zero or empty.
    case implicit
    /// Always written.
    case always
    /// Written when not nil.
    case optional
  }

  /// The rules of proto3, and for proto2 those of gogoproto's `nullable=false`, which etcd sets everywhere
  /// but on bytes and on two flags.
  func presence(_ field: ProtoField) -> Presence {
    if message.isProto3 { return field.type.isMessage ? .optional : .implicit }
    return field.isOptional || field.type == .bytes ? .optional : .always
  }

  func propertyType(_ field: ProtoField) -> String {
    let type = swiftType(field.type)
    if field.isRepeated { return "[\(type)]" }
    return presence(field) == .optional ? type + "?" : type
  }

  func defaultValue(_ field: ProtoField) -> String {
    if field.isRepeated { return "[]" }
    if presence(field) == .optional { return "nil" }
    switch field.type {
    case .int64, .uint64, .uint32, .int32: return "0"
    case .bool: return "false"
    case .string: return "\"\""
    case .bytes: return "[]"
    case .message(let name): return (schema.messages[name]?.swiftName ?? name) + "()"
    case .enumeration(let name):
      guard let item = schema.enums[name], let first = item.cases.first else { return "0" }
      return "." + caseName(first.name, prefix: item.prefix)
    case .named(let name): return name
    }
  }

  func oneofType(_ oneof: String) -> String {
    let name = lowerCamel(oneof)
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  func tag(_ field: ProtoField, packed: Bool = false) -> UInt32 {
    field.number << 3 | (field.type.isNumber && !packed ? 0 : 2)
  }

  private func tagSize(_ field: ProtoField) -> Int {
    var size = 1
    var rest = tag(field) >> 7
    while rest > 0 {
      size += 1
      rest >>= 7
    }
    return size
  }

  /// Fields by number, neighbours of the same oneof together.
  private var groups: [[ProtoField]] {
    var result: [[ProtoField]] = []
    for field in message.fields.sorted(by: { $0.number < $1.number }) {
      if let oneof = field.oneof, let last = result.last, last[0].oneof == oneof {
        result[result.count - 1].append(field)
      } else {
        result.append([field])
      }
    }
    return result
  }

  // MARK: The struct

  func emit(into text: inout SourceText) {
    text.block("package struct \(message.swiftName): WireMessage") { text in
      for item in message.enums {
        EnumEmitter(item: item).emit(into: &text)
        text.line()
      }
      for oneof in message.oneofs {
        emitOneof(oneof, into: &text)
        text.line()
      }
      emitProperties(into: &text)
      emitSize(into: &text)
      emitEncode(into: &text)
      emitMerge(into: &text)
    }
  }

  private func emitOneof(_ oneof: String, into text: inout SourceText) {
    text.block("package enum \(oneofType(oneof)): Sendable, Equatable") { text in
      for field in message.fields where field.oneof == oneof {
        let keyword = field.isIndirect ? "indirect case" : "case"
        text.line("\(keyword) \(field.swiftName)(\(swiftType(field.type)))")
      }
    }
  }

  /// Name, type and default of each stored property.
  private var properties: [(name: String, type: String, initial: String)] {
    var result: [(name: String, type: String, initial: String)] = []
    var seen: Set<String> = []
    for field in message.fields {
      if let oneof = field.oneof {
        if seen.insert(oneof).inserted { result.append((lowerCamel(oneof), oneofType(oneof) + "?", "nil")) }
      } else {
        result.append((field.swiftName, propertyType(field), defaultValue(field)))
      }
    }
    return result
  }

  private func emitProperties(into text: inout SourceText) {
    let properties = properties
    for property in properties {
      text.line("package var \(property.name): \(property.type) = \(property.initial)")
    }
    if !properties.isEmpty { text.line() }
    text.line("package init() {}")
    guard !properties.isEmpty else { return }
    text.line("package init(")
    text.indented { text in
      for (position, property) in properties.enumerated() {
        let comma = position + 1 < properties.count ? "," : ""
        text.line("\(property.name): \(property.type) = \(property.initial)\(comma)")
      }
    }
    text.block(")") { text in
      for property in properties { text.line("self.\(property.name) = \(property.name)") }
    }
  }

  // MARK: Size

  private func size(_ type: FieldType, _ value: String) -> String {
    switch type {
    case .int64, .uint64, .int32: "WireSize.varint(\(value))"
    case .uint32: "WireSize.varint(UInt64(\(value)))"
    case .enumeration: "WireSize.varint(\(value).rawValue)"
    case .bool: "1"
    case .string: "WireSize.delimited(\(value).utf8.count)"
    case .bytes: "WireSize.delimited(\(value).count)"
    case .message: "WireSize.delimited(\(value).encodedSize)"
    case .named(let name): name
    }
  }

  /// Whether a value without presence of its own is written.
  private func isSet(_ field: ProtoField) -> String {
    let name = field.swiftName
    switch field.type {
    case .bool: return name
    case .string, .bytes: return "!\(name).isEmpty"
    case .enumeration: return "\(name) != \(defaultValue(field))"
    default: return "\(name) != 0"
    }
  }

  private func isPacked(_ field: ProtoField) -> Bool {
    message.isProto3 && field.isRepeated && field.type.isNumber
  }

  private func emitSize(into text: inout SourceText) {
    text.line()
    text.block("package var encodedSize: Int") { text in
      if message.fields.isEmpty { return text.line("0") }
      text.line("var size = 0")
      for group in groups {
        if let oneof = group[0].oneof {
          emitSwitch(oneof, group, into: &text) { "size += \(tagSize($0)) + \(size($0.type, "value"))" }
        } else {
          emitSize(group[0], into: &text)
        }
      }
      text.line("return size")
    }
  }

  private func emitSwitch(
    _ oneof: String, _ group: [ProtoField], into text: inout SourceText, _ body: (ProtoField) -> String
  ) {
    text.line("switch \(lowerCamel(oneof)) {")
    for field in group {
      let statement = body(field)
      let binding = statement.contains("value") ? "(let value)?" : "?"
      text.line("case .\(field.swiftName)\(binding): \(statement)")
    }
    let isWhole = group.count == message.fields.count { $0.oneof == oneof }
    text.line(isWhole ? "case nil: break" : "default: break")
    text.line("}")
  }

  private func emitSize(_ field: ProtoField, into text: inout SourceText) {
    let name = field.swiftName
    if isPacked(field) {
      text.block("if !\(name).isEmpty") { text in
        text.line("let content = \(name).reduce(0) { $0 + \(size(field.type, "$1")) }")
        text.line("size += \(tagSize(field)) + WireSize.delimited(content)")
      }
    } else if field.isRepeated && field.type.isMessage {
      text.line("size += WireSize.messages(\(name), tagSize: \(tagSize(field)))")
    } else if field.isRepeated {
      let one = size(field.type, "value")
      text.line("for value in \(name) { size += \(tagSize(field)) + \(one) }")
    } else {
      switch presence(field) {
      case .implicit: text.line("if \(isSet(field)) { size += \(tagSize(field)) + \(size(field.type, name)) }")
      case .always: text.line("size += \(tagSize(field)) + \(size(field.type, name))")
      case .optional:
        let one = size(field.type, "value")
        let condition = one.contains("value") ? "let value = \(name)" : "\(name) != nil"
        text.line("if \(condition) { size += \(tagSize(field)) + \(one) }")
      }
    }
  }

  // MARK: Encoding

  private func write(_ type: FieldType, _ value: String) -> String {
    switch type {
    case .int64: "writer.varint(UInt64(bitPattern: \(value)))"
    case .uint64: "writer.varint(\(value))"
    case .uint32: "writer.varint(UInt64(\(value)))"
    case .int32: "writer.varint(UInt64(bitPattern: Int64(\(value))))"
    case .enumeration: "writer.varint(UInt64(bitPattern: Int64(\(value).rawValue)))"
    case .bool: "writer.bool(\(value))"
    case .string: "writer.string(\(value))"
    case .bytes: "writer.bytes(\(value))"
    case .message: "writer.message(\(value))"
    case .named(let name): name
    }
  }

  private func writeTag(_ field: ProtoField, packed: Bool = false) -> String {
    let tag = tag(field, packed: packed)
    return tag < 0x80 ? "writer.byte(\(tag))" : "writer.tag(\(tag))"
  }

  private func emitEncode(into text: inout SourceText) {
    text.line()
    text.block("package func encode(to writer: inout WireWriter)") { text in
      for group in groups {
        if let oneof = group[0].oneof {
          emitSwitch(oneof, group, into: &text) { "\(writeTag($0)); \(write($0.type, "value"))" }
        } else {
          emitEncode(group[0], into: &text)
        }
      }
    }
  }

  private func emitEncode(_ field: ProtoField, into text: inout SourceText) {
    let name = field.swiftName
    func writing(_ value: String) -> (inout SourceText) -> Void {
      { text in
        text.line(writeTag(field))
        text.line(write(field.type, value))
      }
    }
    if isPacked(field) {
      text.block("if !\(name).isEmpty") { text in
        text.line(writeTag(field, packed: true))
        text.line("writer.varint(UInt64(\(name).reduce(0) { $0 + \(size(field.type, "$1")) }))")
        text.line("for value in \(name) { \(write(field.type, "value")) }")
      }
    } else if field.isRepeated && field.type.isMessage {
      text.line("writer.messages(\(tag(field)), \(name))")
    } else if field.isRepeated {
      text.block("for value in \(name)", writing("value"))
    } else {
      switch presence(field) {
      case .implicit: text.block("if \(isSet(field))", writing(name))
      case .always: writing(name)(&text)
      case .optional: text.block("if let value = \(name)", writing("value"))
      }
    }
  }

  // MARK: Decoding

  private func read(_ type: FieldType) -> String {
    switch type {
    case .int64: "try reader.int64()"
    case .uint64: "try reader.varint()"
    case .uint32: "try reader.uint32()"
    case .int32: "try reader.int32()"
    case .bool: "try reader.bool()"
    case .string: "try reader.string()"
    case .bytes: "try reader.bytes()"
    case .enumeration: "try reader.enumeration()"
    case .message(let name), .named(let name): name
    }
  }

  private func emitMerge(into text: inout SourceText) {
    text.line()
    text.block("package mutating func merge(from reader: inout WireReader) throws(DecodeError)") { text in
      text.block("while true") { text in
        text.line("let tag = try reader.tag()")
        text.line("switch tag {")
        text.line("case 0: return")
        for field in message.fields { emitRead(field, into: &text) }
        text.line("default:")
        text.indented { text in
          if !message.fields.isEmpty { emitTypeCheck(into: &text) }
          text.line("try reader.skip(tag)")
        }
        text.line("}")
      }
    }
  }

  /// A known number with a tag that no case above took has the wrong wire type.
  private func emitTypeCheck(into text: inout SourceText) {
    let numbers = message.fields.map(\.number).sorted()
    var ranges: [(UInt32, UInt32)] = []
    for number in numbers {
      if let last = ranges.last, last.1 + 1 == number {
        ranges[ranges.count - 1].1 = number
      } else {
        ranges.append((number, number))
      }
    }
    let patterns = ranges.map { $0.0 == $0.1 ? "\($0.0)" : "\($0.0)...\($0.1)" }
    text.line("switch tag >> 3 {")
    text.line("case \(patterns.joined(separator: ", ")): throw .wrongWireType(field: tag >> 3)")
    text.line("default: break")
    text.line("}")
  }

  private func emitRead(_ field: ProtoField, into text: inout SourceText) {
    let name = field.swiftName
    let tag = tag(field)
    if let oneof = field.oneof {
      emitRead(field, oneof: lowerCamel(oneof), into: &text)
    } else if field.type.isMessage {
      text.line("case \(tag): try reader.message(&\(name))")
    } else if field.isRepeated {
      text.line("case \(tag): \(name).append(\(read(field.type)))")
      if field.type.isNumber {
        let element = read(field.type).replacing("reader", with: "$0")
        text.line(
          "case \(self.tag(field, packed: true)): try reader.packed(&\(name)) { reader throws(DecodeError) in "
            + "\(element.replacing("$0", with: "reader")) }")
      }
    } else {
      text.line("case \(tag): \(name) = \(read(field.type))")
    }
  }

  private func emitRead(_ field: ProtoField, oneof: String, into text: inout SourceText) {
    let name = field.swiftName
    guard field.type.isMessage else {
      return text.line("case \(tag(field)): \(oneof) = .\(name)(\(read(field.type)))")
    }
    text.line("case \(tag(field)):")
    text.indented { text in
      text.line("var value = \(swiftType(field.type))()")
      text.line("if case .\(name)(let set)? = \(oneof) { value = set }")
      text.line("try reader.message(&value)")
      text.line("\(oneof) = .\(name)(value)")
    }
  }
}
