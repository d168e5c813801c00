import Base
import Machine
import Wire

/// What really happened: the log's entries in their order, as they are first applied anywhere, run through the model.
///
/// Members and clients are held against it at every moment. Writes: applied at most once, answered as the model answers
/// at that place of the log, and behind everything that was applied before they were asked. Reads: the state of one
/// revision, not older than anything applied before they were asked (none but serializable ones may be).
final class Truth {
  struct Applied {
    var outcome: Model.Outcome
    var index: UInt64
  }

  private(set) var model: Model
  /// Highest index applied anywhere.
  private(set) var index: UInt64 = 0
  /// The store's revision after each entry, by index.
  private var revisions: [Int64] = [1]
  /// What each request answered, until its client has been answered.
  private var outcomes: [UInt64: Applied] = [:]
  private var requestIDs: Set<UInt64> = []
  /// Requests that were refused with a promise that they have no effect.
  private var refused: Set<UInt64> = []
  /// Changes of members, by index: whether they were accepted.
  private var verdicts: [UInt64: Bool] = [:]
  private var hashes: [HashPlace: UInt32] = [:]
  private(set) var leases = LeaseTruth()
  private(set) var writesChecked = 0
  private(set) var readsChecked = 0
  private(set) var hashesCompared = 0

  private struct HashPlace: Hashable {
    var revision: Int64
    var compacted: Int64
  }

  init(minimumTTL: Int64) { model = Model(minimumTTL: minimumTTL) }

  // MARK: Entries

  /// A member is about to apply an entry. `watch` of the Raft rules has compared it with others of its index.
  func applying(_ entry: Entry, at now: Int64) {
    if entry.index <= index { return }
    expect(entry.index == index + 1, "entry \(entry.index) is applied and nobody applied \(index + 1)")
    index = entry.index
    if entry.type == .normal, let data = entry.data, !data.isEmpty { apply(data, now) }
    revisions.append(model.revision)
  }

  private func apply(_ data: Bytes, _ now: Int64) {
    guard let request = try? InternalRaftRequest(decoding: data), let header = request.header, header.id != 0
    else {
      return
    }
    let id = header.id
    expect(requestIDs.insert(id).inserted, "request \(hex16(id)) is in the log twice")
    expect(!refused.contains(id), "request \(hex16(id)) was refused and is in the log")
    if case .leaseRevoke(let revoke)? = request.body {
      if let lease = model.leases[revoke.id] { leases.revoked(revoke.id, by: id, lease.ttl, at: now) }
    }
    outcomes[id] = Applied(outcome: model.apply(request.body), index: index)
  }

  /// A member has applied an entry: its store must be where the model was.
  func applied(_ entry: Entry, revision: Int64, by name: String) {
    let expected = revisions[Int(entry.index)]
    expect(
      revision == expected, "\(name) is at revision \(revision) after entry \(entry.index), not \(expected)")
  }

  func revision(afterIndex index: UInt64) -> Int64 { revisions[Int(index)] }

  func verdict(_ isAccepted: Bool, at index: UInt64, by name: String) {
    if let known = verdicts[index] {
      expect(known == isAccepted, "\(name) judges the change of members at \(index) differently")
    } else {
      verdicts[index] = isAccepted
    }
  }

  // MARK: Clients

  func refused(_ requestID: UInt64) {
    expect(!requestIDs.contains(requestID), "request \(hex16(requestID)) is in the log and is refused")
    refused.insert(requestID)
  }

  /// A write is answered.
  func answered(_ requestID: UInt64, _ outcome: Model.Outcome, floor: UInt64, by name: String) {
    guard let applied = outcomes.removeValue(forKey: requestID) else {
      finding("\(name) acknowledges request \(hex16(requestID)), which is not in the log")
    }
    expect(
      applied.index > floor,
      "request \(hex16(requestID)) stands at \(applied.index), asked after \(floor) had been applied")
    expect(
      applied.outcome == outcome,
      "request \(hex16(requestID)) at \(applied.index): \(name) answers \(outcome), not \(applied.outcome)")
    writesChecked += 1
  }

  func answered(_ range: RangeRequest, _ response: RangeResponse, floor: Int64?, by name: String) {
    let at = response.header?.revision ?? 0
    check(at, floor, name, "range")
    let expected = model.range(range, at: at)
    expect(
      response.kvs == expected.kvs && response.count == expected.count && response.more == expected.more,
      "\(name) answers a range at \(at) wrongly: \(response.kvs) \(response.count) \(response.more), "
        + "not \(expected.kvs) \(expected.count) \(expected.more)")
  }

  func answered(_ txn: TxnRequest, _ response: TxnResponse, floor: Int64?, by name: String) {
    let at = response.header?.revision ?? 0
    check(at, floor, name, "transaction")
    var expected = model.read(txn, at: at)
    expected.header = response.header
    expect(response == expected, "\(name) answers a transaction at \(at) with \(response), not \(expected)")
  }

  private func check(_ at: Int64, _ floor: Int64?, _ name: String, _ what: String) {
    readsChecked += 1
    expect(at <= model.revision, "\(name) answers a \(what) at \(at); \(model.revision) is the newest there is")
    guard let floor else { return }
    expect(
      at >= floor, "\(name) answers a \(what) at \(at), asked after \(floor) had been applied: a stale read")
  }

  func hashed(_ hash: KVHash, by name: String) {
    let place = HashPlace(revision: hash.hashRevision, compacted: hash.compactRevision)
    if let known = hashes[place] {
      hashesCompared += 1
      expect(known == hash.hash, "\(name) has another hash at revision \(place.revision)")
    } else {
      hashes[place] = hash.hash
    }
  }

  func editLeases(_ body: (inout LeaseTruth) -> Void) { body(&leases) }
}
