import Base

/// Why a lease request fails. The texts are those of the lessor; the status table words the replies to clients.
package enum LeaseError: Error, Sendable, Equatable {
  case notFound
  case exists
  case ttlTooLarge
  /// Only the leader's lessor renews and expires.
  case notPrimary

  package var text: String {
    switch self {
    case .notFound: "lease not found"
    case .exists: "lease already exists"
    case .ttlTooLarge: "too large lease TTL"
    case .notPrimary: "not a primary lessor"
    }
  }
}

/// How a lease stands. Times in seconds, as clients see them.
package struct LeaseState: Sendable, Equatable {
  package var id: LeaseID
  package var grantedTTL: Int64
  /// What is left; rounded towards zero. Meaningful on the leader only.
  package var remaining: Int64
}

/// The answer to a keep-alive.
package enum LeaseRenewal: Sendable, Equatable {
  /// The lease lives on for this many seconds.
  case renewed(ttl: Int64)
  /// A checkpoint of the remaining time is stored: replicate a checkpoint of 0 first, then ask again.
  case needsCheckpointClear
}

/// What the lessor is told by the configuration.
package struct LessorOptions: Sendable {
  /// ceil(1.5 x election timeout) in seconds; part of the replicated state, so equal on all members.
  package var minimumTTL: Int64
  /// `--experimental-enable-lease-checkpoint`
  package var checkpoints: Bool
  /// `--experimental-enable-lease-checkpoint-persist`, or a cluster of version 3.6.
  package var persistsCheckpoints: Bool

  package init(minimumTTL: Int64 = 2, checkpoints: Bool = false, persistsCheckpoints: Bool = false) {
    self.minimumTTL = minimumTTL
    self.checkpoints = checkpoints
    self.persistsCheckpoints = persistsCheckpoints
  }
}

/// Counters for metrics.
package struct LeaseCounters: Sendable, Equatable {
  package var granted: UInt64 = 0
  package var revoked: UInt64 = 0
  package var renewed: UInt64 = 0
  package var expired: UInt64 = 0
}
