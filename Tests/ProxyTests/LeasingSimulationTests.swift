import Base
import Testing
import Wire

@testable import Proxy

/// Proxies around one store, over a network that delivers when it likes, and sometimes loses a reply: whatever is answered
/// without the store is what the store holds at that moment.
@Suite struct LeasingSimulationTests {
  @Test("What an owner answers is never stale", arguments: 1...300)
  func neverStale(seed: Int) {
    let world = World(seed: UInt64(seed))
    for _ in 0..<2_000 { world.step() }
    #expect(world.stale == [])
    #expect(world.answers > 5, "\(world.answers)")
    world.settle()
    #expect(world.unfinished == 0)
    #expect(world.acknowledged > 5, "\(world.acknowledged)")
  }

  private final class World {
    let store = LeasingStore()
    var dice: Dice
    var now = Instant(nanoseconds: 1)
    var proxies: [SimulatedProxy] = []
    /// What is on its way.
    var network: [() -> Void] = []
    var answers = 0
    var acknowledged = 0
    var stale: [String] = []
    var isQuiet = false
    private var value = 0

    init(seed: UInt64) {
      dice = Dice(seed: seed)
      proxies = (0..<3).map { SimulatedProxy($0, self) }
    }

    var unfinished: Int { proxies.reduce(0) { $0 + $1.writes.count } }

