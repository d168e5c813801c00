import Base
import Wire

/// The keys through which proxies and clients tell each other who owns what: `prefix` before the key that is owned, empty,
/// with the lease of its owner. Whoever wants to write writes `REVOKE` into it and waits until it is gone.
/// As etcd 3.4: clientv3/leasing, with which it shares a cluster.
struct LeasingKeys: Sendable {
  static let revoke = "REVOKE".bytes
  let prefix: Bytes

  func of(_ key: Key) -> Bytes { prefix + key.bytes }

  /// The leasing keys of a range; Go's look at none where a range is open.
  func of(_ range: KeyRange) -> KeyRange {
    let end = range.end.bytes
    return KeyRange(
      prefix + range.key.bytes, end.isEmpty ? [] : end == [0] ? Namespace.end(of: prefix) : prefix + end)
  }

  /// All that there may be.
  var all: KeyRange { KeyRange(prefix, Namespace.end(of: prefix)) }

  /// The key that a leasing key speaks of.
  func owned(by leasingKey: Bytes) -> Key? {
    isOne(leasingKey) ? Key(Bytes(leasingKey.dropFirst(prefix.count))) : nil
  }

  func isOne(_ key: Bytes) -> Bool { key.starts(with: prefix) }

  // MARK: What the protocol asks

  private func born(_ key: Key, _ result: Compare.CompareResult, _ revision: Int64) -> Compare {
    Compare(result: result, target: .create, key: of(key), targetUnion: .createRevision(revision))
  }

  /// Reads a key and takes it, where nobody owns it and no lease ends it: that would change it behind its owner's back.
  func acquisition(of key: Key, lease: Int64) -> TxnRequest {
    let read = RequestOp(request: .requestRange(RangeRequest(key: key.bytes)))
    return TxnRequest(
      compare: [
        born(key, .equal, 0), Compare(result: .equal, target: .lease, key: key.bytes, targetUnion: .lease(0)),
      ],
      success: [read, RequestOp(request: .requestPut(PutRequest(key: of(key), lease: lease)))],
      failure: [read, RequestOp(request: .requestRange(RangeRequest(key: of(key))))])
  }

  /// Gives keys back whose leasing keys were made at these revisions.
  func cession(of keys: [(key: Key, born: Int64)]) -> TxnRequest {
    let gone = keys.map { key, born in
      TxnRequest(
        compare: [self.born(key, .equal, born)],
        success: [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: of(key))))])
    }
    return TxnRequest(success: gone.map { RequestOp(request: .requestTxn($0)) })
  }

  /// Asks the owner of a key, where there is one, to give it back.
  func revocation(of key: Key) -> RequestOp {
    RequestOp(
      request: .requestTxn(
        TxnRequest(
          compare: [born(key, .greater, 0)],
          success: [
            RequestOp(request: .requestPut(PutRequest(key: of(key), value: Self.revoke, ignoreLease: true)))
          ])))
  }

  /// Holds while nobody else owns the key.
  func isFree(_ key: Key, _ standing: LeasingTable.Standing) -> Compare {
    switch standing {
    case .owned(let born): self.born(key, .equal, born)
    case .ceding(let born): self.born(key, .less, born + 1)
    case .free: self.born(key, .less, 1)
    }
  }

  /// Holds while none of these leasing keys was made after `revision`.
  static func areOld(_ leasingKeys: KeyRange, since revision: Int64) -> Compare {
    Compare(
      result: .less, target: .create, key: leasingKeys.key.bytes, targetUnion: .createRevision(revision + 1),
      rangeEnd: leasingKeys.end.bytes)
  }
}
