/// The generated files of a schema, by name.
struct Generator {
  let schema: Schema

  func files() -> [(name: String, content: String)] {
    var result: [(name: String, content: String)] = []
    for file in schema.files {
      result.append((file.name + ".wire.swift", wire(file)))
      if file.hasJSON { result.append((file.name + ".json.swift", json(file))) }
    }
    result.append(("Methods.swift", methods()))
    result.append(("Methods.json.swift", gateway()))
    return result
  }

  private func wire(_ file: ProtoFile) -> String {
    var text = SourceText.header(of: file.name + ".proto")
    text.line("import Base")
    for item in file.enums {
      text.line()
      EnumEmitter(item: item).emit(into: &text)
    }
    for message in file.messages {
      text.line()
      MessageEmitter(schema: schema, message: message).emit(into: &text)
    }
    return text.text
  }

  private func json(_ file: ProtoFile) -> String {
    var text = SourceText.header(of: file.name + ".proto")
    text.line("import Base")
    for item in file.enums {
      text.line()
      JSONEmitter.emit(item, into: &text)
    }
    for message in file.messages {
      text.line()
      JSONEmitter(schema: schema, message: message).emit(into: &text)
    }
    return text.text
  }

  private func methods() -> String {
    var text = SourceText.header(of: "the services of all files")
    text.block("extension Method") { text in
      text.line("/// Every method of every service; `id` is its index.")
      text.line("package static let all: [Method] = [")
      text.indented { text in
        var id = 0
        for service in schema.files.flatMap(\.services) {
          for method in service.methods {
            emit(method, id: id, of: service, into: &text)
            id += 1
          }
        }
      }
      text.line("]")
    }
    return text.text
  }

  private func emit(_ method: ProtoMethod, id: Int, of service: ProtoService, into text: inout SourceText) {
    let name = service.package + "." + service.name
    let kind =
      switch (method.streamsRequests, method.streamsResponses) {
      case (false, false): "unary"
      case (false, true): "serverStream"
      case (true, false): "clientStream"
      case (true, true): "bidi"
      }
    let paths = method.paths.map { "\"\($0)\"" }.joined(separator: ", ")
    text.line(
      "Method(id: \(id), service: \"\(name)\", name: \"\(method.name)\", kind: .\(kind), gatewayPaths: [\(paths)]),"
    )
  }

  /// What the gateway needs of each method: its request from JSON, its replies to JSON.
  private func gateway() -> String {
    var text = SourceText.header(of: "the services of all files")
    text.line("import Base")
    text.line()
    var methods: [(id: Int, request: String, response: String)] = []
    var id = 0
    for service in schema.files.flatMap(\.services) {
      for method in service.methods {
        let request = swiftName(method.request, in: service), response = swiftName(method.response, in: service)
        if !method.paths.isEmpty { methods.append((id, request, response)) }
        id += 1
      }
    }
    text.block("extension Method") { text in
      text.line(
        "/// The encoded request that a body of the gateway stands for; an empty body is an empty request.")
      let request = "package func request(json: UnsafeRawBufferPointer) throws(JSONMappingError) -> Bytes"
      text.block(request) { text in
        emitSwitch(methods, into: &text) {
          "try \($0.request)(json: json).encoded()"
        } other: {
          "throw JSONMappingError(\"\\(path) is not served by the gateway\")"
        }
      }
      text.line()
      text.line("/// Appends an encoded reply as one JSON object; on an error what was written is void.")
      text.block(
        "package func transcribeReply(_ reply: UnsafeRawBufferPointer, to output: inout ByteWriter) throws(DecodeError)"
      ) { text in
        emitSwitch(methods, into: &text) {
          "try \($0.response).transcribe(reply, to: &output)"
        } other: {
          "break"
        }
      }
    }
    return text.text
  }

  private func emitSwitch(
    _ methods: [(id: Int, request: String, response: String)], into text: inout SourceText,
    _ statement: ((id: Int, request: String, response: String)) -> String, other: () -> String
  ) {
    text.line("switch id {")
    for method in methods { text.line("case \(method.id): \(statement(method))") }
    text.line("default: \(other())")
    text.line("}")
  }

  private func swiftName(_ message: String, in service: ProtoService) -> String {
    let found = schema.messages[service.package + "." + message] ?? schema.messages[message]
    return found?.swiftName ?? message
  }
}
