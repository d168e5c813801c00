// Written by wiregen from raft.proto. Do not edit.
// swift-format-ignore-file

import Base

package enum EntryType: WireEnum {
  case normal, confChange, confChangeV2
  /// A number without a name here, kept as it came.
  case unrecognized(Int32)

  package init(rawValue: Int32) {
    switch rawValue {
    case 0: self = .normal
    case 1: self = .confChange
    case 2: self = .confChangeV2
    default: self = .unrecognized(rawValue)
    }
  }

  package var rawValue: Int32 {
    switch self {
    case .normal: 0
    case .confChange: 1
    case .confChangeV2: 2
    case .unrecognized(let number): number
    }
  }
}

package enum MessageType: WireEnum {
  case hup, beat, prop, app, appResp, vote, voteResp, snap, heartbeat, heartbeatResp, unreachable, snapStatus, checkQuorum, transferLeader, timeoutNow, readIndex, readIndexResp, preVote, preVoteResp
  /// A number without a name here, kept as it came.
  case unrecognized(Int32)

  package init(rawValue: Int32) {
    switch rawValue {
    case 0: self = .hup
    case 1: self = .beat
    case 2: self = .prop
    case 3: self = .app
    case 4: self = .appResp
    case 5: self = .vote
    case 6: self = .voteResp
    case 7: self = .snap
    case 8: self = .heartbeat
    case 9: self = .heartbeatResp
    case 10: self = .unreachable
    case 11: self = .snapStatus
    case 12: self = .checkQuorum
    case 13: self = .transferLeader
    case 14: self = .timeoutNow
    case 15: self = .readIndex
    case 16: self = .readIndexResp
    case 17: self = .preVote
    case 18: self = .preVoteResp
    default: self = .unrecognized(rawValue)
    }
  }

  package var rawValue: Int32 {
    switch self {
    case .hup: 0
    case .beat: 1
    case .prop: 2
    case .app: 3
    case .appResp: 4
    case .vote: 5
    case .voteResp: 6
    case .snap: 7
    case .heartbeat: 8
    case .heartbeatResp: 9
    case .unreachable: 10
    case .snapStatus: 11
    case .checkQuorum: 12
    case .transferLeader: 13
    case .timeoutNow: 14
    case .readIndex: 15
    case .readIndexResp: 16
    case .preVote: 17
    case .preVoteResp: 18
    case .unrecognized(let number): number
    }
  }
}

package enum ConfChangeTransition: WireEnum {
  case auto, jointImplicit, jointExplicit
  /// A number without a name here, kept as it came.
  case unrecognized(Int32)

  package init(rawValue: Int32) {
    switch rawValue {
    case 0: self = .auto
    case 1: self = .jointImplicit
    case 2: self = .jointExplicit
    default: self = .unrecognized(rawValue)
    }
  }

  package var rawValue: Int32 {
    switch self {
    case .auto: 0
    case .jointImplicit: 1
    case .jointExplicit: 2
    case .unrecognized(let number): number
    }
  }
}

package enum ConfChangeType: WireEnum {
  case addNode, removeNode, updateNode, addLearnerNode
  /// A number without a name here, kept as it came.
  case unrecognized(Int32)

  package init(rawValue: Int32) {
    switch rawValue {
    case 0: self = .addNode
    case 1: self = .removeNode
    case 2: self = .updateNode
    case 3: self = .addLearnerNode
    default: self = .unrecognized(rawValue)
    }
  }

  package var rawValue: Int32 {
    switch self {
    case .addNode: 0
    case .removeNode: 1
    case .updateNode: 2
    case .addLearnerNode: 3
    case .unrecognized(let number): number
    }
  }
}

