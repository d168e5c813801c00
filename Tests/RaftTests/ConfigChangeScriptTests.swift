import Golden
import Testing
import Wire

@testable import Raft

@Suite struct ConfigChangeScriptTests {
  @Test(
    "The Go core's scripts about changes of members hold here, unchanged",
    arguments: GoScripts.paths(in: "confchange/testdata"))
  func script(path: String) {
    var tracker = Tracker(inflightMessages: 10)
    var lastIndex: UInt64 = 0
    GoScripts.run(path) { step in
      defer { lastIndex += 1 }
      let changer = Changer(tracker, lastIndex: lastIndex)
      do {
        let changes = try ScriptedChange.parse(step.input)
        switch step.command {
        case "simple": (tracker.membership, tracker.members) = try changer.simple(changes)
        case "enter-joint":
          let leaves = step["autoleave"] == ["true"]
          (tracker.membership, tracker.members) =
            try changer.enterJoint(leavesByItself: leaves, changes)
        case "leave-joint":
          if !changes.isEmpty { return "this command takes no input" }
          (tracker.membership, tracker.members) = try changer.leaveJoint()
        default: return "unknown command"
        }
      } catch {
        return "\(error)"
      }
      return "\(tracker.membership.described)\n"
        + tracker.members.map { "\($0.id): \($0)\n" }.joined()
    }
  }

  @Test("A stored state of members is rebuilt, joint or not")
  func restore() throws {
    let states = [
      ConfState(voters: [1, 2, 3]),
      ConfState(voters: [1, 2, 3], learners: [4, 5]),
      ConfState(voters: [1, 2, 3], learners: [5], votersOutgoing: [1, 2, 4, 6], learnersNext: [4]),
      ConfState(voters: [2], votersOutgoing: [1], autoLeave: true),
      ConfState(voters: [1, 2, 3], votersOutgoing: [1, 2, 3]),
      ConfState(),
    ]
    for state in states {
      let outcome = try Changer.restore(state, inflightMessages: 10, lastIndex: 20)
      #expect(outcome.membership.confState.isEquivalent(to: state))
    }
  }
}

/// Changes as the Go scripts write them: `v1 l2 r3 u4`.
enum ScriptedChange {
  static func parse(_ text: String) throws(ConfigChangeError) -> [ConfChangeSingle] {
    var changes: [ConfChangeSingle] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      guard word.count >= 2, let id = UInt64(word.dropFirst()) else {
        throw ConfigChangeError("unknown token \(word)")
      }
      let type: ConfChangeType
      switch word.first {
      case "v": type = .addNode
      case "l": type = .addLearnerNode
      case "r": type = .removeNode
      case "u": type = .updateNode
      default: throw ConfigChangeError("unknown input: \(word)")
      }
      changes.append(ConfChangeSingle(type: type, nodeID: id))
    }
    return changes
  }
}
