import Base
import Testing
import Wire

@testable import Server

/// The state machine of one Observe call.
@Suite struct ObserverTests {
  private let name = Bytes("e".utf8)
  private let key = Bytes("e/1".utf8)

  private func header(_ revision: Int64) -> ResponseHeader { ResponseHeader(revision: revision) }
  private func pair(_ revision: Int64) -> KeyValue {
    KeyValue(key: key, createRevision: 3, modRevision: revision)
  }
  private func sent(_ revision: Int64, at: Int64) -> Observer.Effect {
    .send(LeaderResponse(header: header(at), kv: pair(revision)))
  }
  private func follow(from: Int64) -> Observer.Effect {
    .watch(key: key, rangeEnd: [], from: from, puts: false)
  }
  private var read: Observer.Effect { .read }

  private func following() -> Observer {
    var it = Observer(name: name)
    _ = it.start()
    _ = it.leaderRead(pair(3), header: header(8))
    return it
  }

  @Test func `a leader that is there is told at once, then followed`() {
    var it = Observer(name: name)
    #expect(it.start() == [read])
    #expect(it.leaderRead(pair(3), header: header(8)) == [sent(3, at: 8), follow(from: 9)])
    #expect(it.changed(pair(9), isDelete: false, header: header(9), hasRoom: true) == [sent(9, at: 9)])
  }

  @Test func `without a leader the first key that comes leads`() {
    var it = Observer(name: name)
    _ = it.start()
    #expect(
      it.leaderRead(nil, header: header(8))
        == [.watch(key: Bytes("e/".utf8), rangeEnd: Bytes("e0".utf8), from: 9, puts: true)])
    #expect(it.isAwaiting)
    #expect(
      it.changed(pair(12), isDelete: false, header: header(12), hasRoom: true)
        == [sent(12, at: 12), follow(from: 13)])
  }

  @Test func `when the leader goes the next one is looked for`() {
    var it = following()
    #expect(it.changed(pair(9), isDelete: true, header: header(9), hasRoom: true) == [.unwatch, read])
    #expect(
      it.changed(pair(10), isDelete: false, header: header(10), hasRoom: true) == [], "nothing is watched now")
  }

  @Test func `a client that does not read hears of the newest value when it does`() {
    var it = following()
    #expect(it.changed(pair(9), isDelete: false, header: header(9), hasRoom: false) == [.unwatch])
    #expect(it.drained() == [read])
    #expect(it.drained() == [])
    #expect(it.leaderRead(pair(20), header: header(21)) == [sent(20, at: 21), follow(from: 22)])
  }

  @Test func `the same value is not told twice`() {
    var it = following()
    #expect(it.watchLost() == [read])
    #expect(it.leaderRead(pair(3), header: header(30)) == [follow(from: 31)])
  }

  @Test func `a read that fails ends the stream with its text`() {
    var it = Observer(name: name)
    _ = it.start()
    #expect(it.failed(.timeout) == [.unwatch, .refuse(.unmapped("etcdserver: request timed out"))])
    #expect(it.leaderRead(pair(3), header: header(8)) == [])
  }
}
