import Golden
import Testing

@testable import Raft

@Suite struct QuorumScriptTests {
  @Test(
    "The Go core's scripts about quorums hold here, unchanged",
    arguments: GoScripts.paths(in: "quorum/testdata"))
  func script(path: String) {
    GoScripts.run(path) { step in
      let joint = step["cfgj"] != nil
      let ids = (step["cfg"] ?? []).compactMap { UInt64($0) }
      let outgoing = (step["cfgj"] ?? []).compactMap { UInt64($0) }
      let given = step[step.command == "vote" ? "votes" : "idx"] ?? []
      // Values belong to the voters in order of appearance; "_" stands for silence.
      var values: [UInt64: String] = [:]
      var next = 0
      for id in ids + outgoing where values[id] == nil && next < given.count {
        values[id] = given[next]
        next += 1
      }
      let quorum = JointQuorum(incoming: Majority(ids), outgoing: Majority(outgoing))
      if quorum.ids.count != given.count {
        let shown = given.map { ["_": "0", "n": "1", "y": "2"][$0] ?? $0 }
        return "error: mismatched input (explicit or _) for voters "
          + "map[\(quorum.ids.map { "\($0):{}" }.joined(separator: " "))]: "
          + "[\(shown.joined(separator: " "))]"
      }
      values = values.filter { $0.value != "_" }
      if step.command == "vote" {
        return name(quorum.result { id in values[id].map { $0 == "y" } })
      }
      let acknowledged = values.compactMapValues { UInt64($0) }
      return committed(quorum, joint: joint, acknowledged)
    }
  }

  private func committed(
    _ quorum: JointQuorum, joint: Bool, _ acknowledged: [UInt64: UInt64]
  ) -> String {
    let index = quorum.committedIndex { acknowledged[$0] }
    let half = quorum.incoming
    if joint {
      let mirrored = JointQuorum(incoming: quorum.outgoing, outgoing: half)
      #expect(mirrored.committedIndex { acknowledged[$0] } == index)
    } else {
      #expect(JointQuorum(incoming: half, outgoing: half).committedIndex { acknowledged[$0] } == index)
      for (id, own) in acknowledged where index > own {
        var lower = acknowledged
        lower[id] = own - 1
        #expect(half.committedIndex { lower[$0] } == index, "lowering one below the commit index")
      }
    }
    return describe(quorum.ids, acknowledged) + (index == .max ? "∞" : "\(index)")
  }

  private func name(_ result: VoteResult) -> String {
    switch result {
    case .won: "VoteWon"
    case .lost: "VoteLost"
    case .pending: "VotePending"
    }
  }

  /// The bars of the Go scripts: the i-th smallest index has i crosses, equal ones equally many.
  private func describe(_ ids: [UInt64], _ acknowledged: [UInt64: UInt64]) -> String {
    if ids.isEmpty { return "<empty majority quorum>" }
    let rising = ids.sorted { (acknowledged[$0] ?? 0, $0) < (acknowledged[$1] ?? 0, $1) }
    var bars: [UInt64: Int] = [:]
    for (i, id) in rising.enumerated() where i > 0 {
      if (acknowledged[rising[i - 1]] ?? 0) < (acknowledged[id] ?? 0) { bars[id] = i }
    }
    var text = String(repeating: " ", count: ids.count) + "    idx\n"
    for id in ids {
      let bar = bars[id] ?? 0
      if let index = acknowledged[id] {
        text += String(repeating: "x", count: bar) + ">" + String(repeating: " ", count: ids.count - bar)
        text += " \(padded(index))    (id=\(id))\n"
      } else {
        text += "?" + String(repeating: " ", count: ids.count) + " \(padded(0))    (id=\(id))\n"
      }
    }
    return text
  }

  private func padded(_ index: UInt64) -> String {
    let digits = "\(index)"
    return String(repeating: " ", count: max(0, 5 - digits.count)) + digits
  }
}