package struct Entry: WireMessage {
  package var type: EntryType = .normal
  package var term: UInt64 = 0
  package var index: UInt64 = 0
  package var data: Bytes? = nil

  package init() {}
  package init(
    type: EntryType = .normal,
    term: UInt64 = 0,
    index: UInt64 = 0,
    data: Bytes? = nil
  ) {
    self.type = type
    self.term = term
    self.index = index
    self.data = data
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(type.rawValue)
    size += 1 + WireSize.varint(term)
    size += 1 + WireSize.varint(index)
    if let value = data { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(bitPattern: Int64(type.rawValue)))
    writer.byte(16)
    writer.varint(term)
    writer.byte(24)
    writer.varint(index)
    if let value = data {
      writer.byte(34)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: type = try reader.enumeration()
      case 16: term = try reader.varint()
      case 24: index = try reader.varint()
      case 34: data = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct SnapshotMetadata: WireMessage {
  package var confState: ConfState = ConfState()
  package var index: UInt64 = 0
  package var term: UInt64 = 0

  package init() {}
  package init(
    confState: ConfState = ConfState(),
    index: UInt64 = 0,
    term: UInt64 = 0
  ) {
    self.confState = confState
    self.index = index
    self.term = term
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.delimited(confState.encodedSize)
    size += 1 + WireSize.varint(index)
    size += 1 + WireSize.varint(term)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(10)
    writer.message(confState)
    writer.byte(16)
    writer.varint(index)
    writer.byte(24)
    writer.varint(term)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&confState)
      case 16: index = try reader.varint()
      case 24: term = try reader.varint()
      default:
        switch tag >> 3 {
        case 1...3: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct RaftSnapshot: WireMessage {
  package var data: Bytes? = nil
  package var metadata: SnapshotMetadata = SnapshotMetadata()

  package init() {}
  package init(
    data: Bytes? = nil,
    metadata: SnapshotMetadata = SnapshotMetadata()
  ) {
    self.data = data
    self.metadata = metadata
  }

  package var encodedSize: Int {
    var size = 0
    if let value = data { size += 1 + WireSize.delimited(value.count) }
    size += 1 + WireSize.delimited(metadata.encodedSize)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = data {
      writer.byte(10)
      writer.bytes(value)
    }
    writer.byte(18)
    writer.message(metadata)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: data = try reader.bytes()
      case 18: try reader.message(&metadata)
      default:
        switch tag >> 3 {
        case 1...2: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct RaftMessage: WireMessage {
  package var type: MessageType = .hup
  package var to: UInt64 = 0
  package var from: UInt64 = 0
  package var term: UInt64 = 0
  package var logTerm: UInt64 = 0
  package var index: UInt64 = 0
  package var entries: [Entry] = []
  package var commit: UInt64 = 0
  package var snapshot: RaftSnapshot = RaftSnapshot()
  package var reject: Bool = false
  package var rejectHint: UInt64 = 0
  package var context: Bytes? = nil

  package init() {}
  package init(
    type: MessageType = .hup,
    to: UInt64 = 0,
    from: UInt64 = 0,
    term: UInt64 = 0,
    logTerm: UInt64 = 0,
    index: UInt64 = 0,
    entries: [Entry] = [],
    commit: UInt64 = 0,
    snapshot: RaftSnapshot = RaftSnapshot(),
    reject: Bool = false,
    rejectHint: UInt64 = 0,
    context: Bytes? = nil
  ) {
    self.type = type
    self.to = to
    self.from = from
    self.term = term
    self.logTerm = logTerm
    self.index = index
    self.entries = entries
    self.commit = commit
    self.snapshot = snapshot
    self.reject = reject
    self.rejectHint = rejectHint
    self.context = context
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(type.rawValue)
    size += 1 + WireSize.varint(to)
    size += 1 + WireSize.varint(from)
    size += 1 + WireSize.varint(term)
    size += 1 + WireSize.varint(logTerm)
    size += 1 + WireSize.varint(index)
    size += WireSize.messages(entries, tagSize: 1)
    size += 1 + WireSize.varint(commit)
    size += 1 + WireSize.delimited(snapshot.encodedSize)
    size += 1 + 1
    size += 1 + WireSize.varint(rejectHint)
    if let value = context { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(bitPattern: Int64(type.rawValue)))
    writer.byte(16)
    writer.varint(to)
    writer.byte(24)
    writer.varint(from)
    writer.byte(32)
    writer.varint(term)
    writer.byte(40)
    writer.varint(logTerm)
    writer.byte(48)
    writer.varint(index)
    writer.messages(58, entries)
    writer.byte(64)
    writer.varint(commit)
    writer.byte(74)
    writer.message(snapshot)
    writer.byte(80)
    writer.bool(reject)
    writer.byte(88)
    writer.varint(rejectHint)
    if let value = context {
      writer.byte(98)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: type = try reader.enumeration()
      case 16: to = try reader.varint()
      case 24: from = try reader.varint()
      case 32: term = try reader.varint()
      case 40: logTerm = try reader.varint()
      case 48: index = try reader.varint()
      case 58: try reader.message(&entries)
      case 64: commit = try reader.varint()
      case 74: try reader.message(&snapshot)
      case 80: reject = try reader.bool()
      case 88: rejectHint = try reader.varint()
      case 98: context = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...12: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct HardState: WireMessage {
  package var term: UInt64 = 0
  package var vote: UInt64 = 0
  package var commit: UInt64 = 0

  package init() {}
  package init(
    term: UInt64 = 0,
    vote: UInt64 = 0,
    commit: UInt64 = 0
  ) {
    self.term = term
    self.vote = vote
    self.commit = commit
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(term)
    size += 1 + WireSize.varint(vote)
    size += 1 + WireSize.varint(commit)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(term)
    writer.byte(16)
    writer.varint(vote)
    writer.byte(24)
    writer.varint(commit)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: term = try reader.varint()
      case 16: vote = try reader.varint()
      case 24: commit = try reader.varint()
      default:
        switch tag >> 3 {
        case 1...3: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct ConfState: WireMessage {
  package var voters: [UInt64] = []
  package var learners: [UInt64] = []
  package var votersOutgoing: [UInt64] = []
  package var learnersNext: [UInt64] = []
  package var autoLeave: Bool = false

  package init() {}
  package init(
    voters: [UInt64] = [],
    learners: [UInt64] = [],
    votersOutgoing: [UInt64] = [],
    learnersNext: [UInt64] = [],
    autoLeave: Bool = false
  ) {
    self.voters = voters
    self.learners = learners
    self.votersOutgoing = votersOutgoing
    self.learnersNext = learnersNext
    self.autoLeave = autoLeave
  }

  package var encodedSize: Int {
    var size = 0
    for value in voters { size += 1 + WireSize.varint(value) }
    for value in learners { size += 1 + WireSize.varint(value) }
    for value in votersOutgoing { size += 1 + WireSize.varint(value) }
    for value in learnersNext { size += 1 + WireSize.varint(value) }
    size += 1 + 1
    return size
  }

  package func encode(to writer: inout WireWriter) {
    for value in voters {
      writer.byte(8)
      writer.varint(value)
    }
    for value in learners {
      writer.byte(16)
      writer.varint(value)
    }
    for value in votersOutgoing {
      writer.byte(24)
      writer.varint(value)
    }
    for value in learnersNext {
      writer.byte(32)
      writer.varint(value)
    }
    writer.byte(40)
    writer.bool(autoLeave)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: voters.append(try reader.varint())
      case 10: try reader.packed(&voters) { reader throws(DecodeError) in try reader.varint() }
      case 16: learners.append(try reader.varint())
      case 18: try reader.packed(&learners) { reader throws(DecodeError) in try reader.varint() }
      case 24: votersOutgoing.append(try reader.varint())
      case 26: try reader.packed(&votersOutgoing) { reader throws(DecodeError) in try reader.varint() }
      case 32: learnersNext.append(try reader.varint())
      case 34: try reader.packed(&learnersNext) { reader throws(DecodeError) in try reader.varint() }
      case 40: autoLeave = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...5: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct ConfChange: WireMessage {
  package var id: UInt64 = 0
  package var type: ConfChangeType = .addNode
  package var nodeID: UInt64 = 0
  package var context: Bytes? = nil

  package init() {}
  package init(
    id: UInt64 = 0,
    type: ConfChangeType = .addNode,
    nodeID: UInt64 = 0,
    context: Bytes? = nil
  ) {
    self.id = id
    self.type = type
    self.nodeID = nodeID
    self.context = context
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(id)
    size += 1 + WireSize.varint(type.rawValue)
    size += 1 + WireSize.varint(nodeID)
    if let value = context { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(id)
    writer.byte(16)
    writer.varint(UInt64(bitPattern: Int64(type.rawValue)))
    writer.byte(24)
    writer.varint(nodeID)
    if let value = context {
      writer.byte(34)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 16: type = try reader.enumeration()
      case 24: nodeID = try reader.varint()
      case 34: context = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct ConfChangeSingle: WireMessage {
  package var type: ConfChangeType = .addNode
  package var nodeID: UInt64 = 0

  package init() {}
  package init(
    type: ConfChangeType = .addNode,
    nodeID: UInt64 = 0
  ) {
    self.type = type
    self.nodeID = nodeID
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(type.rawValue)
    size += 1 + WireSize.varint(nodeID)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(bitPattern: Int64(type.rawValue)))
    writer.byte(16)
    writer.varint(nodeID)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: type = try reader.enumeration()
      case 16: nodeID = try reader.varint()
      default:
        switch tag >> 3 {
        case 1...2: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct ConfChangeV2: WireMessage {
  package var transition: ConfChangeTransition = .auto
  package var changes: [ConfChangeSingle] = []
  package var context: Bytes? = nil

  package init() {}
  package init(
    transition: ConfChangeTransition = .auto,
    changes: [ConfChangeSingle] = [],
    context: Bytes? = nil
  ) {
    self.transition = transition
    self.changes = changes
    self.context = context
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(transition.rawValue)
    size += WireSize.messages(changes, tagSize: 1)
    if let value = context { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(bitPattern: Int64(transition.rawValue)))
    writer.messages(18, changes)
    if let value = context {
      writer.byte(26)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: transition = try reader.enumeration()
      case 18: try reader.message(&changes)
      case 26: context = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...3: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}
