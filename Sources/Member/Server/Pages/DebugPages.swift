import Base
import CShim
import Doors
import Glibc
import HTTP
import Machine
import Raft
import Wire

/// What developers ask a running member: `/debug/vars`, and with `--debug` `/debug/requests` and `/debug/events`.
struct DebugPages {
  unowned let member: Member

  // MARK: Variables

  /// As etcd 3.4: etcdserver/api/etcdhttp/base.go, serveVars. `memstats` has the fields of Go's that have a meaning here.
  func variables(_ request: PageRequest) {
    var json = JSONWriter(escapesHTML: false)
    json.raw("{\n\"cmdline\": ")
    json.value(.array(CommandLine.arguments.map { .string($0) }))
    json.raw(",\n\"file_descriptor_limit\": \(ProcessFacts.descriptorLimit)")
    json.raw(",\n\"memstats\": ")
    json.value(memory)
    json.raw(",\n\"raft.status\": ")
    json.value(raftStatus)
    json.raw("\n}\n")
    request.exchange.respond(200, ["content-type": "application/json; charset=utf-8"], body: json.bytes)
  }

  private var memory: JSONValue {
    let heap = cshim_heap()
    let figures: [(String, Int)] = [
      ("Alloc", heap.used), ("Sys", heap.arenas + heap.mapped), ("HeapAlloc", heap.used),
      ("HeapSys", heap.arenas + heap.mapped), ("HeapIdle", heap.free), ("HeapInuse", heap.used),
    ]
    return .object(figures.map { .init($0.0, .integer($0.1)) })
  }

  /// As etcd 3.4: raft/status.go, MarshalJSON.
  private var raftStatus: JSONValue {
    let node = member.node
    let state = node.hardState
    func id(_ id: UInt64) -> JSONValue { .string(String(id, radix: 16)) }
    let progress = node.progress.map { member in
      JSONValue.Member(
        String(member.id, radix: 16),
        .object([
          .init("match", .integer(member.match)), .init("next", .integer(member.next)),
          .init("state", .string(Self.name(member.state))),
        ]))
    }
    return .object([
      .init("id", id(node.id)), .init("term", .integer(state.term)), .init("vote", id(state.vote)),
      .init("commit", .integer(state.commit)), .init("lead", id(node.lead)),
      .init("raftState", .string(node.softState.role.name)), .init("applied", .integer(node.appliedIndex)),
      .init("progress", .object(progress)), .init("leadtransferee", id(node.leadTransferee)),
    ])
  }

  private static func name(_ state: Progress.State) -> String {
    switch state {
    case .probe: "StateProbe"
    case .replicate: "StateReplicate"
    case .snapshot: "StateSnapshot"
    }
  }

  // MARK: Requests

  /// Go lists traces of single requests; we keep none, so it is what is open, by method, and what waits inside.
  func requests(_ request: PageRequest) {
    var text = "Requests that are open, by method (and those that have ended):\n\n"
    for (method, line) in zip(Wire.Method.all, member.metrics.calls.lines) where line.started > 0 {
      let ended = line.handled.reduce(0, +)
      text += "\(method.service)/\(method.name) \(line.started &- ended) (\(ended))\n"
    }
    text += """

      proposals that wait to be applied: \(member.proposals.count)
      reads that wait for their index: \(member.reads.gathering.count + member.reads.asked.count)
      hashes under way: \(member.hashes.count)
      watch streams: \(member.machine.hub.counters.streams)

      """
    PlainText.page(request.exchange, text)
  }

  func events(_ request: PageRequest) {
    PlainText.page(
      request.exchange,
      "No events are kept in memory here: what etcd's event page tells is in the log, at --log-level=debug.\n")
  }
}
