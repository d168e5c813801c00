import Base
import Client
import Event
import HTTP
import Wire

/// A call of the KV service: forwarded like any other, but reads may be answered from the cache, writes make it forget, and
/// a read whose member goes away, or answers with an older revision than before (`--experimental-serializable-ordering`), is
/// asked again.
///
/// The request's message is kept until the reply begins; the reply passes through as it comes, unless it has to be changed
/// or judged first.
final class KVCall: Conversation, PoolCaller, CallHandler {
  enum Kind { case range, put, deleteRange, txn, other }

  private let exchange: Exchange
  private unowned let proxy: GRPCProxy
  private let path: String
  private let kind: Kind
  private let rewriting: Rewriting
  private var requests: GRPCDeframer
  private var replies: GRPCDeframer
  private var call: Call?

  /// The message as it goes to the member.
  private var message: Bytes?
  /// The client's own message, by which its reply is kept; nil where it may not be.
  private var cacheKey: Key?
  private var range: KeyRange?
  private var isSerializable = false
  /// What a write touches.
  private var touched: [KeyRange] = []
  private var attempts = 0
  /// Reply bytes that are held until the revision in them is known.
  private var held = Bytes()
  private var isJudged = false
  /// The reply's frame and message, copied on its way to the cache; nil when it is not to be kept.
  private var copy: Bytes?
  private var revision: Int64 = 0
  private var owedToBack = 0
  private var isOver = false
  private var gauge: FrameGauge

  init(_ exchange: Exchange, _ proxy: GRPCProxy, _ method: Wire.Method, _ kind: Kind, _ rewriting: Rewriting) {
    self.exchange = exchange
    self.proxy = proxy
    path = method.path
    self.kind = kind
    self.rewriting = rewriting
    requests = GRPCDeframer(limit: proxy.limits.send)
    replies = GRPCDeframer(limit: proxy.limits.receive)
    gauge = FrameGauge(limit: proxy.limits.receive)
  }