    func step() {
      now = now + .milliseconds(Int64(dice.below(200)))
      let proxy = proxies[dice.below(3)]
      let key = Key("k\(dice.below(4))")
      switch isQuiet ? 50 + dice.below(50) : dice.below(100) {
      case 0..<18: proxy.read(key)
      case 18..<24: write(proxy, .put(PutRequest(key: key.bytes, value: next())))
      case 24..<26: write(proxy, .delete(DeleteRangeRequest(key: key.bytes)))
      case 26..<28: write(proxy, .delete(DeleteRangeRequest(key: "k0".bytes, rangeEnd: "k3".bytes)))
      case 28: write(proxy, .delete(DeleteRangeRequest(key: [0], rangeEnd: [0])))
      case 29..<32:
        let other = "k\(dice.below(4))".bytes
        let compare = Compare(
          result: .greater, target: .version, key: key.bytes, targetUnion: .version(Int64(dice.below(3))))
        write(
          proxy,
          .txn(
            TxnRequest(
              compare: [compare],
              success: [
                RequestOp(request: .requestPut(PutRequest(key: other, value: next()))),
                RequestOp(request: .requestRange(RangeRequest(key: key.bytes))),
              ],
              failure: [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: other, rangeEnd: [0])))])
          ))
      case 32: if dice.below(8) == 0 { proxy.loseSession() }
      case 33..<70: deliver()
      default: for _ in 0..<(isQuiet ? 8 : 1) { proxy.hearOne() }
      }
    }

    private func next() -> Bytes {
      value += 1
      return "\(value)".bytes
    }

    private func write(_ proxy: SimulatedProxy, _ request: GuardedWrite.Request) {
      if proxy.writes.count < 4 { proxy.begin(GuardedWrite(request, proxy.keys)) }
    }

    private func deliver() {
      guard !network.isEmpty else { return }
      network.swapAt(Int(dice.below(network.count)), network.count - 1)
      network.removeLast()()
    }

    /// No more is asked; what is under way comes to its end.
    func settle() {
      isQuiet = true
      for _ in 0..<60_000 where unfinished > 0 { step() }
    }

    /// Sends a transaction; the reply comes some time, or the caller hears nothing and the store some time later.
    func send(_ txn: TxnRequest, _ done: @escaping (TxnResponse?) -> Void) {
      let isLost = !isQuiet && dice.below(25) == 0
      network.append { [self] in
        let reply = store.apply(txn)
        if !isLost { network.append { done(reply) } }
      }
      if isLost { network.append { done(nil) } }
    }
  }

  private final class SimulatedProxy {
    struct Write {
      let write: GuardedWrite
      let id: Int
    }
    unowned let world: World
    let name: Int
    let keys = LeasingKeys(prefix: "z/".bytes)
    var table: LeasingTable
    var heard = 0
    var watched: [Key: Int64] = [:]
    var writes: [Int: GuardedWrite] = [:]
    private var lastWrite = 0
    private var lastSession: Int64

    init(_ name: Int, _ world: World) {
      self.name = name
      self.world = world
      table = LeasingTable(keys)
      lastSession = Int64(name) * 1_000_000 + 1
      world.store.grant(lastSession)
      table.begin(session: lastSession)
    }

    func read(_ key: Key) {
      let (read, effects) = table.read(key, at: world.now)
      perform(effects)
      switch read {
      case .answer(let pair, _):
        world.answers += 1
        if pair != world.store.pairs[key] {
          world.stale.append("proxy \(name): \(String(utf8: key.bytes)) at \(world.store.revision)")
        }
      case .pass: break
      case .acquire:
        let lease = table.session
        world.send(keys.acquisition(of: key, lease: lease)) { [self] reply in
          guard let reply, case .responseRange(let range)? = reply.responses[0].response else {
            return perform(table.acquired(key, in: lease, born: nil, nil, revision: 0, at: world.now))
          }
          let revision = reply.header?.revision ?? 0
          var born = reply.succeeded ? revision : nil
          if case .responseRange(let look)? = reply.responses[1].response, let owner = look.kvs.first,
            owner.lease == lease, owner.value.isEmpty
          {
            born = owner.createRevision
          }
          perform(
            table.acquired(key, in: lease, born: born, range.kvs.first, revision: revision, at: world.now))
        }
      case .fetch(let born):
        let look = TxnRequest(success: [RequestOp(request: .requestRange(RangeRequest(key: key.bytes)))])
        world.send(look) { [self] reply in
          guard let reply, case .responseRange(let range)? = reply.responses[0].response else {
            return perform(table.fetched(key, born: born, nil))
          }
          perform(table.fetched(key, born: born, (range.kvs.first, reply.header?.revision ?? 0)))
        }
      }
    }

    // MARK: Writes

    func begin(_ write: GuardedWrite) {
      lastWrite += 1
      writes[lastWrite] = write
      go(on: lastWrite)
    }

    private func go(on id: Int) {
      guard let write = writes[id] else { return }
      if write.toBeListed.isEmpty { return commit(id, write, listed: 0) }
      let looks = write.toBeListed.map {
        RequestOp(request: .requestRange(RangeRequest(key: $0.key.bytes, rangeEnd: $0.end.bytes)))
      }
      world.send(TxnRequest(success: looks)) { [self] reply in
        guard let reply else { return writes[id] = nil }
        let foreign = reply.responses.flatMap { response -> [Key] in
          guard case .responseRange(let range)? = response.response else { return [] }
          return range.kvs.filter { !isOurs($0) }.compactMap { keys.owned(by: $0.key) }
        }
        if foreign.isEmpty { return commit(id, write, listed: reply.header?.revision ?? 0) }
        let request = TxnRequest(success: Set(foreign).sorted().map { keys.revocation(of: $0) })
        world.send(request) { [self] reply in reply == nil ? writes[id] = nil : later(id) }
      }
    }

    /// Most of the time somebody else is faster.
    private func later(_ id: Int) {
      world.network.append { [self] in world.dice.below(20) == 0 ? go(on: id) : later(id) }
    }

    private func isOurs(_ leasingKey: KeyValue) -> Bool {
      guard leasingKey.lease == table.session, let key = keys.owned(by: leasingKey.key) else { return false }
      return switch table.standing(of: key) {
      case .owned(let born), .ceding(let born): born == leasingKey.createRevision
      case .free: false
      }
    }

    private func commit(_ id: Int, _ write: GuardedWrite, listed: Int64) {
      let ticket = table.begin(write)
      let plan = write.transaction(listed: listed) { table.standing(of: $0) }
      world.send(plan.request) { [self] reply in
        guard let reply else {
          writes[id] = nil
          return perform(table.end(ticket, .unknown, at: world.now))
        }
        switch plan.answer(reply) {
        case .malformed: world.stale.append("malformed")
        case .done(let operations):
          writes[id] = nil
          world.acknowledged += 1
          let revision = reply.header?.revision ?? 0
          perform(
            table.end(ticket, .committed(write.changes(operations), revision: revision), at: world.now))
        case .held(_, let leasingKeys):
          perform(table.end(ticket, .refused, at: world.now))
          for (key, born) in leasingKeys {
            if let expected = ticket[key], expected != born { perform(table.lost(key, born: expected)) }
          }
          later(id)
        }
      }
    }

    // MARK: Session and watches

    /// It stops answering first; the store ends the lease some time later.
    func loseSession() {
      let lease = table.session
      guard lease != 0 else { return }
      perform(table.end())
      world.network.append { [self] in
        world.store.expire(lease)
        world.network.append { [self] in
          lastSession += 1
          world.store.grant(lastSession)
          table.begin(session: lastSession)
        }
      }
    }

    func hearOne() {
      guard heard < world.store.changes.count else { return }
      let (key, pair, revision) = world.store.changes[heard]
      heard += 1
      guard let owned = keys.owned(by: key.bytes) else {
        if let from = watched[key], revision >= from { table.changed(key, pair, at: revision) }
        return
      }
      if let pair {
        guard pair.value == LeasingKeys.revoke else { return }
        perform(table.revoked(owned, born: pair.createRevision, lease: pair.lease, at: world.now))
      } else {
        perform(table.deleted(owned, at: revision))
      }
    }

    private func perform(_ effects: [LeasingTable.Effect]) {
      for effect in effects {
        switch effect {
        case .watch(let key, let from): watched[key] = from
        case .unwatch(let key): watched[key] = nil
        case .cede(let key, let born): cede(key, born)
        case .freed: break
        }
      }
    }

    private func cede(_ key: Key, _ born: Int64) {
      let lease = table.session
      world.send(keys.cession(of: [(key, born)])) { [self] reply in
        if reply != nil { table.ceded(key, born: born) } else if lease == table.session { cede(key, born) }
      }
    }
  }
}
