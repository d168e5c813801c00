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
}
