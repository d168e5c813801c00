/// Reads the part of the proto language that our files use; anything else is refused.
struct Parser {
  private var tokens: [Token]
  private var position = 0
  private var file: ProtoFile

  static func parse(name: String, source: String) throws(SchemaError) -> ProtoFile {
    var parser = Parser(tokens: try wiregen.tokens(of: source), file: ProtoFile(name: name))
    try parser.parseFile()
    return parser.file
  }

  private init(tokens: [Token], file: ProtoFile) {
    self.tokens = tokens
    self.file = file
  }

  // MARK: Tokens

  private var line: Int { position < tokens.count ? tokens[position].line : (tokens.last?.line ?? 0) }
  /// The comment behind the token taken last.
  private var remark: String { tokens[position - 1].remark }

  private func failure(_ text: String) -> SchemaError { SchemaError(line: line, text: text) }

  private mutating func take() throws(SchemaError) -> String {
    guard position < tokens.count else { throw failure("unexpected end") }
    position += 1
    return tokens[position - 1].text
  }

  private mutating func take(_ text: String) throws(SchemaError) {
    let found = try take()
    guard found == text else { throw failure("expected \(text), found \(found)") }
  }

  private mutating func takes(_ text: String) -> Bool {
    guard position < tokens.count, tokens[position].text == text else { return false }
    position += 1
    return true
  }

  private func directive(_ name: String) -> String? {
    guard remark.hasPrefix(name + ":") else { return nil }
    return String(remark.dropFirst(name.count + 1).drop { $0 == " " })
  }

  // MARK: Declarations

  private mutating func parseFile() throws(SchemaError) {
    while position < tokens.count {
      switch try take() {
      case "syntax":
        try take("=")
        file.isProto3 = try take() == "\"proto3"
        try take(";")
      case "package":
        file.package = try take()
        try take(";")
        file.hasJSON = remark == "swift-json"
      case "import":
        _ = try take()
        try take(";")
      case "message": file.messages.append(try parseMessage())
      case "enum": file.enums.append(try parseEnum(inside: nil))
      case "service": file.services.append(try parseService())
      case let other: throw failure("unexpected \(other)")
      }
    }
  }

  private mutating func parseMessage() throws(SchemaError) -> ProtoMessage {
    let name = try take()
    try take("{")
    var message = ProtoMessage(
      name: name, package: file.package, swiftName: directive("swift") ?? name, isProto3: file.isProto3)
    while !takes("}") {
      if takes("enum") {
        message.enums.append(try parseEnum(inside: message))
      } else if takes("oneof") {
        let oneof = try take()
        message.oneofs.append(oneof)
        try take("{")
        while !takes("}") {
          var field = try parseField()
          field.oneof = oneof
          message.fields.append(field)
        }
      } else {
        message.fields.append(try parseField())
      }
    }
    return message
  }

  private mutating func parseField() throws(SchemaError) -> ProtoField {
    let isRepeated = takes("repeated")
    if !isRepeated && !file.isProto3 { _ = takes("optional") }
    let type = fieldType(try take())
    let name = try take()
    try take("=")
    guard let number = UInt32(try take()) else { throw failure("field \(name) has no number") }
    try take(";")
    return ProtoField(
      name: name, number: number, type: type, isRepeated: isRepeated,
      isOptional: remark == "swift-optional", isIndirect: remark == "swift-indirect",
      isWireOnly: remark == "swift-wire-only")
  }

  private func fieldType(_ name: String) -> FieldType {
    switch name {
    case "int64": .int64
    case "uint64": .uint64
    case "uint32": .uint32
    case "int32": .int32
    case "bool": .bool
    case "string": .string
    case "bytes": .bytes
    default: .named(name)
    }
  }

  private mutating func parseEnum(inside message: ProtoMessage?) throws(SchemaError) -> ProtoEnum {
    let name = try take()
    try take("{")
    let swiftName = directive("swift") ?? name
    var result = ProtoEnum(
      name: name, fullName: (message.map { $0.fullName } ?? file.package) + "." + name, swiftName: swiftName,
      swiftPath: (message.map { $0.swiftName + "." } ?? "") + swiftName, prefix: directive("swift-prefix") ?? ""
    )
    while !takes("}") {
      let label = try take()
      try take("=")
      guard let number = Int32(try take()) else { throw failure("value \(label) has no number") }
      try take(";")
      result.cases.append((label, number))
    }
    return result
  }

  private mutating func parseService() throws(SchemaError) -> ProtoService {
    var service = ProtoService(name: try take(), package: file.package)
    try take("{")
    while !takes("}") {
      try take("rpc")
      var method = ProtoMethod(name: try take(), request: "", response: "")
      try take("(")
      method.streamsRequests = takes("stream")
      method.request = try take()
      try take(")")
      try take("returns")
      try take("(")
      method.streamsResponses = takes("stream")
      method.response = try take()
      try take(")")
      try take(";")
      method.paths = (directive("post") ?? "").split(separator: " ").map(String.init)
      service.methods.append(method)
    }
    return service
  }
}

extension Schema {
  init(files: [ProtoFile]) throws(SchemaError) {
    self.files = files
    for file in files {
      for item in file.enums { enums[item.fullName] = item }
      for message in file.messages {
        messages[message.fullName] = message
        for item in message.enums { enums[item.fullName] = item }
      }
    }
    for f in files.indices {
      for m in files[f].messages.indices {
        let message = files[f].messages[m]
        for i in message.fields.indices {
          self.files[f].messages[m].fields[i].type = try resolve(message.fields[i].type, in: message)
        }
      }
    }
  }

  /// The type behind a name, looked for in the message, in its package, and as a full name.
  private func resolve(_ type: FieldType, in message: ProtoMessage) throws(SchemaError) -> FieldType {
    guard case .named(let name) = type else { return type }
    for candidate in [message.fullName + "." + name, message.package + "." + name, name] {
      if messages[candidate] != nil { return .message(candidate) }
      if enums[candidate] != nil { return .enumeration(candidate) }
    }
    throw SchemaError(line: 0, text: "no type \(name) for \(message.fullName)")
  }
}
