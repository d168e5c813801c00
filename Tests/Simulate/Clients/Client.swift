import Base
import Machine
import Wire

/// A client of the cluster: one operation at a time, at one member until that fails it.
final class Client {
  let number: Int
  private unowned let world: World
  private var host = 0
  private var current: Int?
  private var leases: [Int64] = []
  private var nextLease: Int64
  private var writes = 0
  /// Newest revision it was told of, and of some keys the revision it last saw: for comparisons that may hold.
  private var lastRevision: Int64 = 1
  private var seen: [Bytes: Int64] = [:]
  private(set) var done = 0
  /// Writes that went through since the healing began.
  private(set) var healed = 0
  var isStopped = false

  init(number: Int, world: World) {
    self.number = number
    self.world = world
    nextLease = Int64(number + 1) << 32
  }

  private func below(_ bound: Int) -> Int { world.dice.below(bound) }

  func act() {
    guard current == nil, !isStopped else { return }
    if world.hosts[host].isRetired || below(40) == 0 { choose() }
    let operation = world.ask(world.isHealing ? .put(put()) : request(), client: number, host: host)
    current = operation
    let patience: Int64 = world.isHealing ? 3_000_000_000 : Int64(500_000_000 + below(8_000_000_000))
    world.agenda.add(.timeout(operation), at: world.now + patience)
  }

  private func choose() {
    let candidates = world.hosts.filter { !$0.isRetired }.map(\.place)
    if let other = world.pick(candidates) { host = other }
  }

  private func goOn(after pause: Int64) { world.agenda.add(.client(number), at: world.now + pause) }

  func timedOut(_ operation: Int) {
    guard current == operation else { return }
    world.count(.clientTimeout)
    current = nil
    choose()
    world.count(.clientFailover)
    goOn(after: Int64(below(200_000_000)))
  }

  func replied(_ operation: Int) {
    guard current == operation, let reply = world.operations[operation].reply else { return }
    world.operations[operation].reply = nil
    current = nil
    switch reply {
    case .noConnection:
      choose()
      return goOn(after: Int64(20_000_000 + below(300_000_000)))
    case .failed:
      if below(2) == 0 { choose() }
      return goOn(after: Int64(10_000_000 + below(300_000_000)))
    case .applied(.failed): break
    case .applied(let answer):
      done += 1
      if world.isHealing, case .put = answer { healed += 1 }
    case .range(let response):
      done += 1
      lastRevision = max(lastRevision, response.header?.revision ?? 0)
      for pair in response.kvs { seen[pair.key] = pair.modRevision }
    case .txn(let response):
      done += 1
      lastRevision = max(lastRevision, response.header?.revision ?? 0)
    case .renewed(let ttl):
      done += 1
      if ttl == 0, case .keepAlive(let lease) = world.operations[operation].request {
        leases.removeAll { $0 == lease }
      }
    case .done: done += 1
    }
    if case .grant(let grant) = world.operations[operation].request { leases.append(grant.id) }
    if leases.count > 4 { leases.removeFirst() }
    let pace = world.isHealing ? 100_000_000 : world.plan.pace
    // Mostly a steady pace, now and then a burst.
    goOn(after: below(5) == 0 ? Int64(below(2_000_000)) : Int64(below(Int(2 * pace))))
  }

  // MARK: What it asks

  private func key() -> Bytes { "k\(below(world.plan.keys))".bytes }
  private func value() -> Bytes {
    writes += 1
    var value = "\(number)/\(writes)".bytes
    if below(30) == 0 { value += Bytes(repeating: UInt8(ascii: "."), count: below(3000)) }
    return value
  }

  private func put() -> PutRequest {
    var put = PutRequest(key: key(), value: value())
    if let lease = leases.last, below(4) == 0 { put.lease = lease }
    put.prevKv = below(4) == 0
    if below(25) == 0 {
      put.ignoreValue = true
      put.value = []
    } else if below(25) == 0 {
      put.ignoreLease = true
      put.lease = 0
    }
    return put
  }