  // MARK: The front's side

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver, message == nil else { return exchange.consumed(bytes.count) }
    do throws(GRPC.Fault) {
      var refusal: RPCStatus?
      try requests.receive(bytes) { request in
        guard message == nil, !isOver, refusal == nil else { return }
        do throws(RPCStatus) { try take(request) } catch { refusal = error }
      }
      if let refusal { return fail(refusal) }
    } catch { return fail(RPCStatus(error)) }
    exchange.noteGathered(requests.partialCount)
    exchange.consumed(bytes.count)
  }

  /// The same for a message that another took from the exchange.
  func begin(_ message: Bytes) {
    var refusal: RPCStatus?
    message.withUnsafeBytes { bytes in
      do throws(RPCStatus) { try take(bytes) } catch { refusal = error }
    }
    if let refusal { fail(refusal) }
  }

  private func take(_ request: UnsafeRawBufferPointer) throws(RPCStatus) {
    if kind == .range {
      let key = Key(Bytes(request))
      // Who shows a token is judged by a member each time: rights may change, and a kept reply would not know.
      let mayKeep = !exchange.headers.contains("token")
      if mayKeep, let reply = proxy.cache.reply(to: key, at: proxy.loop.now, floor: proxy.orderingFloor) {
        isOver = true
        message = []
        return exchange.replyUnary(reply)
      }
      try study(request, key, mayKeep: mayKeep)
    } else if kind != .other {
      try studyWrite(request)
    }
    message =
      try rewriting.request.map { (rewrite) throws(RPCStatus) in try rewrite(request) } ?? Bytes(request)
    ask()
  }

  private func study(_ bytes: UnsafeRawBufferPointer, _ key: Key, mayKeep: Bool) throws(RPCStatus) {
    let request = try bytes.decoded(RangeRequest.self)
    isSerializable = request.serializable
    // An explicit revision is not kept: its compaction would not be noticed.
    guard mayKeep, request.serializable, request.revision <= 0 else { return }
    let range = KeyRange(request.key, request.rangeEnd)
    cacheKey = key
    self.range = range
    proxy.missed(range)
  }

  private func studyWrite(_ bytes: UnsafeRawBufferPointer) throws(RPCStatus) {
    switch kind {
    case .put: touched = [KeyRange(try bytes.decoded(PutRequest.self).key, [])]
    case .deleteRange:
      let request = try bytes.decoded(DeleteRangeRequest.self)
      touched = [KeyRange(request.key, request.rangeEnd)]
    case .txn: touched = try bytes.decoded(TxnRequest.self).writtenRanges
    case .range, .other: break
    }
  }

  private func ask() {
    attempts += 1
    proxy.pool.open(self)
  }

  var awaitsBody: Bool { message == nil && !isOver }

  func ended() {
    guard message == nil, !isOver else { return }
    // As grpc-go: the end of the stream where a message was due.
    fail(RPCStatus(.unknown, requests.isMidMessage ? "unexpected EOF" : "EOF"))
  }

  func cancelled() {
    guard !isOver else { return }
    isOver = true
    if let call { call.cancel() } else { proxy.pool.forget(self) }
    call = nil
  }

  func drained() {
    if owedToBack > 0 { call?.consumed(owedToBack) }
    owedToBack = 0
  }

  private func fail(_ status: RPCStatus) {
    guard !isOver else { return }
    isOver = true
    let call = call
    self.call = nil
    call?.cancel()
    exchange.fail(status)
  }

  // MARK: The back's side

  func open(on channel: Channel) -> Bool {
    guard let opened = channel.open(.forwarding(exchange, to: path, on: channel), self) else { return false }
    call = opened
    held = []
    isJudged = false
    gauge = FrameGauge(limit: proxy.limits.receive)
    copy = cacheKey != nil && range.map { proxy.cache.wants($0) } == true ? [] : nil
    opened.sendMessage(message ?? [])
    opened.finish()
    return true
  }

  func unreachable(_ status: RPCStatus) { fail(status) }

  func callBegan(_ call: Call) {}

  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    guard !isOver, call === self.call, call.status == 200 else { return call.consumed(bytes.count) }
    if let fault = gauge.check(bytes) {
      return fail(RPCStatus(fault))
    }
    owedToBack += bytes.count
    if isJudged {
      pass(bytes)
    } else {
      held.append(contentsOf: bytes)
      judge()
    }
    if exchange.canSend { drained() }
  }

  /// Finds the revision at the reply's beginning.
  private func judge() {
    guard held.count >= 5 else { return }
    let length = 5 + held[1..<5].reduce(0) { $0 << 8 | Int($1) }
    guard let revision = ReplyHeader.revision(in: held[5...]) ?? (held.count >= length ? 0 : nil) else {
      return
    }
    self.revision = revision
    if kind == .range, isSerializable, revision > 0, revision < proxy.orderingFloor { return askElsewhere() }
    proxy.saw(revision)
    for range in touched { proxy.cache.wrote(range, at: revision) }
    isJudged = true
    let first = held
    held = []
    first.withUnsafeBytes { pass($0) }
  }

  /// The member lags behind what was answered before. As etcd 3.4: clientv3/ordering/util.go, which goes through the
  /// endpoints several times and then gives up.
  private func askElsewhere() {
    let call = call
    self.call = nil
    call?.cancel()
    guard attempts < max(Limits.proxyReadAttempts, 2 * proxy.pool.endpointCount) else {
      return fail(
        RPCStatus(
          .unavailable,
          "etcdclient: no cluster members have a revision higher than the previously received revision"))
    }
    let timer = Timer(proxy.loop) { [self] in
      waiting = nil
      if !isOver { ask() }
    }
    // At once for the other endpoints, after a wait when all of them were asked.
    timer.once(after: attempts % proxy.pool.endpointCount == 0 ? Limits.clientRetryWait : .zero)
    waiting = timer
  }
  private var waiting: Timer?

  private func pass(_ bytes: UnsafeRawBufferPointer) {
    if copy != nil {
      copy?.append(contentsOf: bytes)
      if copy?.count ?? 0 > Limits.proxyCacheEntryBytes { copy = nil }
    }
    guard let rewrite = rewriting.reply else {
      if !exchange.didSendHead { exchange.startGRPC() }
      return exchange.send(bytes)
    }
    do throws(GRPC.Fault) {
      var refusal: RPCStatus?
      try replies.receive(bytes) { message in
        guard refusal == nil, !isOver else { return }
        do throws(RPCStatus) {
          let changed = try rewrite(message)
          if copy != nil { keep(changed) }
          exchange.sendMessage(changed)
        } catch { refusal = error }
      }
      if let refusal { fail(refusal) }
    } catch { fail(RPCStatus(error)) }
  }

  private func keep(_ reply: Bytes) {
    copy = nil
    guard let cacheKey, let range else { return }
    proxy.cache.keep(reply, to: cacheKey, range, revision: revision, at: proxy.loop.now)
  }

  func callEnded(_ call: Call) {
    guard !isOver, call === self.call else { return }
    isOver = true
    self.call = nil
    if let copy, call.grpcStatus.code == 0, copy.count > 5, rewriting.reply == nil { keep(Bytes(copy[5...])) }
    exchange.end(like: call)
  }

  func callFailed(_ call: Call, _ failure: CallFailure) {
    guard !isOver, call === self.call else { return }
    self.call = nil
    let isSafe = failure == .notProcessed || kind == .range && failure == .connectionLost
    if isSafe, !isJudged, !call.didReceiveHead, attempts < Limits.proxyReadAttempts { return ask() }
    fail(RPCStatus(failure))
  }

  func callDrained(_ call: Call) {}
}

extension TxnRequest {
  /// The keys that either branch may change, those of inner transactions too.
  var writtenRanges: [KeyRange] {
    (success + failure).flatMap { operation -> [KeyRange] in
      switch operation.request {
      case .requestPut(let put)?: [KeyRange(put.key, [])]
      case .requestDeleteRange(let delete)?: [KeyRange(delete.key, delete.rangeEnd)]
      case .requestTxn(let inner)?: inner.writtenRanges
      case .requestRange?, nil: []
      }
    }
  }
}

/// The header that every reply of etcd begins with.
enum ReplyHeader {
  /// The revision in the first bytes of a reply; nil while they do not hold the whole header.
  static func revision(in bytes: ArraySlice<UInt8>) -> Int64? {
    // Field 1, a message; its length fits into a byte or two.
    guard let tag = bytes.first else { return nil }
    guard tag == 0x0A else { return 0 }
    guard bytes.count >= 2 else { return nil }
    let length = Int(bytes[bytes.startIndex + 1])
    guard length < 0x80 else { return 0 }
    let begin = bytes.startIndex + 2
    guard bytes.endIndex >= begin + length else { return nil }
    return (try? ResponseHeader(decoding: bytes[begin..<begin + length]))?.revision
  }
}
