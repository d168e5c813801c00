import Base
import Wire

/// Reads that wait for a quorum to confirm the leader, oldest first.
struct PendingReads {
  struct Waiting {
    let request: RaftMessage
    /// The commit index when the request came: what the reader must have applied.
    let index: UInt64
    /// The number its heartbeats carried.
    let number: UInt64
    var confirmed: [UInt64]
  }

  private(set) var waiting: [Waiting] = []
  /// Reads that came before the leader had committed an entry of its term.
  private(set) var early: [RaftMessage] = []
  /// Never reset: an answer to an earlier round can then never pass for one to a later.
  private var lastNumber: UInt64 = 0

  var count: Int { waiting.count + early.count }

  /// What heartbeats carry so that their answers confirm the newest read, and with it all older ones.
  var newestContext: Bytes? { waiting.last.map { Self.context($0.number) } }

  mutating func hold(_ request: RaftMessage) { early.append(request) }
  mutating func takeEarly() -> [RaftMessage] {
    defer { early = [] }
    return early
  }

  /// Notes a read, and returns the context for its heartbeats.
  mutating func add(_ request: RaftMessage, index: UInt64, confirmedBy id: UInt64) -> Bytes {
    lastNumber += 1
    waiting.append(Waiting(request: request, index: index, number: lastNumber, confirmed: [id]))
    return Self.context(lastNumber)
  }

  /// Notes a confirmation; returns who has confirmed that read so far, or nil if it is no longer waiting.
  mutating func confirm(_ context: Bytes, by id: UInt64) -> (place: Int, by: [UInt64])? {
    guard context.count == 8 else { return nil }
    let number = context.reduce(0) { $0 << 8 | UInt64($1) }
    guard let place = waiting.firstIndex(where: { $0.number == number }) else { return nil }
    if !waiting[place].confirmed.contains(id) { waiting[place].confirmed.append(id) }
    return (place, waiting[place].confirmed)
  }

  /// Takes the read at `place` and all older ones: who still led later also led then.
  mutating func take(through place: Int) -> [Waiting] {
    defer { waiting.removeFirst(place + 1) }
    return Array(waiting[...place])
  }

  mutating func reset() {
    waiting = []
    early = []
  }

  private static func context(_ number: UInt64) -> Bytes {
    withUnsafeBytes(of: number.bigEndian) { Bytes($0) }
  }
}

extension Node {
  /// Asks for an index to read at. The answer comes as a `ReadState` with the same `context`, or never (no
  /// leader, a message lost): the owner asks again after a while, with a new context.
  package mutating func readIndex(_ context: Bytes) throws(RaftError) {
    try receive(RaftMessage(type: .readIndex, entries: [Entry(data: context)]))
  }

  /// Takes a read as leader.
  ///
  /// Unlike 3.4, the heartbeats do not carry the reader's own context but a number of ours. A reader that
  /// repeats a request under the same context could otherwise be answered by late confirmations of the
  /// first time (etcd issue 20418, fixed in 3.4.42 on the reader's side). Followers echo what they get, so
  /// nothing changes for them.
  mutating func leadRead(_ m: RaftMessage) throws(RaftError) {
    guard m.entries.count == 1 else {
      logger(.error, "\(hexID) invalid format of MsgReadIndex from \(m.from.hex)")
      return
    }
    if reads.count >= Limits.raftPendingReads { throw .tooManyReads }
    // Until an entry of its term is committed a leader does not know the commit index of its predecessors.
    // This holds for a lone voter too, whose last entries may still be on their way to the disk.
    if log.term(at: log.committed) != term {
      reads.hold(m)
      return
    }
    answerOrConfirm(m)
  }

  private mutating func answerOrConfirm(_ m: RaftMessage) {
    if isOnlyVoter || config.reads == .leaseBased {
      answerRead(m, index: log.committed)
      return
    }
    let context = reads.add(m, index: log.committed, confirmedBy: id)
    broadcastHeartbeat(context: context)
  }

  /// Takes up the reads that came too early, once an entry of this term is committed.
  mutating func releaseReads() {
    if reads.early.isEmpty { return }
    for request in reads.takeEarly() { answerOrConfirm(request) }
  }

  mutating func readConfirmed(_ m: RaftMessage) {
    guard config.reads == .safe, let context = m.context, !context.isEmpty,
      let (place, confirmed) = reads.confirm(context, by: m.from),
      tracker.membership.voters.result({ confirmed.contains($0) ? true : nil }) == .won
    else { return }
    for read in reads.take(through: place) { answerRead(read.request, index: read.index) }
  }

  private mutating func answerRead(_ request: RaftMessage, index: UInt64) {
    if request.from == 0 || request.from == id {
      readStates.append(ReadState(index: index, context: request.entries[0].data ?? []))
    } else {
      send(
        RaftMessage(type: .readIndexResp, to: request.from, index: index, entries: request.entries))
    }
  }

  /// The leader's answer to a read passed on to it.
  mutating func readAnswered(_ m: RaftMessage) {
    guard m.entries.count == 1 else {
      logger(
        .error,
        "\(hexID) invalid format of MsgReadIndexResp from \(m.from.hex), entries count: \(m.entries.count)")
      return
    }
    readStates.append(ReadState(index: m.index, context: m.entries[0].data ?? []))
  }
}
