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
  /// Puts of a mirror's first copy that are under way at a time: enough to hide the way there and back.
  package static let mirrorPuts = 64
  /// Pause before a broken stream of watches or of lease renewals is opened again.
  package static let clientStreamWait = TimeSpan.milliseconds(500)
  /// A page of a member's web side (its metrics) larger than this is none.
  package static let fetchedPageBytes = 4 * 1024 * 1024
  /// Largest answer of the v2 API that `etcdctl` takes: a whole tree comes as one.
  package static let v2ReplyBytes = 512 * 1024 * 1024
  /// Keys of the first page of a range, and the most of any: what is small comes in one page, and a member is not
  /// held by one request for long.
  package static let rangeFirstPageKeys: Int64 = 1_000
  package static let rangePageKeys: Int64 = 50_000
  /// Bytes a page of a range aims at: large enough that the cost of asking does not count, small enough for memory.
  package static let rangePageBytes = 4 * 1024 * 1024
  /// A larger page is refused while it arrives and asked for again with fewer keys.
  package static let rangeReceiveBytes = 32 * 1024 * 1024
  /// Wait before a page is asked of another member, when the one asked has not come as far as the first page's.
  package static let rangeBehindWait = TimeSpan.milliseconds(50)
  /// Keys that `space` reads before it says that the rest was not counted.
  package static let spaceKeys: Int64 = 2_000_000
  /// Up to this many keys `space` reads all values; of more, those of every 16th page.
  package static let spaceFullKeys: Int64 = 50_000
  package static let spaceSampledPages = 16
  /// Prefixes that `space` counts one by one; the others share a line.
  package static let spacePrefixes = 10_000
}
