/// How a call ended when it did not end well: a gRPC code and a text that clients compare literally.
package struct RPCStatus: Error, Hashable, Sendable {
  package var code: StatusCode
  package var message: String
  package init(_ code: StatusCode, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension RPCStatus: CustomStringConvertible {
  /// As Go prints an error of gRPC.
  package var description: String { "rpc error: code = \(code.name) desc = \(message)" }
}

// The one table of errors. As etcd 3.4: etcdserver/api/v3rpc/rpctypes/error.go and v3rpc/util.go.
extension RPCStatus {
  private static func etcd(_ code: StatusCode, _ text: String) -> RPCStatus {
    RPCStatus(code, "etcdserver: " + text)
  }

  // MARK: Keys, transactions, revisions

  package static let keyNotProvided = etcd(.invalidArgument, "key is not provided")
  package static let keyNotFound = etcd(.invalidArgument, "key not found")
  package static let valueProvided = etcd(.invalidArgument, "value is provided")
  package static let leaseProvided = etcd(.invalidArgument, "lease is provided")
  package static let tooManyOperations = etcd(.invalidArgument, "too many operations in txn request")
  package static let duplicateKey = etcd(.invalidArgument, "duplicate key given in txn request")
  package static let compacted = etcd(.outOfRange, "mvcc: required revision has been compacted")
  package static let futureRevision = etcd(.outOfRange, "mvcc: required revision is a future revision")
  package static let noSpace = etcd(.resourceExhausted, "mvcc: database space exceeded")
  package static let requestTooLarge = etcd(.invalidArgument, "request is too large")
  /// Code 8 as documented and as 3.5 sends it; 3.4 puts a client-side error on the wire, which becomes code 2.
  package static let tooManyRequests = etcd(.resourceExhausted, "too many requests")
  /// As 3.6.
  package static let invalidSortOption = etcd(.invalidArgument, "invalid sort option")
  package static let invalidClientVersion = etcd(.invalidArgument, "invalid client api version")

  // MARK: Leases and watches

  package static let leaseNotFound = etcd(.notFound, "requested lease not found")
  package static let leaseExists = etcd(.failedPrecondition, "lease already exists")
  package static let leaseTTLTooLarge = etcd(.outOfRange, "too large lease TTL")
  package static let watchCanceled = etcd(.cancelled, "watch canceled")

  // MARK: Members

  package static let memberExists = etcd(.failedPrecondition, "member ID already exist")
  package static let peerURLExists = etcd(.failedPrecondition, "Peer URLs already exists")
  /// Code 9 as documented and as 3.5 sends it; 3.4 sends code 2 by mistake.
  package static let notEnoughStartedMembers = etcd(
    .failedPrecondition, "re-configuration failed due to not enough started members")
  package static let badMemberURLs = etcd(.invalidArgument, "given member URLs are invalid")
  package static let memberNotFound = etcd(.notFound, "member not found")
  package static let memberNotLearner = etcd(.failedPrecondition, "can only promote a learner member")
  package static let learnerNotReady = etcd(
    .failedPrecondition, "can only promote a learner member which is in sync with leader")
  package static let tooManyLearners = etcd(.failedPrecondition, "too many learner members in cluster")
  package static let notSupportedForLearner = etcd(.unavailable, "rpc not supported for learner")
  package static let badLeaderTransferee = etcd(.failedPrecondition, "bad leader transferee")
  /// As 3.5.
  package static let clusterIDMismatch = etcd(.failedPrecondition, "cluster ID mismatch")

  // MARK: Users and roles

  package static let rootUserNotFound = etcd(.failedPrecondition, "root user does not exist")
  package static let rootRoleNotGranted = etcd(.failedPrecondition, "root user does not have root role")
  package static let userExists = etcd(.failedPrecondition, "user name already exists")
  package static let userEmpty = etcd(.invalidArgument, "user name is empty")
  package static let userNotFound = etcd(.failedPrecondition, "user name not found")
  package static let roleExists = etcd(.failedPrecondition, "role name already exists")
  package static let roleNotFound = etcd(.failedPrecondition, "role name not found")
  package static let roleEmpty = etcd(.invalidArgument, "role name is empty")
  package static let authFailed = etcd(
    .invalidArgument, "authentication failed, invalid user ID or password")
  package static let permissionDenied = etcd(.permissionDenied, "permission denied")
  package static let roleNotGranted = etcd(.failedPrecondition, "role is not granted to the user")
  package static let permissionNotGranted = etcd(.failedPrecondition, "permission is not granted to the role")
  /// As 3.4.25, which refuses empty ranges; the text is that of 3.5.
  package static let permissionNotGiven = etcd(.invalidArgument, "permission not given")
  package static let authNotEnabled = etcd(.failedPrecondition, "authentication is not enabled")
  package static let invalidAuthToken = etcd(.unauthenticated, "invalid auth token")
  package static let invalidAuthManagement = etcd(.invalidArgument, "invalid auth management")
  package static let authOldRevision = etcd(.invalidArgument, "revision of auth store is old")

  // MARK: The cluster's state

  package static let noLeader = etcd(.unavailable, "no leader")
  package static let notLeader = etcd(.failedPrecondition, "not leader")
  package static let leaderChanged = etcd(.unavailable, "leader changed")
  package static let notCapable = etcd(.unavailable, "not capable")
  package static let stopped = etcd(.unavailable, "server stopped")
  package static let timeout = etcd(.unavailable, "request timed out")
  package static let timeoutLeaderFailure = etcd(
    .unavailable, "request timed out, possibly due to previous leader failure")
  package static let timeoutConnectionLost = etcd(
    .unavailable, "request timed out, possibly due to connection lost")
  package static let timeoutAppliedIndex = etcd(
    .unavailable, "request timed out, waiting for the applied index took too long")
  package static let unhealthy = etcd(.unavailable, "unhealthy cluster")
  package static let corrupt = etcd(.dataLoss, "corrupt cluster")

  // MARK: Downgrades (as 3.5)

  package static let wrongDowngradeVersionFormat = etcd(
    .invalidArgument, "wrong downgrade target version format")
  package static let invalidDowngradeTarget = etcd(.invalidArgument, "invalid downgrade target version")
  package static let clusterVersionUnavailable = etcd(
    .failedPrecondition, "cluster version not found during downgrade")
  package static let downgradeInProcess = etcd(
    .failedPrecondition, "cluster has a downgrade job in progress")
  package static let noInflightDowngrade = etcd(.failedPrecondition, "no inflight downgrade job")

  // MARK: gRPC itself

  package static let contextCanceled = RPCStatus(.cancelled, "context canceled")
  package static let contextDeadlineExceeded = RPCStatus(.deadlineExceeded, "context deadline exceeded")

  package static func unknownService(_ service: String) -> RPCStatus {
    RPCStatus(.unimplemented, "unknown service \(service)")
  }
  package static func unknownMethod(_ method: String, of service: String) -> RPCStatus {
    RPCStatus(.unimplemented, "unknown method \(method) for service \(service)")
  }
  package static func messageTooLarge(_ bytes: Int, limit: Int) -> RPCStatus {
    RPCStatus(.resourceExhausted, "grpc: received message larger than max (\(bytes) vs. \(limit))")
  }
  package static func undecodable(_ error: DecodeError) -> RPCStatus {
    RPCStatus(.internalError, "grpc: error unmarshalling request: \(error)")
  }
  /// An error without a row here: its raw text under code 2, as 3.4.
  package static func unmapped(_ text: String) -> RPCStatus { RPCStatus(.unknown, text) }
}

extension RPCStatus {
  /// Every row, so that a client can find a row by its text.
  package static let table: [RPCStatus] = [
    keyNotProvided, keyNotFound, valueProvided, leaseProvided, tooManyOperations, duplicateKey, compacted,
    futureRevision, noSpace, requestTooLarge, tooManyRequests, invalidSortOption, invalidClientVersion,
    leaseNotFound, leaseExists, leaseTTLTooLarge, watchCanceled, memberExists, peerURLExists,
    notEnoughStartedMembers, badMemberURLs, memberNotFound, memberNotLearner, learnerNotReady, tooManyLearners,
    notSupportedForLearner, badLeaderTransferee, clusterIDMismatch, rootUserNotFound, rootRoleNotGranted,
    userExists, userEmpty, userNotFound, roleExists, roleNotFound, roleEmpty, authFailed, permissionDenied,
    roleNotGranted, permissionNotGranted, permissionNotGiven, authNotEnabled, invalidAuthToken,
    invalidAuthManagement, authOldRevision, noLeader, notLeader, leaderChanged, notCapable, stopped, timeout,
    timeoutLeaderFailure, timeoutConnectionLost, timeoutAppliedIndex, unhealthy, corrupt,
    wrongDowngradeVersionFormat, invalidDowngradeTarget, clusterVersionUnavailable, downgradeInProcess,
    noInflightDowngrade,
  ]
}
