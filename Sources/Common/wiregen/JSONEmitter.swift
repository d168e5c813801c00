/// Writes the JSON form of a message and of its enums.
struct JSONEmitter {
  let schema: Schema
  let message: ProtoMessage

  func emit(into text: inout SourceText) {
    for item in message.enums {
      Self.emit(item, into: &text)
      text.line()
    }
    text.block("extension \(message.swiftName): JSONMessage") { text in
      text.line("package static let jsonName = \"\(message.fullName)\"")
      text.line()
      let fields = message.fields.filter { !$0.isWireOnly }
      text.block("package func print(to printer: inout JSONPrinter)") { emitPrint(fields, into: &$0) }
      text.line()
      text.block("package mutating func read(from fields: inout JSONFields) throws(JSONMappingError)") { text in
        for field in fields { emitRead(field, into: &text) }
      }
      text.line()
      emitTranscribe(fields, into: &text)
    }
  }

  static func emit(_ item: ProtoEnum, into text: inout SourceText) {
    text.block("extension \(item.swiftPath): JSONEnum") { text in
      text.line("package static let jsonName = \"\(goName(item))\"")
      let names = item.cases.map { "(\"\($0.name)\", \($0.number))" }.joined(separator: ", ")
      text.line("package static let jsonNames: [(name: String, number: Int32)] = [\(names)]")
    }
  }

  /// `etcdserverpb.RangeRequest.SortOrder` → `etcdserverpb.RangeRequest_SortOrder`.
  private static func goName(_ item: ProtoEnum) -> String {
    let parts = item.fullName.split(separator: ".")
    return parts[0] + "." + parts.dropFirst().joined(separator: "_")
  }

  private func emitPrint(_ fields: [ProtoField], into text: inout SourceText) {
    var seen: Set<String> = []
    for field in fields {
      guard let oneof = field.oneof else {
        text.line("printer.field(\"\(field.name)\", \(field.swiftName))")
        continue
      }
      guard seen.insert(oneof).inserted else { continue }
      text.line("switch \(lowerCamel(oneof)) {")
      for option in fields where option.oneof == oneof {
        let names = "\"\(goCamel(oneof))\", \"\(goCamel(option.name))\", \"\(option.name)\""
        text.line("case .\(option.swiftName)(let value)?: printer.oneof(\(names), value)")
      }
      text.line("case nil: printer.noOneof(\"\(goCamel(oneof))\")")
      text.line("}")
    }
  }

  private func emitTranscribe(_ fields: [ProtoField], into text: inout SourceText) {
    let head =
      "package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError)"
    text.block(head) { text in
      text.block("while true") { text in
        text.line("let tag = try reader.tag()")
        text.line("switch tag {")
        text.line("case 0: return")
        for field in fields {
          let (tag, statement) = transcription(of: field)
          text.line("case \(tag): \(statement)")
        }
        text.line("default: try reader.skip(tag)")
        text.line("}")
      }
    }
  }

  /// The tag that the encoder writes, and what prints the field behind it.
  private func transcription(of field: ProtoField) -> (tag: UInt32, statement: String) {
    let emitter = MessageEmitter(schema: schema, message: message)
    let isPacked = field.isRepeated && field.type.isNumber
    let tag = emitter.tag(field, packed: isPacked)
    let name = "\"\(field.name)\""
    let type = emitter.swiftType(field.type)
    if isPacked { return (tag, "try output.packed(\(name), \(type).self, &reader)") }
    if field.isRepeated {
      switch field.type {
      case .string: return (tag, "try output.list(\(name), tag, texts: &reader)")
      case .bytes: return (tag, "try output.list(\(name), tag, bytes: &reader)")
      default: return (tag, "try output.list(\(name), tag, \(type).self, &reader)")
      }
    }
    let verb = field.oneof == nil ? "field" : "always"
    switch field.type {
    case .string: return (tag, "output.\(verb)(\(name), text: try reader.raw())")
    case .bytes: return (tag, "output.\(verb)(\(name), bytes: try reader.raw())")
    case .message: return (tag, "try output.field(\(name), \(type).self, &reader)")
    case .enumeration: return (tag, "output.\(verb)(\(name), enum: try reader.enumeration() as \(type))")
    case .bool: return (tag, "output.\(verb)(\(name), try reader.bool())")
    case .uint64: return (tag, "output.\(verb)(\(name), try reader.varint())")
    case .uint32: return (tag, "output.\(verb)(\(name), try reader.uint32())")
    default: return (tag, "output.\(verb)(\(name), try reader.int64())")
    }
  }

  private func emitRead(_ field: ProtoField, into text: inout SourceText) {
    let names = "\"\(field.name)\", \"\(jsonCamel(field.name))\""
    guard let oneof = field.oneof else {
      return text.line("try fields.read(\(names), &\(field.swiftName))")
    }
    let type = MessageEmitter(schema: schema, message: message).swiftType(field.type)
    text.block("if let value: \(type) = try fields.oneof(\(names))") { text in
      text.line("\(lowerCamel(oneof)) = .\(field.swiftName)(value)")
    }
  }
}

/// The name that protobuf derives for JSON: `prev_kv` → `prevKv`; capitals stay.
private func jsonCamel(_ name: String) -> String {
  var result = ""
  var raises = false
  for character in name {
    if character == "_" {
      raises = true
    } else {
      result += raises ? character.uppercased() : String(character)
      raises = false
    }
  }
  return result
}

/// The name that Go's generator gives: `response_put` → `ResponsePut`.
private func goCamel(_ name: String) -> String {
  let camel = jsonCamel(name)
  return camel.prefix(1).uppercased() + camel.dropFirst()
}
