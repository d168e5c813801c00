// wiregen: writes the Swift of our `.proto` files.
//
//   wiregen [--check] [<protos> <out>]
//
// `--check` writes nothing and fails when the files in <out> are not what would be written.

let arguments = CommandLine.arguments.dropFirst()
let folders = arguments.filter { !$0.hasPrefix("--") }
let protos = folders.first ?? "Sources/Common/Wire/Protos"
let out = folders.dropFirst().first ?? "Sources/Common/Wire/Generated"

func run() throws -> Int32 {
  var files: [ProtoFile] = []
  for name in try list(protos).filter({ $0.hasSuffix(".proto") }) {
    do {
      let source = try read("\(protos)/\(name)")
      files.append(try Parser.parse(name: String(name.dropLast(6)), source: source))
    } catch let error as SchemaError {
      report("\(protos)/\(name):\(error.line): \(error.text)")
      return 1
    }
  }
  let generated = Generator(schema: try Schema(files: files)).files()
  if arguments.contains("--check") { return try check(generated) }
  for file in generated { try write(file.content, to: "\(out)/\(file.name)") }
  return 0
}

func check(_ generated: [(name: String, content: String)]) throws -> Int32 {
  var stale = try list(out).filter { name in !generated.contains { $0.name == name } }
  for file in generated where (try? read("\(out)/\(file.name)")) != file.content { stale.append(file.name) }
  for name in stale { report("\(out)/\(name) is not what wiregen writes") }
  return stale.isEmpty ? 0 : 1
}

do {
  quit(try run())
} catch {
  report("\(error)")
  quit(1)
}
