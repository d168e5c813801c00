import Base
import Event
import HTTP
import Wire

/// One write, until it has happened: tried, and tried again each time that owners have given back what it changes.
final class LeasingWriter {
  private unowned let proxy: GRPCProxy
  private let hub: LeasingHub
  private let write: GuardedWrite
  /// In whose name it goes.
  private let token: String?
  private let until: Instant
  private var done: ((Result<Bytes, RPCStatus>) -> Void)?
  private var wait: LeasingWait?
  private var timer: Timer?
  private var rounds = 0
  private var hasEntered = false
  /// Nothing is under way; the next attempt waits for the owners, or for a moment.
  private var isHolding = false

  /// `done` comes once, unless the write is given up; never from here.
  init(
    _ proxy: GRPCProxy, _ hub: LeasingHub, _ write: GuardedWrite, token: String?,
    _ done: @escaping (Result<Bytes, RPCStatus>) -> Void
  ) {
    self.proxy = proxy
    self.hub = hub
    self.write = write
    self.token = token
    self.done = done
    until = proxy.loop.now + Limits.leasingWriteTime
  }

  func begin() {
    guard hub.enter() else {
      return proxy.loop.post { [self] in
        let done = done
        self.done = nil
        done?(.failure(RPCStatus(.resourceExhausted, "too many writes wait for the owners of their keys")))
      }
    }
    hasEntered = true
    next()
  }

  /// Nobody waits for it any more. What is under way may still happen, and what comes of it is still told to the table.
  func giveUp() {
    guard done != nil else { return }
    done = nil
    over()
  }

  private func end(_ result: Result<Bytes, RPCStatus>) {
    guard let done else { return }
    self.done = nil
    over()
    done(result)
  }

  private func over() {
    if hasEntered { hub.exit() }
    hasEntered = false
    leaveWait()
    timer = nil
  }

  private func leaveWait() {
    if let wait { hub.leave(wait) }
    wait = nil
  }

  private func next() {
    leaveWait()
    timer = nil
    guard done != nil else { return }
    guard proxy.loop.now < until else { return end(.failure(.contextDeadlineExceeded)) }
    rounds += 1
    write.toBeListed.isEmpty ? commit(listed: 0) : list(write.toBeListed[...])
  }

  // MARK: Owners of ranges

  /// Finds out who owns something of what it may change; they are asked to give it back before the write is tried. So many
  /// ranges at a time as go into one transaction.
  private func list(_ rest: ArraySlice<KeyRange>, found: [Key] = [], listed: Int64? = nil) {
    guard !rest.isEmpty else {
      return found.isEmpty ? commit(listed: listed ?? 0) : revoke(Set(found).sorted())
    }
    let looks = rest.prefix(hub.batch).map {
      RequestOp(
        request: .requestRange(RangeRequest(key: $0.key.bytes, rangeEnd: $0.end.bytes, keysOnly: true)))
    }
    hub.txn(TxnRequest(success: looks), token: token) { [self] result in
      guard done != nil else { return }
      switch result {
      case .failure(let status): hub.takesFewer(status) ? next() : end(.failure(status))
      case .success(let reply):
        let kvs = reply.responses.flatMap { response -> [KeyValue] in
          if case .responseRange(let range)? = response.response { range.kvs } else { [] }
        }
        let foreign = kvs.filter { !hub.isOurs($0) }.compactMap { hub.keys.owned(by: $0.key) }
        // What is taken after the first look is seen by the guard.
        list(
          rest.dropFirst(looks.count), found: found + foreign, listed: listed ?? reply.header?.revision)
      }
    }
  }

  /// So many at a time as go into one transaction; then it is looked again.
  private func revoke(_ owned: [Key]) {
    let batch = Array(owned.prefix(hub.batch))
    let wait = listen(for: batch)
    let request = TxnRequest(success: batch.map { hub.keys.revocation(of: $0) })
    hub.txn(request, token: token) { [self] result in
      guard done != nil else { return }
      switch result {
      case .failure(let status): hub.takesFewer(status) ? next() : end(.failure(status))
      case .success(let reply):
        let held = zip(batch, reply.responses).filter { _, response in
          if case .responseTxn(let each)? = response.response { each.succeeded } else { false }
        }
        hold(wait, held.map { $0.0 }, since: reply.header?.revision ?? 0)
      }
    }
  }

  // MARK: The write itself

  private func commit(listed: Int64) {
    let wait = listen(for: write.isWide ? [] : write.single)
    let ticket = hub.begin(write)
    let plan = hub.plan(write, listed: listed)
    // The table hears of the outcome whoever still waits for it.
    hub.txn(plan.request, token: token) { [self, hub, write] result in
      switch result {
      case .failure(let status):
        hub.end(ticket, .unknown)
        end(.failure(status))
      case .success(let reply):
        switch plan.answer(reply) {
        case .malformed:
          hub.end(ticket, .unknown)
          end(.failure(RPCStatus(.internalError, "etcdproxy: a member's reply does not fit its transaction")))
        case .done(let operations):
          let revision = reply.header?.revision ?? 0
          hub.end(ticket, .committed(write.changes(operations), revision: revision))
          end(
            write.reply(operations, reply.header).map { .success($0) }
              ?? .failure(RPCStatus(.internalError, "etcdproxy: a member's reply does not fit its transaction"))
          )
        case .held(let held, let leasingKeys):
          hub.end(ticket, .refused)
          for (key, born) in leasingKeys { hub.found(key, born: born, ticket: ticket) }
          if done != nil { hold(wait, held, since: reply.header?.revision ?? 0) }
        }
      }
    }
  }

  // MARK: Waiting

  private func listen(for keys: [Key]) -> LeasingWait {
    leaveWait()
    let wait = LeasingWait(keys)
    hub.join(wait)
    self.wait = wait
    return wait
  }

  /// Goes on when the owners, who were asked at `revision`, have given the keys back; looks again if that takes long.
  private func hold(_ wait: LeasingWait, _ held: [Key], since revision: Int64) {
    let isFree = wait.begin(held, since: revision) { [weak self] in
      // The next turn: whoever told us is in the middle of something.
      self?.proxy.loop.post { [weak self] in self?.goOn() }
    }
    // Where nobody held anything the write came between two states of ours: it is tried again, soon the first times.
    let span =
      !isFree ? Limits.leasingRetryWait : rounds < 4 ? TimeSpan.zero : Limits.leasingPause
    isHolding = true
    let timer = Timer(proxy.loop) { [self] in goOn() }
    timer.once(after: span)
    self.timer = timer
  }

  /// The owners and the timer may both say so: it is tried once.
  private func goOn() {
    guard isHolding else { return }
    isHolding = false
    next()
  }
}

/// Leasing keys that a write waits for, and what is heard of them meanwhile.
final class LeasingWait {
  let keys: [Key]
  private var freedAt: [Key: Int64] = [:]
  private var missing: Set<Key> = []
  private var since: Int64 = 0
  private var done: (() -> Void)?

  init(_ keys: [Key]) { self.keys = keys }

  /// True where all of them are free already; else `done` comes when they are.
  func begin(_ held: [Key], since revision: Int64, _ done: @escaping () -> Void) -> Bool {
    since = revision
    missing = Set(held.filter { freedAt[$0] ?? 0 <= revision })
    if missing.isEmpty { return true }
    self.done = done
    return false
  }

  func freed(_ key: Key, at revision: Int64) {
    freedAt[key] = max(freedAt[key] ?? 0, revision)
    guard let done, revision > since, missing.remove(key) != nil, missing.isEmpty else { return }
    self.done = nil
    done()
  }
}
