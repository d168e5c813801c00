import Base
import Testing
import Wire

@testable import Machine

@Suite struct V2TranscriptTests {
  private struct Call {
    var method: String
    var path: String
    var parameters: [String: String] = [:]

    init(_ line: Substring) {
      let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      method = String(parts[0])
      path = String(parts[1])
      for pair in parts[2].split(separator: "\t") {
        let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        parameters[String(halves[0])] = String(halves[1])
      }
    }

    func flag(_ name: String) -> Bool { parameters[name] == "true" }

    var request: V2Request {
      V2Request(
        method: method == "GET" ? "QGET" : method, path: path == "/" ? "/1" : "/1" + path,
        val: parameters["value"] ?? "", dir: flag("dir"), prevValue: parameters["prevValue"] ?? "",
        prevIndex: UInt64(parameters["prevIndex"] ?? "0") ?? 0,
        prevExist: parameters["prevExist"].map { $0 == "true" }, recursive: flag("recursive"),
        sorted: flag("sorted"))
    }
  }

  /// Clients do not see the prefix of users' keys.
  private func trimmed(_ node: V2NodeView) -> V2NodeView {
    var node = node
    node.key = String(node.key.dropFirst(2))
    node.nodes = node.nodes.map(trimmed)
    return node
  }

  private func body(_ outcome: V2Outcome) -> String {
    switch outcome {
    case .event(var event):
      event.node = trimmed(event.node)
      event.previous = event.previous.map(trimmed)
      var writer = JSONWriter()
      event.write(to: &writer)
      return String(utf8: writer.bytes)
    case .failure(var error):
      if error.cause.hasPrefix("/1") { error.cause = String(error.cause.dropFirst(2)) }
      return String(utf8: error.json)
    case .done, .unknownMethod: return "\(outcome)"
    }
  }

  @Test func everyRequestIsAnsweredAsGoAnsweredIt() throws {
    let store = V2Store()
    for name in 1...3 { _ = try store.create("/0/\(name)") }
    let applier = V2Applier(store: store, roster: nil)
    let lines = V2Transcript.text.split(separator: "\n")
    for place in stride(from: 0, to: lines.count, by: 2) {
      let answer = body(applier.apply(Call(lines[place]).request))
      #expect(answer == String(lines[place + 1]), "\(lines[place])")
    }
    // What was built also survives a snapshot.
    let copy = V2Store()
    try copy.recover(store.save())
    #expect(copy.save() == store.save())
  }
}
