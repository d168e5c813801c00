import Base
import Event
import HTTP
import Wire

/// `--experimental-leasing-prefix`: owns keys together with others that know the same prefix, and answers linearizable reads
/// of what it owns without asking a member. Carries out what the table decides. As etcd 3.4: clientv3/leasing.
final class LeasingHub {
  private unowned let proxy: GRPCProxy
  let keys: LeasingKeys
  private var table: LeasingTable
  private var session: LeasingSession?
  private lazy var watches = LeasingWatches(proxy, self)
  /// Keys to be given back, and those whose deletion is under way.
  private var ceding: [(key: Key, born: Int64)] = []
  private var isCeding = false
  /// Operations that are put into one transaction; fewer where members take fewer.
  private(set) var batch = Limits.leasingBatch
  private var cedeTimer: Timer?
  /// Writes that wait for others to give keys back.
  private var waits: [Key: [LeasingWait]] = [:]
  private var writers = 0
  /// What replies begin with that no member made.
  private var header = ResponseHeader()

  init(_ proxy: GRPCProxy, prefix: Bytes) {
    self.proxy = proxy
    keys = LeasingKeys(prefix: prefix)
    table = LeasingTable(keys)
  }

  func start() { watches.follow() }

  /// Gives everything back. `done` comes once.
  func leave(_ done: @escaping () -> Void) {
    watches.stop()
    guard let session else { return proxy.loop.post(done) }
    session.leave(done)
  }

  // MARK: The session

  /// The watch of the leasing keys is there: what others want of us will be heard.
  func watchesLive() {
    let session =
      session
      ?? LeasingSession(proxy) { [weak self] lease in
        guard let self else { return }
        if let lease { table.begin(session: lease) } else { lost() }
      }
    self.session = session
    session.start()
  }

  /// The watch of the leasing keys is not there any more.
  func watchesGone(_ reason: String) { session?.stop(reason) }

  private func lost() {
    ceding = []
    cedeTimer = nil
    perform(table.end())
  }

  // MARK: Reads

  /// What a single read comes to: its reply, or none where a member is to be asked.
  func read(_ request: RangeRequest, _ done: @escaping (RangeResponse?) -> Void) {
    let key = Key(request.key)
    guard session?.isValid == true, request.isForOwner else { return done(nil) }
    // A serializable read is not worth the taking of a key.
    if request.serializable, table.content(of: key) == nil { return done(nil) }
    let (read, effects) = table.read(key, at: proxy.loop.now)
    perform(effects)
    switch read {
    case .answer(let pair, let asOf): done(request.reply(pair, header(from: asOf)))
    case .pass: done(nil)
    case .acquire: acquire(key) { done($0.map { request.reply($0.pair, $0.header) }) }
    case .fetch(let born): fetch(key, born: born) { done($0.map { request.reply($0.pair, $0.header) }) }
    }
  }

  /// The reply to a transaction that only reads what is known here.
  func read(_ request: TxnRequest) -> TxnResponse? {
    guard session?.isValid == true else { return nil }
    let reply = request.reply(header(from: 0)) { table.content(of: $0) }
    if reply != nil { table.countHit() }
    return reply
  }

  /// What is known is known of every revision up to now, so also of the newest that anybody has been told of.
  private func header(from revision: Int64) -> ResponseHeader {
    var header = header
    header.revision = max(revision, proxy.newest)
    return header
  }

  private typealias Found = (pair: KeyValue?, header: ResponseHeader?)

  private func acquire(_ key: Key, _ done: @escaping (Found?) -> Void) {
    let lease = table.session
    txn(keys.acquisition(of: key, lease: lease)) { [weak self] result in
      guard let self else { return }
      guard case .success(let reply) = result, reply.responses.count == 2,
        case .responseRange(let range)? = reply.responses[0].response, let revision = reply.header?.revision
      else {
        if case .failure(let status) = result, status.message == RPCStatus.leaseNotFound.message {
          session?.leaseIsGone(lease)
        }
        perform(table.acquired(key, in: lease, born: nil, nil, revision: 0, at: proxy.loop.now))
        return done(nil)
      }
      var born = reply.succeeded ? revision : nil
      // Taken before, by a question whose answer was lost.
      if case .responseRange(let look)? = reply.responses[1].response, let owner = look.kvs.first,
        owner.lease == lease, owner.value.isEmpty
      {
        born = owner.createRevision
      }
      let pair = range.kvs.first
      perform(table.acquired(key, in: lease, born: born, pair, revision: revision, at: proxy.loop.now))
      done((pair, reply.header))
    }
  }

  private func fetch(_ key: Key, born: Int64, _ done: @escaping (Found?) -> Void) {
    range(RangeRequest(key: key.bytes)) { [weak self] result in
      guard let self else { return }
      guard case .success(let reply) = result, let revision = reply.header?.revision else {
        perform(table.fetched(key, born: born, nil))
        return done(nil)
      }
      perform(table.fetched(key, born: born, (reply.kvs.first, revision)))
      done((reply.kvs.first, reply.header))
    }
  }

  // MARK: Writes

  /// Whether one more may wait.
  func enter() -> Bool {
    guard writers < Limits.leasingWrites else { return false }
    writers += 1
    return true
  }
  func exit() { writers -= 1 }

  func begin(_ write: GuardedWrite) -> LeasingTable.Ticket { table.begin(write) }

  func end(_ ticket: LeasingTable.Ticket, _ outcome: LeasingTable.Outcome) {
    if case .committed(let changes, let revision) = outcome {
      for change in changes { proxy.cache.wrote(change.range, at: revision) }
    }
    perform(table.end(ticket, outcome, at: proxy.loop.now))
  }

