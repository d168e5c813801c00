import Base
import Testing
import Wire

@testable import Server

/// The state machine of one Lock or Campaign, without a member.
@Suite struct ContenderTests {
  private let name = Bytes("n".utf8)
  private let key = Bytes("n/1f".utf8)

  private func contender(_ kind: Contender.Kind = .lock, lease: Int64 = 0x1f) -> Contender {
    Contender(kind, name: name, lease: lease)
  }

  private func header(_ revision: Int64) -> ResponseHeader { ResponseHeader(revision: revision) }

  /// The store's answer to the entry: made now, or found with this value and revision.
  private func entry(others: Int64, found: KeyValue? = nil) -> TxnResponse {
    let count = ResponseOp(response: .responseRange(RangeResponse(count: others + 1)))
    let first =
      found.map { ResponseOp(response: .responseRange(RangeResponse(kvs: [$0]))) }
      ?? ResponseOp(response: .responsePut(PutResponse()))
    return TxnResponse(succeeded: found == nil, responses: [first, count])
  }

  private func waiting(_ kind: Contender.Kind = .lock, lease: Int64 = 0x1f) -> Contender {
    var it = contender(kind, lease: lease)
    _ = it.start()
    if lease == 0 { _ = it.leaseGranted(0x1f) }
    _ = it.entered(entry(others: 1), header: header(7))
    return it
  }

  private var removal: Contender.Effect { .release(.key(Contention.removal(key: key, revision: 7))) }

  @Test func `a free lock is held with its first transaction`() {
    var it = contender()
    #expect(it.start() == [.propose(Contention.entry(key: key, name: name, value: [], lease: 0x1f))])
    #expect(
      it.entered(entry(others: 0), header: header(7))
        == [.grant(.init(header: header(7), key: key, revision: 7, lease: 0x1f))])
    #expect(it.callerGone() == [], "what was granted is the caller's to unlock")
  }

  @Test func `without a lease one is made first, and named in the key`() {
    var it = contender(lease: 0)
    #expect(it.start() == [.grantLease(60)])
    #expect(it.leaseGranted(0x1f) == [.propose(Contention.entry(key: key, name: name, value: [], lease: 0x1f))])
    #expect(it.ownsLease)
  }

  @Test func `a waiter is granted only after another look at its key`() {
    var it = waiting()
    #expect(it.isWaiting)
    #expect(it.turnCame() == [.look(RangeRequest(key: key, keysOnly: true))])
    #expect(
      it.looked(KeyValue(key: key, createRevision: 7), header: header(9))
        == [.grant(.init(header: header(9), key: key, revision: 7, lease: 0x1f))])
  }

  @Test func `a campaign answers with the revision of its entry, however long it waited`() {
    var it = waiting(.campaign([1]))
    _ = it.turnCame()
    #expect(
      it.looked(KeyValue(key: key, createRevision: 7), header: header(9))
        == [.grant(.init(header: header(7), key: key, revision: 7, lease: 0x1f))])
  }

  @Test func `a key that went, or came again, is refused and never granted`() {
    for found in [nil, KeyValue(key: key, createRevision: 8)] {
      var it = waiting()
      _ = it.turnCame()
      #expect(it.looked(found, header: header(9)) == [.refuse(.mutexSessionExpired)])
    }
    var it = waiting()
    #expect(it.keyWasLost() == [.refuse(.mutexSessionExpired)])
    #expect(it.turnCame() == [], "it is over")
    var candidate = waiting(.campaign([1]))
    #expect(candidate.keyWasLost() == [.refuse(.electionNotLeader)])
  }

  @Test func `a session that is in line already takes up its place`() {
    var it = contender()
    _ = it.start()
    let found = KeyValue(key: key, createRevision: 3)
    #expect(
      it.entered(entry(others: 2, found: found), header: header(9))
        == [.join(prefix: Bytes("n/".utf8), key: key, revision: 3)])
  }

  @Test func `a candidate that comes again announces its new value, then waits`() {
    var it = contender(.campaign([2]))
    _ = it.start()
    let found = KeyValue(key: key, createRevision: 3, value: [1])
    #expect(
      it.entered(entry(others: 1, found: found), header: header(9))
        == [.propose(Contention.proclamation(key: key, revision: 3, value: [2], lease: 0x1f))])
    var loser = it
    #expect(it.proclaimed(true) == [.join(prefix: Bytes("n/".utf8), key: key, revision: 3)])
    #expect(
      loser.proclaimed(false)
        == [.refuse(.electionNotLeader), .release(.key(Contention.removal(key: key, revision: 3)))])
  }

  @Test func `whoever gives up in line leaves it and takes the key along`() {
    var it = waiting()
    #expect(it.callerGone() == [.leaveLine(prefix: Bytes("n/".utf8), revision: 7), removal])
    #expect(it.callerGone() == [])
  }

  @Test func `a lease of the call's own is taken away whole`() {
    var it = waiting(lease: 0)
    #expect(it.callerGone() == [.leaveLine(prefix: Bytes("n/".utf8), revision: 7), .release(.lease(0x1f))])
    var early = contender(lease: 0)
    _ = early.start()
    #expect(early.callerGone() == [], "the grant is on its way")
    #expect(early.leaseGranted(0x1f) == [.release(.lease(0x1f))])
  }

  @Test func `whoever gives up while an answer is awaited is undone by it`() {
    var entering = contender()
    _ = entering.start()
    #expect(entering.callerGone() == [])
    #expect(entering.entered(entry(others: 1), header: header(7)) == [removal])
    var looking = waiting()
    _ = looking.turnCame()
    #expect(looking.callerGone() == [])
    #expect(looking.looked(KeyValue(key: key, createRevision: 7), header: header(9)) == [removal])
  }

  @Test func `an inner error keeps its text and loses its code`() {
    var it = contender()
    _ = it.start()
    #expect(
      it.failed(.leaseNotFound) == [.refuse(RPCStatus(.unknown, "etcdserver: requested lease not found"))])
    var own = contender(lease: 0)
    _ = own.start()
    _ = own.leaseGranted(0x1f)
    #expect(
      own.failed(.timeout) == [.refuse(.unmapped("etcdserver: request timed out")), .release(.lease(0x1f))],
      "the entry may still be applied")
    var looking = waiting()
    _ = looking.turnCame()
    #expect(looking.failed(.noLeader) == [.refuse(.unmapped("etcdserver: no leader")), removal])
  }

  @Test func `keys are named as Go names them`() {
    #expect(Contention.key([], lease: 255) == Bytes("/ff".utf8))
    #expect(Contention.key(Bytes("a/b".utf8), lease: -255) == Bytes("a/b/-ff".utf8))
    #expect(Contention.key(Bytes("m".utf8), lease: .min) == Bytes("m/-8000000000000000".utf8))
  }
}
