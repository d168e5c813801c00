// Bounds of the TCP gateway and the gRPC proxy.
extension Limits {
  /// One attempt of the gateway to connect to an endpoint, all its addresses together. As grpc-go's clients wait longer,
  /// the next endpoint is tried in time; 3.4 waits as long as the kernel does, two minutes.
  package static let gatewayDialTime = TimeSpan.seconds(5)
  /// Connections and calls that are open when a front end is told to stop may go on for so long.
  package static let frontDrainTime = TimeSpan.seconds(5)
  /// Calls that wait for a connection to a member; more are refused at once.
  package static let proxyWaitingCalls = 16 * 1024
  /// Longest wait for a connection; and while every endpoint has failed and is about to be tried again.
  package static let proxyConnectWait = TimeSpan.seconds(5)
  package static let proxyOutageWait = TimeSpan.seconds(1)
  /// Waits between attempts to connect to an endpoint: short ones, since a proxy has many clients that wait with it.
  package static let proxyFirstBackoffSeconds = 0.1
  package static let proxyBackoffSeconds = 2.0
  /// Calls under way at an endpoint that DNS does not name any more may go on for so long; what shares a stream with others
  /// goes over to another member at once.
  package static let leavingCallTime = TimeSpan.seconds(30)
  /// Replies kept by the gRPC proxy's cache. As etcd 3.4: proxy/grpcproxy/cache/store.go, DefaultMaxEntries.
  package static let proxyCacheEntries = 2_048
  /// Bytes of all replies kept, and of one; a larger one is forwarded each time.
  package static let proxyCacheBytes = 32 * 1024 * 1024
  package static let proxyCacheEntryBytes = 256 * 1024
  /// Ranges whose replies may be kept, each watched at a member.
  package static let proxyCacheRanges = 1_024
  /// Ranges remembered as asked for once, so that only what is asked for again is watched.
  package static let proxySeenRanges = 4_096
  /// A kept reply is fetched anew after so long although nothing changed: rights that were taken away are noticed then.
  package static let proxyCacheLife = TimeSpan.seconds(10)
  /// Attempts of a read whose member went away, or whose answer was older than one before.
  package static let proxyReadAttempts = 5
  /// Pause between two attempts to open a broken stream of watches, and to register again.
  package static let proxyStreamWait = TimeSpan.milliseconds(100)
  package static let proxyRegisterWait = TimeSpan.seconds(1)
  /// Watches of one client stream; a further one is refused. The member bounds them only by memory.
  package static let proxyStreamWatches = 100_000
  /// Keep-alives of one client stream that wait for an answer; while there are more the client is not read.
  package static let proxyStreamKeepAlives = 1_024
  /// Leases whose last renewal is remembered, so that several clients share it; what is beyond is passed on one by one.
  package static let proxyKeptLeases = 100_000
  /// Events in one message to a client that asked for fragments. As etcd 3.4: `--max-request-bytes` and gRPC's overhead.
  package static let proxyFragmentBytes = 2 * 1024 * 1024
}