  func plan(_ write: GuardedWrite, listed: Int64) -> GuardedWrite.Plan {
    write.transaction(listed: listed) { table.standing(of: $0) }
  }

  /// A write found that a leasing key of ours is another one, or none.
  func found(_ key: Key, born: Int64, ticket: LeasingTable.Ticket) {
    guard let expected = ticket[key], expected != born else { return }
    perform(table.lost(key, born: expected))
  }

  func isOurs(_ leasingKey: KeyValue) -> Bool {
    guard leasingKey.lease == table.session, table.session != 0, let key = keys.owned(by: leasingKey.key) else {
      return false
    }
    return switch table.standing(of: key) {
    case .owned(let born), .ceding(let born): born == leasingKey.createRevision
    case .free: false
    }
  }

  func join(_ wait: LeasingWait) { for key in wait.keys { waits[key, default: []].append(wait) } }
  func leave(_ wait: LeasingWait) {
    for key in wait.keys {
      waits[key]?.removeAll { $0 === wait }
      if waits[key]?.isEmpty == true { waits[key] = nil }
    }
  }

  // MARK: Calls of our own

  /// A transaction in nobody's name or, with a token, in a client's.
  func txn(
    _ request: TxnRequest, token: String? = nil, _ done: @escaping (Result<TxnResponse, RPCStatus>) -> Void
  ) {
    var request = request
    proxy.namespace.into(&request)
    let namespace = proxy.namespace
    call("/etcdserverpb.KV/Txn", request, token, out: { namespace.out(&$0) }, done)
  }

  private func range(_ request: RangeRequest, _ done: @escaping (Result<RangeResponse, RPCStatus>) -> Void) {
    var request = request
    proxy.namespace.into(&request)
    let namespace = proxy.namespace
    call("/etcdserverpb.KV/Range", request, nil, out: { namespace.out(&$0) }, done)
  }

  private func call<Reply: WireMessage>(
    _ path: String, _ request: some WireMessage, _ token: String?, out: @escaping (inout Reply) -> Void,
    _ done: @escaping (Result<Reply, RPCStatus>) -> Void
  ) {
    var metadata: HeaderList = [:]
    if let token { metadata.add("token", token) }
    BackUnary(proxy, path, request, metadata: metadata, timeout: Limits.leasingCallTime) { [weak self] result in
      done(
        result.flatMap { bytes in
          guard var reply = try? Reply(decoding: bytes) else {
            return .failure(RPCStatus(.internalError, "grpc: failed to unmarshal the received message"))
          }
          if let header = ReplyHeader.whole(in: bytes) { self?.saw(header) }
          out(&reply)
          return .success(reply)
        })
    }
  }

  private func saw(_ header: ResponseHeader) {
    self.header = header
    proxy.saw(header.revision)
  }

  // MARK: What the watches tell

  func revoked(_ key: Key, born: Int64, lease: Int64) {
    perform(table.revoked(key, born: born, lease: lease, at: proxy.loop.now))
  }
  func deleted(_ key: Key, at revision: Int64) { perform(table.deleted(key, at: revision)) }
  func changed(_ key: Key, _ pair: KeyValue?, at revision: Int64) { table.changed(key, pair, at: revision) }
  func unwatched(_ key: Key) { perform(table.unwatched(key)) }

  // MARK: Effects

  private func perform(_ effects: [LeasingTable.Effect]) {
    for effect in effects {
      switch effect {
      case .watch(let key, let from): watches.watch(key, from: from)
      case .unwatch(let key): watches.unwatch(key)
      case .cede(let key, let born): ceding.append((key, born))
      case .freed(let key, let revision): for wait in waits[key] ?? [] { wait.freed(key, at: revision) }
      }
    }
    cede()
  }

  /// Deletes leasing keys, many in one step, until it is certain that they are gone or the session is over.
  private func cede() {
    guard !isCeding, cedeTimer == nil, !ceding.isEmpty else { return }
    isCeding = true
    let batch = Array(ceding.prefix(self.batch))
    ceding.removeFirst(batch.count)
    let lease = table.session
    txn(keys.cession(of: batch)) { [weak self] result in
      guard let self else { return }
      isCeding = false
      if case .success = result {
        for (key, born) in batch { table.ceded(key, born: born) }
      } else if lease == table.session, lease != 0 {
        if case .failure(let status) = result { _ = takesFewer(status) }
        ceding = batch + ceding
        let timer = Timer(proxy.loop) { [weak self] in
          self?.cedeTimer = nil
          self?.cede()
        }
        timer.once(after: Limits.leasingRetryWait)
        cedeTimer = timer
      }
      cede()
    }
  }

  /// Whether a member refused so many operations at once, and fewer may do.
  func takesFewer(_ status: RPCStatus) -> Bool {
    guard status.message == RPCStatus.tooManyOperations.message, batch > 1 else { return false }
    batch /= 2
    return true
  }

  // MARK: Figures

  struct Figures {
    var keys: UInt64
    var hits: UInt64
    var revoked: UInt64
    var hasSession: Bool
  }
  var figures: Figures {
    Figures(
      keys: UInt64(table.count), hits: table.hits, revoked: table.revoked, hasSession: table.session != 0)
  }
}

extension ReplyHeader {
  static func whole(in bytes: Bytes) -> ResponseHeader? {
    guard bytes.count >= 2, bytes[0] == 0x0A, bytes[1] < 0x80, bytes.count >= 2 + Int(bytes[1]) else {
      return nil
    }
    return try? ResponseHeader(decoding: bytes[2..<2 + Int(bytes[1])])
  }
}
