import Base
import Wire

// Stable text for logs and transcripts, letter for letter as Go's raft writes it (raft/util.go and the
// formatting of Go values), so that its scripts and an operator's searches keep working.

extension UInt64 {
  /// Lower-case hex, as ids are written.
  var hex: String { String(self, radix: 16) }
}

extension Role {
  package var name: String {
    switch self {
    case .follower: "StateFollower"
    case .candidate: "StateCandidate"
    case .leader: "StateLeader"
    case .preCandidate: "StatePreCandidate"
    }
  }
}

extension MessageType {
  package var name: String {
    switch self {
    case .hup: "MsgHup"
    case .beat: "MsgBeat"
    case .prop: "MsgProp"
    case .app: "MsgApp"
    case .appResp: "MsgAppResp"
    case .vote: "MsgVote"
    case .voteResp: "MsgVoteResp"
    case .snap: "MsgSnap"
    case .heartbeat: "MsgHeartbeat"
    case .heartbeatResp: "MsgHeartbeatResp"
    case .unreachable: "MsgUnreachable"
    case .snapStatus: "MsgSnapStatus"
    case .checkQuorum: "MsgCheckQuorum"
    case .transferLeader: "MsgTransferLeader"
    case .timeoutNow: "MsgTimeoutNow"
    case .readIndex: "MsgReadIndex"
    case .readIndexResp: "MsgReadIndexResp"
    case .preVote: "MsgPreVote"
    case .preVoteResp: "MsgPreVoteResp"
    case .unrecognized(let number): "\(number)"
    }
  }

  /// What a member only says to itself.
  package var isLocal: Bool {
    switch self {
    case .hup, .beat, .unreachable, .snapStatus, .checkQuorum: true
    default: false
    }
  }

  package var isResponse: Bool {
    switch self {
    case .appResp, .voteResp, .heartbeatResp, .unreachable, .preVoteResp: true
    default: false
    }
  }

  /// The answer to a request for a vote.
  var voteResponse: MessageType { self == .preVote ? .preVoteResp : .voteResp }
}

extension EntryType {
  package var name: String {
    switch self {
    case .normal: "EntryNormal"
    case .confChange: "EntryConfChange"
    case .confChangeV2: "EntryConfChangeV2"
    case .unrecognized(let number): "\(number)"
    }
  }
}

extension ConfChangeType {
  fileprivate var name: String {
    switch self {
    case .addNode: "ConfChangeAddNode"
    case .removeNode: "ConfChangeRemoveNode"
    case .updateNode: "ConfChangeUpdateNode"
    case .addLearnerNode: "ConfChangeAddLearnerNode"
    case .unrecognized(let number): "\(number)"
    }
  }

  fileprivate var letter: String {
    switch self {
    case .addNode: "v"
    case .removeNode: "r"
    case .updateNode: "u"
    case .addLearnerNode: "l"
    case .unrecognized: "unknown"
    }
  }
}

extension Majority: CustomStringConvertible {
  package var description: String { "(\(ids.map { "\($0)" }.joined(separator: " ")))" }
}

extension JointQuorum: CustomStringConvertible {
  package var description: String { isJoint ? "\(incoming)&&\(outgoing)" : "\(incoming)" }
}

extension Membership {
  package var described: String {
    var text = "voters=\(voters)"
    if !learners.isEmpty { text += " learners=\(learners)" }
    if !learnersNext.isEmpty { text += " learners_next=\(learnersNext)" }
    if leavesJointByItself { text += " autoleave" }
    return text
  }
}

extension Progress: CustomStringConvertible {
  package var description: String {
    var text: String
    switch state {
    case .probe: text = "StateProbe"
    case .replicate: text = "StateReplicate"
    case .snapshot: text = "StateSnapshot"
    }
    text += " match=\(match) next=\(next)"
    if isLearner { text += " learner" }
    if isPaused { text += " paused" }
    if pendingSnapshot > 0 { text += " pendingSnap=\(pendingSnapshot)" }
    if !isRecentlyActive { text += " inactive" }
    if inflights.count > 0 {
      text += " inflight=\(inflights.count)"
      if inflights.isFull { text += "[full]" }
    }
    return text
  }
}

extension MemberChange {
  /// As Go prints the value.
  var described: String {
    switch self {
    case .single(let change):
      "{\(change.id) \(change.type.name) \(change.nodeID) \(goList(change.context ?? [])) []}"
    case .several(let change):
      "{\(change.transition.name) \(goList(change.changes.map { "{\($0.type.name) \($0.nodeID) []}" })) "
        + "\(goList(change.context ?? [])) []}"
    }
  }
}