  private func range() -> RangeRequest {
    var range = RangeRequest(key: key())
    if below(3) == 0 { (range.key, range.rangeEnd) = ("k".bytes, "l".bytes) }
    if below(5) == 0 { range.limit = Int64(1 + below(4)) }
    if below(8) == 0 { range.revision = max(1, lastRevision - Int64(below(20))) }
    range.keysOnly = below(8) == 0
    range.countOnly = below(12) == 0
    range.serializable = below(4) == 0
    return range
  }

  private func delete() -> DeleteRangeRequest {
    var delete = DeleteRangeRequest(key: key(), prevKv: below(3) == 0)
    if below(8) == 0 { delete.rangeEnd = "l".bytes }
    return delete
  }

  private func compare(_ key: Bytes) -> Compare {
    var compare = Compare(key: key)
    switch below(4) {
    case 0:
      compare.target = .mod
      compare.targetUnion = .modRevision(seen[key] ?? 0)
    case 1:
      compare.target = .version
      compare.targetUnion = .version(Int64(below(3)))
      compare.result = [.equal, .greater, .less, .notEqual][below(4)]
    case 2:
      compare.target = .create
      compare.targetUnion = .createRevision(0)
      compare.result = below(2) == 0 ? .equal : .notEqual
    default:
      compare.target = .value
      compare.targetUnion = .value("\(number)/\(writes)".bytes)
    }
    return compare
  }

  private func txn(depth: Int = 0, keys taken: Set<Bytes> = []) -> TxnRequest {
    var request = TxnRequest()
    for _ in 0..<below(3) { request.compare.append(compare(key())) }
    request.success = operations(depth, taken)
    request.failure = operations(depth, taken)
    return request
  }

  /// No key is written twice on one way through the transaction; that would be refused.
  private func operations(_ depth: Int, _ taken: Set<Bytes>) -> [RequestOp] {
    var taken = taken
    var operations: [RequestOp] = []
    for _ in 0..<below(4) {
      var operation = RequestOp()
      switch below(5) {
      case 0, 1:
        let put = PutRequest(key: key(), value: value(), prevKv: below(4) == 0)
        if !taken.insert(put.key).inserted { continue }
        operation.request = .requestPut(put)
      case 2:
        let delete = DeleteRangeRequest(key: key(), prevKv: below(4) == 0)
        if !taken.insert(delete.key).inserted { continue }
        operation.request = .requestDeleteRange(delete)
      case 3:
        var range = range()
        range.revision = 0
        operation.request = .requestRange(range)
      default:
        if depth > 1 { continue }
        let inner = txn(depth: depth + 1, keys: taken)
        for key in inner.writtenKeys { taken.insert(key) }
        operation.request = .requestTxn(inner)
      }
      operations.append(operation)
    }
    return operations
  }

  private func readingTxn() -> TxnRequest {
    var request = TxnRequest()
    request.compare = [compare(key())]
    let isSerializable = below(4) == 0
    func ranges() -> [RequestOp] {
      (0..<1 + below(3)).map { _ in
        var range = range()
        range.revision = 0
        range.serializable = isSerializable
        return RequestOp(request: .requestRange(range))
      }
    }
    request.success = ranges()
    request.failure = ranges()
    return request
  }

  private func request() -> Request {
    switch below(100) {
    case ..<34: return .put(put())
    case ..<56: return .range(range())
    case ..<63: return .delete(delete())
    case ..<78: return .txn(txn())
    case ..<82: return .txn(readingTxn())
    case ..<86:
      nextLease += 1
      return .grant(LeaseGrantRequest(ttl: Int64(3 + below(12)), id: nextLease))
    case ..<97:
      if let lease = world.pick(leases) { return .keepAlive(lease) }
      return .range(range())
    case ..<98:
      guard !leases.isEmpty else { return .put(put()) }
      return .revoke(leases.removeFirst())
    default:
      guard lastRevision > 3, below(3) == 0 else { return .range(range()) }
      world.count(.compaction)
      return .compact(max(1, lastRevision - Int64(below(30))))
    }
  }
}

extension TxnRequest {
  fileprivate var writtenKeys: [Bytes] {
    (success + failure).flatMap { operation -> [Bytes] in
      switch operation.request {
      case .requestPut(let put): [put.key]
      case .requestDeleteRange(let delete): [delete.key]
      case .requestTxn(let txn): txn.writtenKeys
      default: []
      }
    }
  }
}
