import Base
import Testing
import Wire

@testable import Proxy

@Suite struct LeasingTableTests {
  private let now = Instant(nanoseconds: 1_000_000_000)
  private let k = Key("k")

  private func pair(_ value: String, _ revision: Int64, version: Int64 = 1, lease: Int64 = 0) -> KeyValue {
    KeyValue(
      key: "k".bytes, createRevision: revision - version + 1, modRevision: revision, version: version,
      value: value.bytes, lease: lease)
  }

  /// A table that owns `k` since revision 10, with "a" in it.
  private func owner() -> LeasingTable {
    var table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
    table.begin(session: 5)
    #expect(table.read(k, at: now).0 == .acquire)
    let effects = table.acquired(k, in: 5, born: 10, pair("a", 4), revision: 10, at: now)
    #expect(effects == [.watch(k, from: 11)])
    return table
  }

  private func put(_ value: String) -> GuardedWrite {
    GuardedWrite(.put(PutRequest(key: k.bytes, value: value.bytes)), LeasingKeys(prefix: "lz/".bytes))
  }
  private func delete(_ key: Bytes, _ end: Bytes) -> GuardedWrite {
    GuardedWrite(.delete(DeleteRangeRequest(key: key, rangeEnd: end)), LeasingKeys(prefix: "lz/".bytes))
  }

  private func read(_ table: inout LeasingTable) -> LeasingTable.Read { table.read(k, at: now).0 }

  private func put(_ table: inout LeasingTable, _ value: String, at revision: Int64, lease: Int64 = 0)
    -> [LeasingTable.Effect]
  {
    let ticket = table.begin(put("b"))
    let change = LeasingChange.put(PutRequest(key: k.bytes, value: value.bytes, lease: lease))
    return table.end(ticket, .committed([change], revision: revision), at: now)
  }

  @Test("What is owned is answered; nothing is without a session")
  func answers() {
    var table = owner()
    #expect(read(&table) == .answer(pair("a", 4), asOf: 10))
    #expect(table.end() == [.unwatch(k)])
    #expect(read(&table) == .pass)
    table.begin(session: 6)
    #expect(read(&table) == .acquire)
  }

  @Test("While one takes a key others are passed on; leasing keys are never taken")
  func acquiring() {
    var table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
    table.begin(session: 5)
    #expect(read(&table) == .acquire)
    #expect(read(&table) == .pass)
    #expect(table.read(Key("lz/k"), at: now).0 == .pass)
    // Another's: left alone for a while.
    #expect(table.acquired(k, in: 5, born: nil, pair("a", 4), revision: 10, at: now) == [])
    #expect(read(&table) == .pass)
    #expect(table.read(k, at: now + Limits.leasingRest).0 == .acquire)
  }

  @Test("A key that was taken from us before we heard that we had it is not kept")
  func overtaken() {
    for isDeletion in [false, true] {
      var table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
      table.begin(session: 5)
      #expect(read(&table) == .acquire)
      if isDeletion {
        #expect(table.deleted(k, at: 12) == [.freed(k, at: 12)])
      } else {
        #expect(table.revoked(k, born: 10, lease: 5, at: now) == [.cede(k, born: 10)])
      }
      #expect(table.acquired(k, in: 5, born: 10, pair("a", 4), revision: 10, at: now) == [])
      #expect(table.read(k, at: now + Limits.leasingRest).0 == .acquire)
    }
  }

  @Test("The answer of an earlier session makes nothing ours")
  func earlier() {
    var table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
    table.begin(session: 5)
    #expect(read(&table) == .acquire)
    _ = table.end()
    table.begin(session: 6)
    #expect(table.acquired(k, in: 5, born: 10, pair("a", 4), revision: 10, at: now) == [])
    #expect(read(&table) == .acquire)
  }

  @Test("While a write is under way nothing is answered; then what it left")
  func writing() {
    var table = owner()
    let ticket = table.begin(put("b"))
    #expect(ticket == [k: 10])
    #expect(read(&table) == .pass)
    let change = LeasingChange.put(PutRequest(key: k.bytes, value: "b".bytes))
    #expect(table.end(ticket, .committed([change], revision: 12), at: now) == [])
    let left = KeyValue(key: k.bytes, createRevision: 4, modRevision: 12, version: 2, value: "b".bytes)
    #expect(read(&table) == .answer(left, asOf: 12))
    // Its own event brings nothing new.
    table.changed(k, left, at: 12)
    #expect(read(&table) == .answer(left, asOf: 12))
  }

