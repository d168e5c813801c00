/// What ends a command of the v2 mode early: lines for standard error, and a code.
struct V2Failure: Error {
  /// As etcd 3.4: etcdctl/ctlv2/command/error.go.
  enum Code: Int32 {
    case badArguments = 1
    case badConnection = 2
    case serverError = 4
    case clusterNotHealthy = 5
  }

  var code: Code
  /// With its line ends.
  var text: String

  /// Said as it is, with code 1: what commands outside the keys do.
  static func plain(_ line: String) -> V2Failure { V2Failure(code: .badArguments, text: line + "\n") }

  /// `Error:  TEXT`, and what each member had to say.
  static func error(_ code: Code, _ fault: V2Fault) -> V2Failure {
    V2Failure(code: code, text: "Error:  \(fault.description)\n\(fault.detail)")
  }

  static func badArguments(_ text: String) -> V2Failure {
    V2Failure(code: .badArguments, text: "Error:  \(text)\n")
  }
}

/// Why a request has no good answer.
enum V2Fault: Error, CustomStringConvertible {
  /// The server's own words.
  case refused(String)
  case other(String)
  /// No member could be asked; each with its reason. `isConnection`: none was even reached.
  case unavailable([String], isConnection: Bool)

  var description: String {
    switch self {
    case .refused(let text), .other(let text): text
    case .unavailable(let reasons, _):
      "client: etcd cluster is unavailable or misconfigured"
        + reasons.enumerated().map { "; error #\($0): \($1)\n" }.joined()
    }
  }

  var detail: String {
    guard case .unavailable(let reasons, _) = self else { return "" }
    return reasons.enumerated().map { "error #\($0): \($1)\n" }.joined() + "\n"
  }

  var isConnection: Bool {
    if case .unavailable(_, let isConnection) = self { return isConnection }
    return false
  }

  static let deadline = V2Fault.other("context deadline exceeded")
  static let noEndpoints = V2Fault.other("client: no endpoints available")
  static let invalidJSON = V2Fault.other(
    "client: response is invalid json. The endpoint is probably not valid etcd cluster endpoint")
}
