import Base
import Wire

/// One call that wants to be first below a prefix: a Lock, or a Campaign. A value: it takes what happened and says what to do
/// next; somebody else does it and comes back with the outcome.
///
/// The caller's lease holds one key, `name/<lease in hex>`. Whoever's key was created first is the holder; the others wait
/// for all older keys to go. As etcd 3.4: clientv3/concurrency/{mutex,election,key}.go, behind api/v3lock/lock.go and
/// api/v3election/election.go. Three things are done better: the key is looked at again after the wait, so that a lease that
/// ended meanwhile is refused and never granted (3.5: mutex.go, ErrSessionExpired); whoever gives up takes the key along, also
/// while it is still on its way into the store; and a lease made for the call lives as long as the call waits.
struct Contender {
  enum Kind: Equatable {
    case lock
    /// A Campaign, with the value to be announced.
    case campaign(Bytes)
  }

  enum Effect: Equatable {
    /// A lease of the call's own, of so many seconds.
    case grantLease(Int64)
    case propose(TxnRequest)
    /// Wait until no key below the prefix is older than this one.
    case join(prefix: Bytes, key: Bytes, revision: Int64)
    case leaveLine(prefix: Bytes, revision: Int64)
    /// Look at the key once more, in a linearizable read.
    case look(RangeRequest)
    case grant(Grant)
    case refuse(RPCStatus)
    /// Take the key away again: by its lease if that is the call's own, else by itself. Nobody hears of it.
    case release(Release)
  }

  /// What the caller is told.
  struct Grant: Equatable {
    var header: ResponseHeader
    var key: Bytes
    var revision: Int64
    var lease: Int64
  }

  enum Release: Equatable {
    case lease(Int64)
    case key(TxnRequest)
  }

  private enum Phase: Equatable { case new, granting, entering, proclaiming, waiting, looking, over }

  let kind: Kind
  let name: Bytes
  private(set) var lease: Int64
  /// The lease was made for this call; nobody else can know of it.
  private(set) var ownsLease = false
  private(set) var key: Bytes = []
  private(set) var revision: Int64 = 0
  private var phase = Phase.new
  /// Of the transaction that made the key; what a Campaign answers.
  private var entryHeader = ResponseHeader()
  /// No older key was there when this one came; then none can come later.
  private var isFirst = false
  /// The caller has gone while an answer was awaited; when it comes, everything is undone.
  private var isAbandoned = false

  init(_ kind: Kind, name: Bytes, lease: Int64) {
    self.kind = kind
    self.name = name
    self.lease = lease
  }

  /// Waiting for others, not for an answer.
  var isWaiting: Bool { phase == .waiting }

  var prefix: Bytes { Contention.prefix(name) }

  // MARK: The way in

  mutating func start() -> [Effect] {
    if lease == 0 {
      phase = .granting
      return [.grantLease(Contention.sessionSeconds)]
    }
    return enter()
  }

  mutating func leaseGranted(_ id: Int64) -> [Effect] {
    lease = id
    ownsLease = true
    return isAbandoned ? giveUp() : enter()
  }

  private mutating func enter() -> [Effect] {
    phase = .entering
    key = Contention.key(name, lease: lease)
    return [.propose(Contention.entry(key: key, name: name, value: value, lease: lease))]
  }

  private var value: Bytes {
    if case .campaign(let value) = kind { return value }
    return []
  }

  /// The transaction was applied. It found the key missing and made it, or found it: then the session takes up its old place.
  mutating func entered(_ response: TxnResponse, header: ResponseHeader) -> [Effect] {
    entryHeader = header
    revision = header.revision
    guard let entry = Contention.Entry(response) else {
      return refuse(.unmapped("etcdserver: an answer without its parts"))
    }
    isFirst = entry.count == 1
    if let found = entry.found { revision = found.createRevision }
    if isAbandoned { return giveUp() }
    if case .campaign(let value) = kind, let found = entry.found, found.value != value {
      phase = .proclaiming
      return [.propose(Contention.proclamation(key: key, revision: revision, value: value, lease: lease))]
    }
    return queue()
  }

  /// A Campaign on an old place has announced its new value, unless it lost the place.
  mutating func proclaimed(_ succeeded: Bool) -> [Effect] {
    if isAbandoned { return giveUp() }
    return succeeded ? queue() : refuse(.electionNotLeader)
  }

  private mutating func queue() -> [Effect] {
    if isFirst { return grant(entryHeader) }
    phase = .waiting
    return [.join(prefix: prefix, key: key, revision: revision)]
  }

  // MARK: The wait

  /// No older key is left. Before the caller is told, the key is looked at again.
  mutating func turnCame() -> [Effect] {
    guard phase == .waiting else { return [] }
    phase = .looking
    return [.look(RangeRequest(key: key, keysOnly: true))]
  }

  /// The key of this call is gone: its lease ended, or somebody deleted it.
  mutating func keyWasLost() -> [Effect] {
    phase == .waiting ? refuseLost() : []
  }

  mutating func looked(_ found: KeyValue?, header: ResponseHeader) -> [Effect] {
    guard found?.createRevision == revision else {
      if !isAbandoned { return refuseLost() }
      phase = .over
      return []
    }
    if isAbandoned { return giveUp() }
    // As etcd 3.4: a Lock answers with the revision of its last look, a Campaign with that of its entry.
    return grant(kind == .lock ? header : entryHeader)
  }

  // MARK: The ends

  /// What was asked for last has failed.
  mutating func failed(_ status: RPCStatus) -> [Effect] {
    switch phase {
    case .granting:
      phase = .over
      return isAbandoned ? [] : [.refuse(Contention.inner(status))]
    case .entering:
      phase = .over
      let refusal: [Effect] = isAbandoned ? [] : [.refuse(Contention.inner(status))]
      // The proposal may still be applied; what hangs on the call's own lease goes with it.
      return refusal + (ownsLease ? [.release(.lease(lease))] : [])
    case .proclaiming, .looking: return isAbandoned ? giveUp() : refuse(Contention.inner(status))
    case .new, .waiting, .over: return []
    }
  }

  /// The client cancelled, its connection ended, or its deadline passed.
  mutating func callerGone() -> [Effect] {
    switch phase {
    case .waiting: return [.leaveLine(prefix: prefix, revision: revision)] + giveUp()
    case .granting, .entering, .proclaiming, .looking:
      isAbandoned = true
      return []
    case .new, .over: return []
    }
  }

  /// There is no room for one more that waits.
  mutating func refused(_ status: RPCStatus) -> [Effect] { refuse(status) }

  private mutating func grant(_ header: ResponseHeader) -> [Effect] {
    phase = .over
    return [.grant(Grant(header: header, key: key, revision: revision, lease: lease))]
  }

  private mutating func refuse(_ status: RPCStatus) -> [Effect] { [.refuse(status)] + giveUp() }

  private mutating func refuseLost() -> [Effect] {
    phase = .over
    let refusal: Effect = .refuse(kind == .lock ? .mutexSessionExpired : .electionNotLeader)
    return ownsLease ? [refusal, .release(.lease(lease))] : [refusal]
  }

  /// Undoes what was done.
  private mutating func giveUp() -> [Effect] {
    phase = .over
    if ownsLease { return [.release(.lease(lease))] }
    return [.release(.key(Contention.removal(key: key, revision: revision)))]
  }
}
