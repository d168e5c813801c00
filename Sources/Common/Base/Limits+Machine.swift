/// Bounds of the machine: watchers, leases, quota, the v2 store, membership.
extension Limits {
  /// Watchers looked at to find the slowest: a tenth of a millisecond.
  package static let watchersLookedAt = 65_536
  /// Watchers served by one scan over history. As etcd 3.4: mvcc/watchable_store.go, maxWatchersPerSync.
  package static let watchBatch = 512
  /// Watchers of closed streams removed in one go: two tenths of a millisecond.
  package static let watchersRemovedAtOnce = 512
  /// Rows of history read for watchers in one go, so that the loop is not held; also the number of revisions etcd 3.4
  /// puts into one response (mvcc/watcher_group.go, watchBatchMaxRevs).
  package static let watchSliceRows = 1_000
  /// Events handed to watchers from history in one go, and the bytes of their records.
  package static let watchSliceEvents = 4_096
  package static let watchSliceBytes = 1024 * 1024
  /// Leases revoked a second after they expired, taken in halves. As etcd 3.4: lease/lessor.go, leaseRevokeRate.
  package static let leaseRevokesPerSecond = 1_000
  /// Revocations proposed and not ended. As etcd 3.4: etcdserver/server.go, maxPendingRevokes.
  package static let leaseRevokesUnderWay = 16
  /// A lease that was to be revoked and still lives is proposed again. As etcd 3.4: lease/lessor.go.
  package static let leaseRevokeRetry = TimeSpan.seconds(3)
  /// Time between checkpoints of a long lease, and checkpoints in one entry. As etcd 3.4: lease/lessor.go.
  package static let leaseCheckpointInterval = TimeSpan.seconds(300)
  package static let leaseCheckpointBatch = 1_000
  /// Share of the quota in use above which the log and a metric say so.
  package static let quotaWarningPercent: Int64 = 80
  /// Share of the quota in use below which a member takes its own alarm for want of space back.
  package static let quotaRoomPercent: Int64 = 90
  /// Watchers told at once of one change; the others fall behind and are served from history in slices.
  package static let watchFanOut = 1_000
  /// What a watcher counts for besides its keys, among the bytes that its connection holds.
  package static let watcherBytes = 300
  /// A quota above this is warned of. As etcd 3.4: etcdserver/quota.go, MaxQuotaBytes.
  package static let suggestedQuotaBytes: Int64 = 8 * 1024 * 1024 * 1024
  /// Events of the v2 store kept for watchers that come late. As etcd 3.4: v2store/store.go, newWatchHub(1000).
  package static let v2HistoryEvents = 1_000
  /// Learners a cluster may have. As etcd 3.4: membership/cluster.go, maxLearners.
  package static let learners = 1
  /// Simple tokens remembered at once. Each costs its maker a password check, so this is hours of signing in.
  package static let simpleTokens = 100_000
  /// Simple tokens looked at each second for those whose time is over; what is too old is refused in any case.
  package static let tokensPerSweep = 1_000
  /// Longest signed token that is looked at; with the largest of keys one has about a thousand bytes.
  package static let webTokenBytes = 8_192
}
