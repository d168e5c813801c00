// Bounds of the member's own work.
extension Limits {
  /// Numbers of answered proposals that may lie in the queue of deadlines before it is cleared: a busy tick's worth.
  package static let keptProposals = 16_384
  /// Proposals that wait for a leader, and their bytes: an election's worth of a busy member; more are refused.
  package static let leaderlessProposals = 10_000
  package static let leaderlessProposalBytes = 64 * 1024 * 1024
  /// Deadlines further away than this count as none (a year: clients send the largest number for "never").
  package static let longestDeadline = TimeSpan.seconds(365 * 24 * 3600)
  /// Bytes of JSON for each byte of the largest request that the gateway takes: base64 makes four of three, names and spaces
  /// have the rest.
  package static let gatewayBytesPerByte = 2
  /// Memory of the reply buffer that is kept between replies; larger replies give theirs back.
  package static let keptReplyBytes = 1024 * 1024
  /// Applied entries that a member alone keeps in memory before it forgets them, so that forgetting is done in bulk.
  package static let appliedEntriesKept: UInt64 = 1_000
  /// Bytes of the log after which a member alone makes a raft snapshot: two segments, which a start reads in a fifth of a second.
  package static let logBytesPerSnapshot = 2 * walSegmentBytes
  /// Lock and Campaign calls that wait for their turn; a further one is refused. Each costs about a kilobyte with its call.
  package static let waitingContenders = 100_000
  /// Keys below contested prefixes held in memory in the order they were made, about 150 bytes each; a prefix that would exceed
  /// it when it is first contested is refused.
  package static let lineKeys = 500_000
  /// Keys of a contested prefix walked in a turn: a fraction of a millisecond.
  package static let lineSliceKeys = 1_024
  /// Keys of calls that gave up, whose removal could not be proposed for want of a leader or room; more stay until their lease ends.
  package static let lateReleases = 10_000
  /// How often and how far apart such a removal is proposed again: for as long as a lease of 60 seconds lives.
  package static let releaseAttempts = 60
  package static let releaseWait = TimeSpan.seconds(1)
  /// Rows fed to a HashKV per turn: about half a millisecond.
  package static let hashSliceRows = 2_000
  /// Pairs counted per turn before a snapshot is sent, and chunks of 32 KiB sent per turn.
  package static let snapshotPairsPerTurn = 5_000
  package static let snapshotChunksPerTurn = 16
  /// Time that a health page waits for a read to go through. As etcd 3.4: etcdhttp/metrics.go, checkHealth.
  package static let healthProbeTime = TimeSpan.seconds(1)
  /// Room for a page of metrics before the first line is written; it has some 160 KB.
  package static let metricsPageBytes = 192 * 1024
  /// Distinct `client-api-version` values that get a line of their own in the metrics; further ones count as "other".
  package static let clientVersions = 32
  /// Key prefixes whose cost is kept; a multiple of 16, by which the table is searched. With so many, any that causes a hundredth
  /// of the load is among them.
  package static let topPrefixes = 128
  /// Bytes kept of a key prefix: two parts of a path of the usual length.
  package static let topPrefixBytes = 64
  /// Of those, how many a page shows.
  package static let topPrefixesShown = 50
  /// Time after which the table of prefixes begins anew, so that it tells of today; the one before is kept beside it.
  package static let topPrefixWindow = TimeSpan.seconds(600)
  /// Body of a request to a page of our own; they take a level's name at most.
  package static let pageBodyBytes = 64 * 1024
  /// Password checks and hashes, each up to a tenth of a second, that may wait; more are refused with "too many requests".
  package static let passwordJobs = 64
  /// Threads for them; one processor is left to the loop, and more than these would starve the disk's threads.
  package static let passwordThreads = 4
  /// Times a sign-in is checked again because users changed meanwhile.
  package static let signInRounds = 8
  /// Signed tokens whose signature was found good and is not checked again until they end.
  package static let verifiedTokens = 4_096
  /// Messages that wait because their token was made by a member that is ahead.
  package static let heldBackMessages = 1_000
  /// Longest profile of the processor, and the words of memory that its samples may take: 8 MB, some forty thousand stacks.
  package static let profileSeconds = 300
  package static let profileWords = 1 << 20
  /// Bytes read of a file of /proc, which has no size of its own: a thousand mappings.
  package static let processFileBytes = 1024 * 1024
  /// Threads whose stacks a dump asks for; a member has four and a few short-lived ones.
  package static let dumpedThreads = 64
  /// Time that they have to answer: a hundred times what it takes, unless they are inside the kernel.
  package static let dumpTime = TimeSpan.milliseconds(20)
}
