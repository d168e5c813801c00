/// The codes of gRPC; other numbers are kept as they came.
package struct StatusCode: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let ok = StatusCode(rawValue: 0)
  package static let cancelled = StatusCode(rawValue: 1)
  package static let unknown = StatusCode(rawValue: 2)
  package static let invalidArgument = StatusCode(rawValue: 3)
  package static let deadlineExceeded = StatusCode(rawValue: 4)
  package static let notFound = StatusCode(rawValue: 5)
  package static let alreadyExists = StatusCode(rawValue: 6)
  package static let permissionDenied = StatusCode(rawValue: 7)
  package static let resourceExhausted = StatusCode(rawValue: 8)
  package static let failedPrecondition = StatusCode(rawValue: 9)
  package static let aborted = StatusCode(rawValue: 10)
  package static let outOfRange = StatusCode(rawValue: 11)
  package static let unimplemented = StatusCode(rawValue: 12)
  package static let internalError = StatusCode(rawValue: 13)
  package static let unavailable = StatusCode(rawValue: 14)
  package static let dataLoss = StatusCode(rawValue: 15)
  package static let unauthenticated = StatusCode(rawValue: 16)

  private static let names = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
    "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
    "Internal", "Unavailable", "DataLoss", "Unauthenticated",
  ]

  /// The name as Go prints it and as metrics label it: `InvalidArgument`.
  package var name: String {
    rawValue < UInt32(Self.names.count) ? Self.names[Int(rawValue)] : "Code(\(rawValue))"
  }

  /// What the JSON gateway answers for this code. As grpc-gateway 1.x: runtime/errors.go.
  package var httpStatus: Int {
    switch self {
    case .ok: 200
    case .invalidArgument, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .cancelled: 408
    case .alreadyExists, .aborted: 409
    case .failedPrecondition: 412
    case .resourceExhausted: 429
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    default: 500
    }
  }
}
