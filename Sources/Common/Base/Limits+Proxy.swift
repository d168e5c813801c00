// Bounds of the HTTP proxy.

extension Limits {
  /// Kept-alive connections to one endpoint that nobody uses. As etcd 3.4: proxy/httpproxy, DefaultMaxIdleConnsPerHost.
  package static let proxyIdleConnections = 128
  /// How long such a connection is kept: shorter than a member keeps it, so that it is ours to end.
  package static let proxyIdleTime = TimeSpan.seconds(90)
  /// Calls on one HTTP/2 connection to an endpoint before another one is opened. Many idle watches cost little there;
  /// readers that stop have `proxyOwedBytes`.
  package static let proxyStreams = 2_000
  /// An endpoint that answers plain requests over HTTP/1.1 only is asked again after this time: another program may be there.
  package static let proxySharingRetry = TimeSpan.seconds(60)
  /// The same after a connection for that could not be made, or broke.
  package static let proxySharingPause = TimeSpan.seconds(1)
  /// Bytes of replies on one such connection that clients have not taken: new calls then get another connection, so that
  /// a few who do not read cannot use up the window of all. A quarter of what the connection gives.
  package static let proxyOwedBytes = 4 * 1024 * 1024
  /// A request's body up to this size is kept until something of it was sent, so that it can go to another endpoint when
  /// the connection turns out to be dead.
  package static let proxyKeptBodyBytes = 64 * 1024
  /// Attempts for one request, over all endpoints and connections that turned out to be dead.
  package static let proxyAttempts = 16
  /// Time for the TLS handshake with a member; connecting has a time of its own, `--proxy-dial-timeout`.
  package static let proxyHandshakeTime = TimeSpan.seconds(5)
  /// One look at the list of members, at one peer URL. As etcd 3.4: etcdserver/cluster_util.go.
  package static let proxyMembersTime = TimeSpan.seconds(10)
  /// Pause between two looks at the list of members while none is known, or none answered.
  package static let proxyRetryTime = TimeSpan.seconds(1)
  /// Pause between two questions whether an endpoint is healthy. A Go member answers through its log, so not often.
  package static let proxyProbeTime = TimeSpan.seconds(10)
  /// The same for one that answered that it is not.
  package static let proxyUnreadyTime = TimeSpan.seconds(1)
  /// First pause before an endpoint that failed is tried again; it doubles up to `--proxy-failure-wait`.
  package static let proxyFirstRetry = TimeSpan.milliseconds(100)
  /// How long an endpoint may take to answer whether it is healthy, and then whether it is there at all.
  package static let proxyProbePatience = TimeSpan.seconds(2)
  /// A request without an answer for so long casts doubt on its endpoint, which is then asked, at most so often.
  package static let proxySuspicionTime = TimeSpan.seconds(1)
  /// How long requests may take to end after the signal to stop; those that wait for changes are ended at once.
  package static let proxyDrainTime = TimeSpan.seconds(5)
  /// Silence on an HTTP/2 connection with open calls after which a member is pinged, and how long it may take to answer.
  /// Not under the five seconds that members allow.
  package static let proxyPingInterval = TimeSpan.seconds(30)
  package static let proxyPingTimeout = TimeSpan.seconds(10)
  /// Longest `proxy/cluster` file that is read.
  package static let proxyClusterFileBytes = 1024 * 1024
}
