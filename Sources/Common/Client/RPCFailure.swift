import Base
import Wire

/// How a call failed, as its caller sees it.
package struct RPCFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package var status: RPCStatus
  /// The caller's own deadline ended the call.
  package var isPastDeadline: Bool

  package init(_ status: RPCStatus, isPastDeadline: Bool = false) {
    self.status = status
    self.isPastDeadline = isPastDeadline
  }

  /// One of etcd's own errors, whose texts are fixed.
  package var isEtcdError: Bool { RPCStatus.table.contains { $0.message == status.message } }

  package func means(_ known: RPCStatus) -> Bool { status.message == known.message }

  /// As clientv3 prints it: etcd's own texts bare, others with their code. As etcd 3.4: clientv3/client.go, toErr.
  package var description: String {
    if isEtcdError { return status.message }
    if isPastDeadline, status.code == .deadlineExceeded || status.code == .cancelled {
      return "context deadline exceeded"
    }
    return status.description
  }

  /// No progress can be made by trying again. As etcd 3.4: clientv3/client.go, isHaltErr.
  package var isFinal: Bool {
    isPastDeadline || (status.code != .unavailable && status.code != .internalError)
  }
}

/// Whether a request may be sent again after a failure that does not tell if it was carried out.
package enum RetryPolicy: Sendable {
  /// Reads, and writes that may come twice.
  case repeatable
  /// Only where no member was reached at all.
  case once

  /// As etcd 3.4: clientv3/retry.go.
  func allows(_ failure: RPCFailure) -> Bool {
    guard failure.status.code == .unavailable else { return false }
    if self == .repeatable { return true }
    let text = failure.status.message
    return text == "there is no address available" || text == "there is no connection available"
  }
}
