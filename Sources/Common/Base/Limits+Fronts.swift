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
  /// Seconds that what a leasing proxy owns outlives it. As etcd 3.4: clientv3/concurrency/session.go, defaultSessionTTL.
  package static let leasingSessionSeconds: Int64 = 60
  /// So much before its lease ends a leasing proxy stops to answer for what it owns: clocks differ, and a leader that is
  /// none any more may have renewed the lease for as long as an election takes.
  package static let leasingMargin = TimeSpan.seconds(6)
  /// Keys that a leasing proxy owns, each watched at a member, and bytes of what they hold.
  package static let leasingKeys = 8_192
  package static let leasingBytes = 64 * 1024 * 1024
  /// Operations, and comparisons, in one transaction of leasing. As etcd 3.4: `--max-txn-ops`.
  package static let leasingTxnOperations = 128
  /// Leasing keys that one transaction deals with: each is an operation with another one inside.
  package static let leasingBatch = leasingTxnOperations - 1
  /// How long a key is left alone that somebody wanted to write. As etcd 3.4: clientv3/leasing/cache.go, revokeBackoff.
  package static let leasingRest = TimeSpan.seconds(2)
  /// Keys that are left alone at a time; what is beyond may be taken again too soon.
  package static let leasingRestingKeys = 65_536
  /// Writes that wait for the owners of keys; a further one is refused.
  package static let leasingWrites = 16 * 1024
  /// How long a write tries; longer than the lease of an owner that died.
  package static let leasingWriteTime = TimeSpan.seconds(90)
  /// Longest call of leasing's own, and longest renewal of its lease, of which several must fit into the lease.
  package static let leasingCallTime = TimeSpan.seconds(15)
  package static let leasingRenewTime = TimeSpan.seconds(5)
  package static let leasingRevokeTime = TimeSpan.seconds(1)
  /// Pause before what failed is tried again, and before a write looks whether an owner has missed its request.
  package static let leasingRetryWait = TimeSpan.seconds(1)
  /// Pause between two attempts of a write that was overtaken, after the first few.
  package static let leasingPause = TimeSpan.milliseconds(20)
  /// Events in one message to a client that asked for fragments. As etcd 3.4: `--max-request-bytes` and gRPC's overhead.
  package static let proxyFragmentBytes = 2 * 1024 * 1024
}