  @Test("An event before the reply of its write is the write's own; a stranger's is not")
  func heard() {
    var table = owner()
    var ticket = table.begin(put("b"))
    table.changed(k, pair("b", 12, version: 2), at: 12)
    let change = LeasingChange.put(PutRequest(key: k.bytes, value: "b".bytes))
    _ = table.end(ticket, .committed([change], revision: 12), at: now)
    guard case .answer(let known, 12) = read(&table) else { return #expect(Bool(false)) }
    #expect(known?.value == "b".bytes)
    ticket = table.begin(put("b"))
    table.changed(k, pair("x", 13, version: 3), at: 13)
    _ = table.end(ticket, .committed([change], revision: 14), at: now)
    #expect(read(&table) == .fetch(born: 10))
  }

  @Test("Two writes at once leave something that must be read")
  func muddled() {
    var table = owner()
    let first = table.begin(put("b"))
    let second = table.begin(put("b"))
    let change = LeasingChange.put(PutRequest(key: k.bytes, value: "b".bytes))
    _ = table.end(second, .committed([change], revision: 13), at: now)
    #expect(read(&table) == .pass)
    _ = table.end(first, .committed([change], revision: 12), at: now)
    #expect(read(&table) == .fetch(born: 10))
    #expect(read(&table) == .pass)
    // From before one of them.
    #expect(table.fetched(k, born: 10, (pair("a", 4), 12)) == [])
    #expect(read(&table) == .fetch(born: 10))
    #expect(table.fetched(k, born: 10, (pair("b", 13, version: 3), 13)) == [])
    #expect(read(&table) == .answer(pair("b", 13, version: 3), asOf: 13))
  }

  @Test("A write of unknown outcome gives the key back")
  func unknown() {
    var table = owner()
    let ticket = table.begin(put("b"))
    #expect(table.end(ticket, .unknown, at: now) == [.unwatch(k), .cede(k, born: 10)])
    #expect(read(&table) == .pass)
    #expect(table.standing(of: k) == .ceding(born: 10))
    table.ceded(k, born: 10)
    #expect(table.standing(of: k) == .free)
    #expect(read(&table) == .pass)
    #expect(table.read(k, at: now + Limits.leasingRest).0 == .acquire)
  }

  @Test("A key with a lease is given back: its end would not be seen")
  func leases() {
    var table = owner()
    #expect(put(&table, "b", at: 12, lease: 9) == [.unwatch(k), .cede(k, born: 10)])
    #expect(read(&table) == .pass)
  }

  @Test("Who is asked gives back, and only what he was asked for")
  func revoking() {
    var table = owner()
    #expect(table.revoked(k, born: 9, lease: 4, at: now) == [])
    #expect(read(&table) == .answer(pair("a", 4), asOf: 10))
    #expect(table.revoked(k, born: 10, lease: 5, at: now) == [.unwatch(k), .cede(k, born: 10)])
    #expect(read(&table) == .pass)
    // What a lost question took is given back too.
    #expect(table.revoked(Key("q"), born: 11, lease: 5, at: now) == [.cede(Key("q"), born: 11)])
    #expect(table.revoked(Key("r"), born: 11, lease: 4, at: now) == [])
  }

  @Test("Leasing keys that somebody deletes are ours no more")
  func deleting() {
    var table = owner()
    #expect(table.deleted(k, at: 9) == [.freed(k, at: 9)])
    #expect(table.standing(of: k) == .owned(born: 10))
    #expect(table.deleted(k, at: 12) == [.unwatch(k), .freed(k, at: 12)])
    #expect(table.standing(of: k) == .free)
    // Through this proxy.
    table = owner()
    let ticket = table.begin(delete([0], [0]))
    let all = LeasingChange.delete(KeyRange([0], [0]))
    #expect(
      table.end(ticket, .committed([all], revision: 13), at: now) == [.unwatch(k), .freed(k, at: 13)])
  }

  @Test("A write that asked nobody makes the key be read anew")
  func bypassed() {
    var table = owner()
    table.changed(k, pair("z", 15, version: 2), at: 15)
    #expect(read(&table) == .fetch(born: 10))
    #expect(table.fetched(k, born: 10, (pair("a", 4), 14)) == [])
    #expect(read(&table) == .fetch(born: 10))
    #expect(table.fetched(k, born: 10, (pair("z", 15, version: 2), 16)) == [])
    #expect(read(&table) == .answer(pair("z", 15, version: 2), asOf: 16))
    // Between two of ours: seen by the version.
    _ = put(&table, "b", at: 18)
    table.changed(k, pair("b", 18, version: 4), at: 18)
    #expect(read(&table) == .fetch(born: 10))
  }

  @Test("A deletion of a range is a write of every key of ours in it")
  func ranges() {
    var table = owner()
    let ticket = table.begin(delete("j".bytes, "l".bytes))
    #expect(ticket == [k: 10])
    #expect(read(&table) == .pass)
    let change = LeasingChange.delete(KeyRange("j".bytes, "l".bytes))
    _ = table.end(ticket, .committed([change], revision: 12), at: now)
    #expect(read(&table) == .answer(nil, asOf: 12))
    #expect(table.begin(delete("l".bytes, "ly".bytes)) == [:])
  }

  @Test("There are only so many, and the least used make room")
  func bounds() {
    var table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
    table.begin(session: 5)
    for number in 0..<Limits.leasingKeys {
      let key = Key("\(number)")
      #expect(table.read(key, at: now).0 == .acquire)
      _ = table.acquired(key, in: 5, born: 10, nil, revision: 10, at: now)
    }
    _ = table.read(Key("0"), at: now)
    #expect(table.read(k, at: now).0 == .pass)
    let (read, effects) = table.read(k, at: now)
    #expect(read == .acquire)
    #expect(effects.count == 2 * Limits.leasingBatch)
    #expect(effects.contains(.cede(Key("1"), born: 10)))
    #expect(!effects.contains(.cede(Key("0"), born: 10)))
    #expect(table.count <= Limits.leasingKeys)
    // And so many bytes.
    table = LeasingTable(LeasingKeys(prefix: "lz/".bytes))
    table.begin(session: 5)
    var ceded = 0
    for number in 0..<70 {
      let key = Key("\(number)")
      #expect(table.read(key, at: now).0 == .acquire)
      let pair = KeyValue(key: key.bytes, value: Bytes(repeating: 0, count: 1 << 20))
      ceded += table.acquired(key, in: 5, born: 10, pair, revision: 10, at: now).count {
        if case .cede = $0 { true } else { false }
      }
    }
    #expect(ceded > 8 && ceded < 20)
  }
}