extension ConfChangeTransition {
  fileprivate var name: String {
    switch self {
    case .auto: "ConfChangeTransitionAuto"
    case .jointImplicit: "ConfChangeTransitionJointImplicit"
    case .jointExplicit: "ConfChangeTransitionJointExplicit"
    case .unrecognized(let number): "\(number)"
    }
  }
}

extension ConfState {
  package var described: String {
    "Voters:\(goList(voters)) VotersOutgoing:\(goList(votersOutgoing)) Learners:\(goList(learners)) "
      + "LearnersNext:\(goList(learnersNext)) AutoLeave:\(autoLeave)"
  }
  var goValue: String {
    "{\(goList(voters)) \(goList(learners)) \(goList(votersOutgoing)) "
      + "\(goList(learnersNext)) \(autoLeave) []}"
  }
}

/// A Go slice, as `%v` prints it.
private func goList(_ elements: [some CustomStringConvertible]) -> String {
  "[" + elements.map(\.description).joined(separator: " ") + "]"
}

extension RaftSnapshot {
  package var described: String {
    "Index:\(metadata.index) Term:\(metadata.term) ConfState:\(metadata.confState.described)"
  }
}

extension HardState {
  package var described: String {
    "Term:\(term)\(vote != 0 ? " Vote:\(vote)" : "") Commit:\(commit)"
  }
}

extension Entry {
  package var described: String {
    let payload: String
    switch type {
    case .confChange, .confChangeV2:
      if let change = MemberChange(self) {
        payload = change.asV2.changes.map { "\($0.type.letter)\($0.nodeID)" }.joined(separator: " ")
      } else {
        payload = "undecodable"
      }
    default: payload = quoted(data ?? [])
    }
    return "\(term)/\(index) \(type.name)\(payload.isEmpty ? "" : " " + payload)"
  }
}

extension RaftMessage {
  package var described: String {
    var text = "\(from.hex)->\(to.hex) \(type.name) Term:\(term) Log:\(logTerm)/\(index)"
    if reject { text += " Rejected (Hint: \(rejectHint))" }
    if commit != 0 { text += " Commit:\(commit)" }
    if !entries.isEmpty {
      text += " Entries:[\(entries.map(\.described).joined(separator: ", "))]"
    }
    if !snapshot.isEmpty { text += " Snapshot: \(snapshot.described)" }
    return text
  }
}

extension Ready {
  package var described: String {
    var text = ""
    if let state = softState { text += "Lead:\(state.lead) State:\(state.role.name)\n" }
    if let state = hardState { text += "HardState \(state.described)\n" }
    if !readStates.isEmpty {
      text += "ReadStates \(goList(readStates.map { "{\($0.index) \(goList($0.context))}" }))\n"
    }
    if !entries.isEmpty { text += "Entries:\n" + entries.map { $0.described + "\n" }.joined() }
    if let snapshot { text += "Snapshot \(snapshot.described)\n" }
    if !committed.isEmpty {
      text += "CommittedEntries:\n" + committed.map { $0.described + "\n" }.joined()
    }
    if !messages.isEmpty { text += "Messages:\n" + messages.map { $0.described + "\n" }.joined() }
    return text.isEmpty ? "<empty Ready>" : "Ready MustSync=\(mustSync):\n\(text)"
  }
}

/// Bytes in double quotes, with Go's escapes (`%q`) for what is not printable text.
func quoted(_ bytes: Bytes) -> String {
  var text = "\""
  var place = 0
  while place < bytes.count {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes[place...].makeIterator()
    if case .valid(let encoded) = parser.parseScalar(from: &rest) {
      text += escaped(Unicode.UTF8.decode(encoded))
      place += encoded.count
    } else {
      text += "\\x" + Base.hex([bytes[place]])
      place += 1
    }
  }
  return text + "\""
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\"": "\\\""
  case "\\": "\\\\"
  case "\u{7}": "\\a"
  case "\u{8}": "\\b"
  case "\u{c}": "\\f"
  case "\n": "\\n"
  case "\r": "\\r"
  case "\t": "\\t"
  case "\u{b}": "\\v"
  case "\u{0}"..."\u{1f}", "\u{7f}": "\\x" + Base.hex([UInt8(scalar.value)])
  default: String(Character(scalar))
  }
}
