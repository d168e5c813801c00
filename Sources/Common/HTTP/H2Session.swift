import Base
import CNghttp2

/// What a session tells the connection it belongs to. Called from `receive` and `flush`.
protocol H2Owner: AnyObject {
  /// A peer opens a stream (servers only); the session keeps the answer until `h2Closed`.
  func h2NewStream() -> MessageStream
  func h2Pseudo(_ stream: MessageStream, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)
  func h2HeadArrived(_ stream: MessageStream)
  func h2Data(_ stream: MessageStream, _ bytes: UnsafeRawBufferPointer)
  func h2Ended(_ stream: MessageStream)
  func h2Closed(_ stream: MessageStream, _ code: H2Error)
  func h2Drained(_ stream: MessageStream)
  /// A ping that is no acknowledgement; false sends the peer away with `too_many_pings`.
  func h2AcceptsPing() -> Bool
  func h2GoAway(lastStream: Int32, _ code: H2Error, debug: UnsafeRawBufferPointer)
  /// We sent HEADERS or DATA.
  func h2DidSend()
}

/// The door to libnghttp2: one HTTP/2 connection of either role.
///
/// Streams are objects of the connection; C holds an unretained pointer to each, `live` the reference that
/// keeps it alive, from `register` to `unregister`.
final class H2Session {
  enum Role { case server, client }

  let role: Role
  let output: OutputBuffer
  unowned(unsafe) let owner: any H2Owner
  /// nil after `close`.
  private(set) var session: OpaquePointer?

  /// Streams that C knows; each knows its own position.
  private(set) var live: [MessageStream] = []
  /// Streams whose producers were told to wait and may go on.
  private var drained: [MessageStream] = []
  /// The stream of the last event: headers and data come in runs.
  private var recentID: Int32 = 0
  private unowned(unsafe) var recent: MessageStream?
  /// Sum of `unconsumed` of all live streams, and connection window held back because of it.
  private var unconsumed = 0
  private var heldWindow = 0
  /// Bytes of all bodies that wait to be framed, and all else that streams hold: themselves, long heads, requests that
  /// are not complete.
  private(set) var pendingBytes = 0
  private(set) var otherBytes = 0
  let budget: ByteBudget
  private var idleFrames: TokenBucket
  private var resets: TokenBucket
  private var windowUpdates: TokenBucket
  /// WINDOW_UPDATE frames that answer DATA frames of ours and need no allowance.
  private var expectedWindowUpdates = 0
  /// DATA frames sent so far.
  var sentDataFrames: UInt64 = 0
  /// A block of fields has begun and is not complete.
  var isInFields = false
  /// Fields of a head went so far beyond the limit that the rest is not even decoded.
  var didOverflow = false
  /// The last flush ended because the output was full: there is more to send once it was taken.
  var isCutShort = false
  /// Where the last look at streams ended.
  private var sweepPlace = 0
  private(set) var now: Instant
  /// The peer's first SETTINGS frame arrived.
  var didGreet = false
  private(set) var isDraining = false
  private var awaitsDrainPing = false
  /// A farewell was submitted; the next `flush` is the last.
  private var isLeaving = false
  /// Nothing more may be received: say what is in `output`, then close.
  private(set) var isDead = false

  init(
    role: Role, output: OutputBuffer, owner: any H2Owner, maxStreams: UInt32, budget: ByteBudget, now: Instant
  ) {
    self.role = role
    self.output = output
    self.owner = owner
    self.now = now
    self.budget = budget
    idleFrames = TokenBucket(burst: Limits.idleFrameBurst, perSecond: Limits.idleFramesPerSecond, at: now)
    resets = TokenBucket(burst: Limits.resetBurst, perSecond: Limits.resetsPerSecond, at: now)
    windowUpdates = TokenBucket(
      burst: Limits.windowUpdateBurst, perSecond: Limits.windowUpdatesPerSecond, at: now)
    var made: OpaquePointer?
    let context = Unmanaged.passUnretained(self).toOpaque()
    let result =
      role == .server
      ? nghttp2_session_server_new2(&made, H2Callbacks.table, context, H2Callbacks.serverOptions)
      : nghttp2_session_client_new2(&made, H2Callbacks.table, context, H2Callbacks.clientOptions)
    invariant(result == 0 && made != nil, "nghttp2 gave no session: \(result)")
    session = made
    sendSettings(maxStreams)
  }

  deinit { close() }

