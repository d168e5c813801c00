/// How etcdctl ends. As etcd 3.4: etcdctl/ctlv3/command/error.go.
enum ExitCode: Int32 {
  case error = 1
  case badConnection = 2
  /// `txn` and `watch` could not read what they were given.
  case invalidInput = 3
  /// A flag that exists with a value that does not.
  case badFeature = 4
  case interrupted = 5
  case io = 6
  case badArguments = 128
}

/// What ends a command early: `Error: TEXT` on standard error and a code. An empty text prints nothing.
struct Failure: Error, Equatable {
  var code: ExitCode
  var text: String

  init(_ code: ExitCode, _ text: String) {
    self.code = code
    self.text = text
  }

  static func badArguments(_ text: String) -> Failure { Failure(.badArguments, text) }
  /// The command has said what went wrong itself.
  static let reported = Failure(.error, "")
}
