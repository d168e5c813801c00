import Base

/// What clients were promised of their leases' lives. Times are the world's, in nanoseconds.
struct LeaseTruth {
  private struct Promise {
    /// When the promising member said so, and for how long.
    var at: Int64
    var ttl: Int64
    var by: String
  }

  private var promises: [Int64: [Promise]] = [:]
  private var revokedAt: [Int64: Int64] = [:]
  /// Requests by which members end leases that have expired, and when they were made.
  private var expiries: [UInt64: (at: Int64, by: String)] = [:]
  private(set) var expired = 0
  private(set) var renewed = 0
  /// Clocks of members run this much faster or slower at most.
  static let drift = 0.02

  /// A keep-alive is answered at `now`, asked at `asked`.
  mutating func renewed(_ id: Int64, ttl: Int64, asked: Int64, now: Int64, by name: String) {
    if let revoked = revokedAt[id] {
      expect(
        revoked >= asked,
        "\(name) renews lease \(id), which was revoked \((asked - revoked) / 1_000_000) ms before it was asked")
    }
    renewed += 1
    promises[id, default: []].append(Promise(at: now, ttl: ttl, by: name))
  }

  mutating func granted(_ id: Int64, ttl: Int64, asked: Int64, by name: String) {
    promises[id, default: []].append(Promise(at: asked, ttl: ttl, by: name))
  }

  /// A member proposes to end a lease since its time is over.
  mutating func proposed(_ requestID: UInt64, at now: Int64, by name: String) {
    expiries[requestID] = (now, name)
  }

  /// A revocation is applied for the first time.
  mutating func revoked(_ id: Int64, by requestID: UInt64, _ ttl: Int64, at now: Int64) {
    revokedAt[id] = now
    guard let expiry = expiries.removeValue(forKey: requestID) else {
      promises[id] = nil
      return
    }
    expired += 1
    for promise in promises.removeValue(forKey: id) ?? [] where promise.at <= expiry.at {
      let life = Int64(Double(promise.ttl) * 1e9 * (1 - Self.drift))
      expect(
        expiry.at >= promise.at + life,
        "lease \(id): \(promise.by) promised \(promise.ttl) s, \(expiry.by) ended it "
          + "\((expiry.at - promise.at) / 1_000_000) ms later")
    }
  }
}