  private func sendSettings(_ maxStreams: UInt32) {
    var entries = [
      setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(Limits.streamWindowBytes)),
      setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(Limits.headerListBytes)),
    ]
    if role == .server {
      entries.append(setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, maxStreams))
    } else {
      entries.append(setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    nghttp2_submit_settings(session, flagNone, entries, entries.count)
    nghttp2_session_set_local_window_size(session, flagNone, 0, Limits.connectionWindowBytes)
  }

  private func setting(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(bitPattern: id.rawValue), value: value)
  }

  // MARK: Bytes in and out

  /// Feeds received bytes; events come out while it runs.
  func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
    guard let session, !isDead, !isLeaving, bytes.count > 0 else { return }
    self.now = now
    let taken = nghttp2_session_mem_recv(
      session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    // Below zero the peer broke the protocol beyond repair, or flooded us with what must be acknowledged.
    if taken < 0 {
      let isFlood =
        taken == NGHTTP2_ERR_FLOODED.rawValue || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue
      if isFlood { leaveAtOnce(.enhanceYourCalm, debug: "too_many_frames") }
      if didOverflow { leaveAtOnce(.enhanceYourCalm, debug: "head_too_large") }
      leaveAtOnce(.protocolError, debug: "")
    }
    tellDrained()
  }

  /// Moves what may be sent now into `output`, up to its high-water mark.
  func flush() {
    guard let session, !isDead else { return }
    isCutShort = false
    if nghttp2_session_send(session) != 0 || isLeaving { isDead = true }
    tellDrained()
  }

  /// The connection has nothing more to do: both sides said so, or it broke.
  var isOver: Bool {
    guard let session else { return true }
    return isDead || nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
  }

  /// Ends the session. Every stream still open is reported closed with `code`.
  func close(_ code: H2Error = .cancel) {
    guard let session else { return }
    self.session = nil
    isDead = true
    while let stream = live.last {
      unregister(stream)
      owner.h2Closed(stream, code)
    }
    drained.removeAll()
    nghttp2_session_del(session)
  }

  /// Number of streams in use.
  var streamCount: Int { live.count }

  /// How many streams the peer lets us have open at a time, as far as it has said so.
  var peerStreamLimit: Int {
    guard let session else { return 0 }
    return Int(nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  // MARK: Streams known to C

  func register(_ stream: MessageStream, id: Int32) {
    stream.id = id
    stream.liveIndex = live.count
    live.append(stream)
    if role == .server { hold(stream, Limits.streamCostBytes) }
  }

  func unregister(_ stream: MessageStream) {
    guard stream.liveIndex >= 0 else { return }
    let index = stream.liveIndex
    stream.liveIndex = -1
    let last = live.removeLast()
    if last !== stream {
      live[index] = last
      last.liveIndex = index
    }
    recentID = 0
    releaseUnconsumed(of: stream)
    pendingBytes -= stream.accountedPending
    otherBytes -= stream.accountedOther
    budget.change(by: -stream.accountedPending - stream.accountedOther)
    stream.accountedPending = 0
    stream.accountedOther = 0
  }

  func stream(_ id: Int32) -> MessageStream? {
    if id == recentID, id != 0 { return recent }
    guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return nil }
    let stream = Unmanaged<MessageStream>.fromOpaque(pointer).takeUnretainedValue()
    recentID = id
    recent = stream
    return stream
  }

  // MARK: Received flow control

  func received(_ stream: MessageStream, _ bytes: UnsafeRawBufferPointer) {
    stream.unconsumed += bytes.count
    stream.receivedBytes += bytes.count
    unconsumed += bytes.count
    if unconsumed <= Limits.connectionUnreadBytes {
      nghttp2_session_consume_connection(session, bytes.count)
    } else {
      heldWindow += bytes.count
    }
    owner.h2Data(stream, bytes)
  }

  /// Data for a stream nobody listens to any more: only the connection's window matters.
  func receivedForNobody(_ count: Int) { nghttp2_session_consume_connection(session, count) }

  func consumed(_ stream: MessageStream, _ count: Int) {
    let count = min(count, stream.unconsumed)
    guard count > 0 else { return }
    stream.unconsumed -= count
    giveBack(count)
    if session != nil, !stream.didReceiveAll { nghttp2_session_consume_stream(session, stream.id, count) }
  }

  private func releaseUnconsumed(of stream: MessageStream) {
    guard stream.unconsumed > 0 else { return }
    giveBack(stream.unconsumed)
    stream.unconsumed = 0
  }

  private func giveBack(_ count: Int) {
    unconsumed -= count
    guard heldWindow > 0, unconsumed <= Limits.connectionUnreadBytes, session != nil else { return }
    nghttp2_session_consume_connection(session, heldWindow)
    heldWindow = 0
  }

  // MARK: Drained producers

  func noteDrained(_ stream: MessageStream) {
    stream.isBlocked = false
    drained.append(stream)
  }

  private func tellDrained() {
    while !drained.isEmpty {
      let list = drained
      drained.removeAll(keepingCapacity: true)
      for stream in list where !stream.isClosed && !stream.didFinish { owner.h2Drained(stream) }
    }
  }

  /// Producers that wait for more than their own stream may go on.
  func wakeBlocked() {
    for stream in live where stream.isBlocked && stream.pending.count <= Limits.streamOutputLowWaterBytes {
      noteDrained(stream)
    }
    tellDrained()
  }

  // MARK: The books

  /// Notes what the stream's body holds now.
  @inline(__always)
  func account(_ stream: MessageStream) {
    let change = stream.pending.count - stream.accountedPending
    stream.accountedPending += change
    pendingBytes += change
    budget.change(by: change)
  }

  /// Notes `count` more (or fewer) bytes that the stream holds elsewhere.
  func hold(_ stream: MessageStream, _ count: Int) {
    stream.accountedOther += count
    otherBytes += count
    budget.change(by: count)
  }

  /// The next `count` streams, in turn.
  func nextStreams(_ count: Int) -> [MessageStream] {
    if live.isEmpty { return [] }
    if sweepPlace >= live.count { sweepPlace = 0 }
    let end = min(live.count, sweepPlace + count)
    defer { sweepPlace = end }
    return Array(live[sweepPlace..<end])
  }

  // MARK: Floods

  /// A frame that does no work arrived; floods of them end the connection.
  func noteIdleFrame() {
    guard !idleFrames.take(at: now) else { return }
    goAway(.enhanceYourCalm, debug: "too_many_frames")
  }

  /// A stream was reset, by the peer or because of it.
  func noteReset() {
    guard !resets.take(at: now) else { return }
    goAway(.enhanceYourCalm, debug: "too_many_resets")
  }

  /// For a DATA frame that was sent, and for a stream that the peer opened: some clients widen each stream's window at once.
  func allowWindowUpdates() {
    expectedWindowUpdates = min(expectedWindowUpdates + Limits.windowUpdatesPerData, Limits.windowUpdateBurst)
  }

  func noteWindowUpdate() {
    if expectedWindowUpdates > 0 {
      expectedWindowUpdates -= 1
    } else if !windowUpdates.take(at: now) {
      goAway(.enhanceYourCalm, debug: "too_many_window_updates")
    }
  }

  // MARK: Pings and farewells

  func ping() {
    nghttp2_submit_ping(session, flagNone, nil)
  }

  /// Refuses new streams and lets open ones end: first an open GOAWAY, and the final one after a round trip,
  /// so that no stream the peer has just opened is lost. As grpc-go 1.33: http2_server.go, outgoingGoAwayHandler.
  func drain() {
    guard session != nil, !isDraining else { return }
    isDraining = true
    awaitsDrainPing = true
    nghttp2_submit_shutdown_notice(session)
    ping()
  }

  func pingAcknowledged() {
    guard awaitsDrainPing else { return }
    awaitsDrainPing = false
    let last = nghttp2_session_get_last_proc_stream_id(session)
    nghttp2_submit_goaway(session, flagNone, last, H2Error.noError.rawValue, nil, 0)
  }

  /// Says goodbye with a reason and ends the connection once that is sent.
  func goAway(_ code: H2Error, debug: StaticString) {
    guard let session, !isDead, !isLeaving else { return }
    let last = nghttp2_session_get_last_proc_stream_id(session)
    nghttp2_submit_goaway(session, flagNone, last, code.rawValue, debug.utf8Start, debug.utf8CodeUnitCount)
    isLeaving = true
  }

  /// The same without asking nghttp2, which may have given up: what waits is thrown away, and nothing but this is sent.
  func leaveAtOnce(_ code: H2Error, debug: StaticString) {
    guard let session, !isDead else { return }
    isDead = true
    budget.change(by: -pendingBytes - otherBytes)
    pendingBytes = 0
    otherBytes = 0
    for stream in live {
      stream.pending.removeAll()
      stream.accountedPending = 0
      stream.accountedOther = 0
    }
    let last = nghttp2_session_get_last_proc_stream_id(session)
    output.writer.append(bigEndian: UInt32(8 + debug.utf8CodeUnitCount) << 8 | UInt32(NGHTTP2_GOAWAY.rawValue))
    output.writer.append(0)
    output.writer.append(bigEndian: UInt32(0))
    output.writer.append(bigEndian: UInt32(bitPattern: last))
    output.writer.append(bigEndian: code.rawValue)
    output.writer.append(debug)
  }
}

let flagNone = UInt8(NGHTTP2_FLAG_NONE.rawValue)
