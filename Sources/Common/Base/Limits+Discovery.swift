// Bounds of the Discovery room.
extension Limits {
  /// Members that a discovered cluster may have: every entry goes to a majority of them, and seven is what is advised.
  /// A size beyond it is a slip of the finger, for which 3.4 would wait without end.
  package static let discoveryMembers = 64
  /// An answer of a discovery service larger than this is none: 64 registrations need a few kilobytes.
  package static let discoveryAnswerBytes = 1024 * 1024
  /// One question to a discovery service; waits for the others have no bound. As etcd 3.4: client/client.go,
  /// DefaultRequestTimeout.
  package static let discoveryRequest = TimeSpan.seconds(5)
  /// Opening a connection to a discovery service. As etcd 3.4: v2discovery/discovery.go, newDiscovery.
  package static let discoveryConnect = TimeSpan.seconds(30)
  /// Redirections that one question follows. As etcd 3.4: client/client.go, DefaultCheckRedirect.
  package static let discoveryRedirects = 10
  /// The pause between two attempts doubles so often: 2 s, 4 s ... 256 s. As etcd 3.4: v2discovery/discovery.go.
  package static let discoveryDoublings = 8

  /// Largest answer of a name server: what its length field over TCP can say.
  package static let dnsAnswerBytes = 65_535
  /// Aliases (CNAME) that lead from the name asked for to its records.
  package static let dnsAliases = 8
  /// Pause between two looks at SRV records while a target cannot be resolved.
  package static let srvRetryPause = TimeSpan.seconds(1)
  /// Followed SRV records are asked for again after their time to live, but no sooner and no later than this: a zone
  /// with a time of 0 must not be hammered, one with a week must be able to move.
  package static let srvShortestLife = TimeSpan.seconds(1)
  package static let srvLongestLife = TimeSpan.seconds(3600)
  /// The longest pause where the last look failed: it doubles from the shortest life up to this.
  package static let srvFailedLife = TimeSpan.seconds(10)
  /// Connecting to an endpoint that DNS names, and its TLS handshake, until it counts as good. As etcd 3.4:
  /// pkg/transport/tls.go, ValidateSecureEndpoints.
  package static let discoveredCheckTime = TimeSpan.seconds(5)
  /// Pause until those that were not found good are looked at again.
  package static let discoveredCheckPause = TimeSpan.seconds(10)
}
