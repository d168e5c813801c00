import Base
import Wire

/// The requests that Lock and Election are made of, and what they call their keys.
/// As etcd 3.4: clientv3/concurrency/{mutex,election}.go.
enum Contention {
  /// Life of a lease made for a call. As etcd 3.4: clientv3/concurrency/session.go, defaultSessionTTL.
  static let sessionSeconds: Int64 = 60

  static func prefix(_ name: Bytes) -> Bytes { name + [0x2F] }

  /// The end of the prefix: its last byte, the slash, counted up.
  static func prefixEnd(_ name: Bytes) -> Bytes { name + [0x30] }

  /// Go prints a negative number's hexadecimal digits with a sign.
  static func key(_ name: Bytes, lease: Int64) -> Bytes {
    let digits = String(lease.magnitude, radix: 16)
    return prefix(name) + Bytes((lease < 0 ? "-" + digits : digits).utf8)
  }

  // MARK: Transactions

  /// Makes the key if it is missing, else reads it; counts the keys below the prefix either way. The count says whether anybody
  /// is ahead without reading them, and is where permission to read the prefix is asked for.
  static func entry(key: Bytes, name: Bytes, value: Bytes, lease: Int64) -> TxnRequest {
    let others = RequestOp(request: .requestRange(count(name)))
    return TxnRequest(
      compare: [created(key, at: 0)],
      success: [RequestOp(request: .requestPut(PutRequest(key: key, value: value, lease: lease))), others],
      failure: [RequestOp(request: .requestRange(RangeRequest(key: key))), others])
  }

  /// The answer to `entry`.
  struct Entry {
    /// The key that was there before; nil where it was made.
    var found: KeyValue?
    /// Keys below the prefix, this one included.
    var count: Int64

    init?(_ response: TxnResponse) {
      guard response.responses.count == 2, case .responseRange(let others)? = response.responses[1].response
      else {
        return nil
      }
      count = others.count
      if response.succeeded { return }
      guard case .responseRange(let range)? = response.responses[0].response, let pair = range.kvs.first else {
        return nil
      }
      found = pair
    }
  }

  /// A new value for the key, if it is still the one that was made at `revision`.
  static func proclamation(key: Bytes, revision: Int64, value: Bytes, lease: Int64) -> TxnRequest {
    TxnRequest(
      compare: [created(key, at: revision)],
      success: [RequestOp(request: .requestPut(PutRequest(key: key, value: value, lease: lease)))])
  }

  /// Deletes the key, if it is still the one that was made at `revision`.
  static func removal(key: Bytes, revision: Int64) -> TxnRequest {
    TxnRequest(
      compare: [created(key, at: revision)],
      success: [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: key)))])
  }

  /// How many keys are below the prefix.
  static func count(_ name: Bytes) -> RangeRequest {
    RangeRequest(key: prefix(name), rangeEnd: prefixEnd(name), countOnly: true)
  }

  private static func created(_ key: Bytes, at revision: Int64) -> Compare {
    Compare(result: .equal, target: .create, key: key, targetUnion: .createRevision(revision))
  }

  // MARK: Errors

  /// What went wrong inside of these services arrives as its bare text, under code 2: in 3.4 it passes through a client of the
  /// member's own, whose errors carry no code.
  static func inner(_ status: RPCStatus) -> RPCStatus { .unmapped(status.message) }
}

extension RPCStatus {
  // As etcd 3.4: clientv3/concurrency/election.go, api/v3election/election.go; mutex.go of 3.5.
  static let electionNotLeader = RPCStatus.unmapped("election: not leader")
  static let electionNoLeader = RPCStatus.unmapped("election: no leader")
  static let leaderMissing = RPCStatus.unmapped("\"leader\" field must be provided")
  static let mutexSessionExpired = RPCStatus.unmapped("mutex: session is expired")
}
