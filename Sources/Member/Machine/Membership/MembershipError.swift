import Wire

/// Why a change of membership is refused when it is applied. The texts are Go's; the status table words the replies.
/// As etcd 3.4: membership/errors.go.
package enum MembershipError: Error, Sendable, Equatable {
  case idRemoved
  case idExists
  case idNotFound
  case peerURLExists
  case notLearner
  case tooManyLearners
  /// The context of the change is no member record. Go stops there; a log that says so is applied as no change.
  case unreadableContext

  package var text: String {
    switch self {
    case .idRemoved: "membership: ID removed"
    case .idExists: "membership: ID exists"
    case .idNotFound: "membership: ID not found"
    case .peerURLExists: "membership: peerURL exists"
    case .notLearner: "membership: can only promote a learner member"
    case .tooManyLearners: "membership: too many learner members in cluster"
    case .unreadableContext: "membership: unreadable context of a configuration change"
    }
  }
}

/// Why a change is refused before it is proposed, under `--strict-reconfig-check`.
package enum ReconfigurationRefusal: Error, Sendable, Equatable {
  case notEnoughStartedMembers
  case unhealthyCluster
  case learnerNotReady

  package var text: String {
    switch self {
    case .notEnoughStartedMembers: "etcdserver: re-configuration failed due to not enough started members"
    case .unhealthyCluster: "etcdserver: unhealthy cluster"
    case .learnerNotReady: "etcdserver: can only promote a learner member which is in sync with leader"
    }
  }
}

extension RPCStatus {
  /// As etcd 3.4: etcdserver/api/v3rpc/util.go, toGRPCErrorMap.
  package init(_ error: MembershipError) {
    switch error {
    case .idRemoved, .idNotFound: self = .memberNotFound
    case .idExists: self = .memberExists
    case .peerURLExists: self = .peerURLExists
    case .notLearner: self = .memberNotLearner
    case .tooManyLearners: self = .tooManyLearners
    case .unreadableContext: self = .unmapped(error.text)
    }
  }
}
