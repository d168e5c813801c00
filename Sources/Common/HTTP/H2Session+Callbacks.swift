import Base
import CNghttp2

/// The C side of `H2Session`: one table of callbacks and the options of each role for the whole process.
///
/// Callbacks find their session in `user_data`, unretained: a session outlives every call into nghttp2.
enum H2Callbacks {
  // Immutable once made; nghttp2 copies them when a session is made.
  nonisolated(unsafe) static let clientOptions = makeOptions()
  nonisolated(unsafe) static let serverOptions: OpaquePointer? = {
    let made = makeOptions()
    // Requests are judged by `H2FieldRules`, which says why.
    nghttp2_option_set_no_http_messaging(made, 1)
    return made
  }()

  private static func makeOptions() -> OpaquePointer? {
    var made: OpaquePointer?
    nghttp2_option_new(&made)
    nghttp2_option_set_no_auto_window_update(made, 1)
    nghttp2_option_set_no_closed_streams(made, 1)
    nghttp2_option_set_max_outbound_ack(made, Limits.waitingAcknowledgements)
    // `H2Session.noteReset` counts too, and says why.
    nghttp2_option_set_stream_reset_rate_limit(
      made, 2 * UInt64(Limits.resetBurst), 2 * UInt64(Limits.resetsPerSecond))
    nghttp2_option_set_max_continuations(made, Limits.continuationFrames)
    nghttp2_option_set_max_send_header_block_length(made, 1 << 20)
    return made
  }

