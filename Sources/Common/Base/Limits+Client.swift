// Bounds of the Client room.
extension Limits {
  /// Longest wait between two attempts to connect. As grpc-go: backoff.DefaultConfig.
  package static let clientBackoffSeconds = 120.0
  /// One attempt to connect, handshake included, may take this long. As grpc-go: minConnectTimeout.
  package static let clientConnectTimeout = TimeSpan.seconds(20)
  /// Keep-alive pings are no closer than this, or servers hang up. As grpc-go: internal.KeepaliveMinPingTime.
  package static let clientPingInterval = TimeSpan.seconds(10)
  /// Largest request sent. As etcd 3.4: clientv3/options.go.
  package static let clientSendBytes = 2 * 1024 * 1024
  /// Largest reply taken.
  package static let clientReceiveBytes = Int(Int32.max)
  /// Attempts of one unary call. As etcd 3.4: clientv3/options.go, defaultUnaryMaxRetries.
  package static let clientAttempts = 100
  /// Wait after each round over a quorum of the endpoints, give or take a tenth.
  package static let clientRetryWait = TimeSpan.milliseconds(25)
  /// Calls that wait for a connection; more fail at once.
  package static let clientWaitingCalls = 16 * 1024
  /// Pause before a broken stream of watches or of lease renewals is opened again.
  package static let clientStreamWait = TimeSpan.milliseconds(500)
}
