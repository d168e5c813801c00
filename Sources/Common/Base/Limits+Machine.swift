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
  /// Events that wait for one watcher of the v2 store; one that is further behind ends. As etcd 3.4: v2store/watcher_hub.go.
  package static let v2WaitingEvents = 100
  /// Watchers told in one turn of the loop: a millisecond, since what they are told is encoded once.
  package static let v2NoticesPerTurn = 500
  /// Watchers of the v2 store; a further one is refused. Each costs about 300 bytes and its connection.
  package static let v2Watchers = 100_000
  /// Directories that a key of the v2 API may lie deep: as JSON, which snapshots are, each is two levels of `jsonNesting`.
  package static let v2PathParts = 400
  /// Bytes that a form to the v2 API may have for each byte of the largest request: each may come as three, `%41`.
  package static let formBytesPerByte = 3
  /// What a form has beside keys and values: names of fields and flags.
  package static let formOverheadBytes = 64 * 1024
  /// Body of a request about users and roles of the v2 API: a role with some ten thousand paths.
  package static let v2AuthBodyBytes = 1024 * 1024
  /// Time between two requests of the leader that remove what expired. As etcd 3.4: etcdserver/server.go, SyncTicker.
  package static let v2SyncInterval = TimeSpan.milliseconds(500)
  /// Passwords of the v2 API that were found good and are not hashed again until they change.
  package static let verifiedPasswords = 1_024
  /// Appends whose time and size the rates of `/v2/stats/self` are made of. As etcd 3.4: v2stats/queue.go.
  package static let statsQueue = 200
  /// Learners a cluster may have. As etcd 3.4: membership/cluster.go, maxLearners.
  package static let learners = 1
  /// Simple tokens remembered at once. Each costs its maker a password check, so this is hours of signing in.
  package static let simpleTokens = 100_000
  /// Simple tokens looked at each second for those whose time is over; what is too old is refused in any case.
  package static let tokensPerSweep = 1_000
  /// Longest signed token that is looked at; with the largest of keys one has about a thousand bytes.
  package static let webTokenBytes = 8_192
}