  nonisolated(unsafe) static let table: OpaquePointer? = {
    var made: OpaquePointer?
    nghttp2_session_callbacks_new(&made)
    nghttp2_session_callbacks_set_send_callback(made) { _, data, length, _, context in
      borrow(context) { $0.send(data, length) }
    }
    nghttp2_session_callbacks_set_send_data_callback(made) { _, _, head, length, source, context in
      borrow(context) { $0.sendData(head, length, source) }
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(made) { _, frame, context in
      guard let frame else { return 0 }
      return borrow(context) { $0.beginHeaders(frame) }
    }
    nghttp2_session_callbacks_set_on_header_callback(made) {
      _, frame, name, nameCount, value, valueCount, _, context in
      guard let frame else { return 0 }
      return borrow(context) {
        $0.header(
          frame.pointee.hd.stream_id, UnsafeRawBufferPointer(start: name, count: nameCount),
          UnsafeRawBufferPointer(start: value, count: valueCount))
      }
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made) { _, _, id, data, count, context in
      borrow(context) { $0.dataChunk(id, UnsafeRawBufferPointer(start: data, count: count)) }
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(made) { _, frame, context in
      guard let frame else { return 0 }
      return borrow(context) { $0.frameReceived(frame) }
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(made) { _, frame, context in
      guard let frame else { return 0 }
      return borrow(context) { $0.frameSent(frame) }
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(made) { _, id, code, context in
      borrow(context) { $0.streamClosed(id, code) }
    }
    return made
  }()

  private static func borrow<R>(_ context: UnsafeMutableRawPointer?, _ body: (H2Session) -> R) -> R {
    guard let context else { broken("nghttp2 lost its session") }
    return Unmanaged<H2Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }
}

private let flagEndStream = UInt8(NGHTTP2_FLAG_END_STREAM.rawValue)
private let flagAck = UInt8(NGHTTP2_FLAG_ACK.rawValue)
private let typeData = UInt8(NGHTTP2_DATA.rawValue)
private let typeHeaders = UInt8(NGHTTP2_HEADERS.rawValue)
private let typePriority = UInt8(NGHTTP2_PRIORITY.rawValue)
private let typeSettings = UInt8(NGHTTP2_SETTINGS.rawValue)
private let typePing = UInt8(NGHTTP2_PING.rawValue)
private let typeGoAway = UInt8(NGHTTP2_GOAWAY.rawValue)
private let typeWindowUpdate = UInt8(NGHTTP2_WINDOW_UPDATE.rawValue)
private let typeReset = UInt8(NGHTTP2_RST_STREAM.rawValue)

// What arrives.
extension H2Session {
  fileprivate func beginHeaders(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    isInFields = true
    guard role == .server, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
    let stream = owner.h2NewStream()
    let id = frame.pointee.hd.stream_id
    register(stream, id: id)
    allowWindowUpdates()
    nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
    return 0
  }

  fileprivate func header(_ id: Int32, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Int32
  {
    guard let stream = stream(id) else { return 0 }
    if stream.headersOverflowed { return overflow(stream, name.count + value.count + 32) }
    if role == .server, !stream.rules.field(name, value, isTrailer: stream.didReceiveHead) { return 0 }
    if stream.headers.listBytes + stream.trailers.listBytes + name.count + value.count + 32
      > Limits.headerListBytes
    {
      stream.headersOverflowed = true
    } else if stream.didReceiveHead {
      stream.trailers.add(name: name, value: value)
    } else if name.first == 0x3A {
      owner.h2Pseudo(stream, name: name, value: value)
    } else {
      stream.headers.add(name: name, value: value)
    }
    return 0
  }

  /// A small block may name a large entry of the table over and over: reading on would cost us far more than its sender.
  private func overflow(_ stream: MessageStream, _ count: Int) -> Int32 {
    stream.overflowBytes += count
    if stream.overflowBytes < Limits.headerBombBytes { return 0 }
    didOverflow = true
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  fileprivate func dataChunk(_ id: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let stream = stream(id), !stream.rules.isMalformed else {
      receivedForNobody(bytes.count)
      return 0
    }
    if role == .client || stream.rules.body(bytes.count) {
      received(stream, bytes)
    } else {
      receivedForNobody(bytes.count)
      refuse(stream)
    }
    return 0
  }

  fileprivate func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let head = frame.pointee.hd
    switch head.type {
    case typeData:
      if head.flags & flagEndStream != 0 {
        ended(head.stream_id)
      } else if head.length <= frame.pointee.data.padlen {
        noteIdleFrame()
      }
    case typeHeaders:
      isInFields = false
      fieldsReceived(head.stream_id, isEnd: head.flags & flagEndStream != 0)
    case typePing:
      if head.flags & flagAck != 0 {
        pingAcknowledged()
      } else {
        // As a client we let the server measure: grpc-go's pings us once in every round trip while it is sent something.
        if role == .server { noteIdleFrame() }
        if !owner.h2AcceptsPing() { goAway(.enhanceYourCalm, debug: "too_many_pings") }
      }
    case typeGoAway:
      let goAway = frame.pointee.goaway
      owner.h2GoAway(
        lastStream: goAway.last_stream_id, H2Error(rawValue: goAway.error_code),
        debug: UnsafeRawBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len))
    case typeWindowUpdate: if role == .server { noteWindowUpdate() }
    case typeReset: if role == .server { noteReset() }
    case typeSettings:
      didGreet = true
      noteIdleFrame()
    default: noteIdleFrame()
    }
    return 0
  }

  /// A whole block of fields: a head, or trailers. The handler of a head already sees whether a body follows.
  private func fieldsReceived(_ id: Int32, isEnd: Bool) {
    guard let stream = stream(id), !stream.didReceiveAll else { return }
    if role == .server, !stream.rules.blockEnds(isTrailer: stream.didReceiveHead, isEnd: isEnd) {
      return refuse(stream)
    }
    stream.didReceiveAll = isEnd
    if !stream.didReceiveHead { owner.h2HeadArrived(stream) }
    if isEnd { owner.h2Ended(stream) }
  }

  private func ended(_ id: Int32) {
    guard let stream = stream(id), !stream.didReceiveAll, !stream.rules.isMalformed else { return }
    if role == .server, !stream.rules.bodyEnds() { return refuse(stream) }
    stream.didReceiveAll = true
    owner.h2Ended(stream)
  }

  /// A malformed request: its handler hears no more of it but the end (RFC 9113, 8.1.1). From here on nghttp2
  /// ignores what still comes. Each is paid for like a frame that does no work: resets cost us, not the sender.
  private func refuse(_ stream: MessageStream) {
    reset(stream, .protocolError)
    noteIdleFrame()
  }

  fileprivate func streamClosed(_ id: Int32, _ code: UInt32) -> Int32 {
    guard let stream = stream(id) else { return 0 }
    unregister(stream)
    owner.h2Closed(stream, H2Error(rawValue: code))
    return 0
  }
}

// What leaves.
extension H2Session {
  fileprivate func send(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int {
    if output.count >= Limits.outputHighWaterBytes {
      isCutShort = true
      return Int(NGHTTP2_ERR_WOULDBLOCK.rawValue)
    }
    output.append(UnsafeRawBufferPointer(start: data, count: count))
    return count
  }

  fileprivate func sendData(
    _ head: UnsafePointer<UInt8>?, _ count: Int, _ source: UnsafeMutablePointer<nghttp2_data_source>?
  ) -> Int32 {
    if output.count >= Limits.outputHighWaterBytes {
      isCutShort = true
      return NGHTTP2_ERR_WOULDBLOCK.rawValue
    }
    guard let pointer = source?.pointee.ptr else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    return Unmanaged<MessageStream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
      output.append(UnsafeRawBufferPointer(start: head, count: 9))
      output.append(UnsafeRawBufferPointer(rebasing: stream.pending.unsent[..<count]))
      stream.pending.consume(count)
      account(stream)
      if stream.isBlocked, stream.pending.count <= Limits.streamOutputLowWaterBytes { noteDrained(stream) }
      return 0
    }
  }

  fileprivate func frameSent(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let head = frame.pointee.hd
    if head.type == typeReset { return resetSent(frame.pointee.rst_stream.error_code) }
    guard head.type == typeHeaders || head.type == typeData else { return 0 }
    owner.h2DidSend()
    if head.type == typeData {
      sentDataFrames &+= 1
      allowWindowUpdates()
    }
    // A whole reply before the whole request: tell the client to stop sending (RFC 9113, 8.1).
    if role == .server, head.flags & flagEndStream != 0, let stream = stream(head.stream_id),
      !stream.didReceiveAll
    {
      nghttp2_submit_rst_stream(session, flagNone, head.stream_id, H2Error.noError.rawValue)
    }
    return 0
  }

  /// A stream that we had to reset because of what the peer did costs as much as one that the peer resets
  /// (CVE-2025-8671).
  private func resetSent(_ code: UInt32) -> Int32 {
    let isFault = code != H2Error.noError.rawValue && code != H2Error.cancel.rawValue
    if role == .server, isFault { noteReset() }
    return 0
  }
}
