import Base
import CNghttp2

// Heads, bodies and trailers on their way out.
extension H2Session {
  /// Submits a reply's head; `body` says whether DATA or trailers follow.
  func submitResponse(_ stream: MessageStream, _ status: Int, _ headers: HeaderList, date: Bytes?, body: Bool) {
    withFields(headers, front: 1, back: 1) { fields in
      withUnsafeTemporaryAllocation(byteCount: 3, alignment: 1) { digits in
        digits[0] = UInt8(0x30 + status / 100 % 10)
        digits[1] = UInt8(0x30 + status / 10 % 10)
        digits[2] = UInt8(0x30 + status % 10)
        fields.set(0, staticField(":status", UnsafeRawBufferPointer(digits)))
        if let date {
          date.withUnsafeBytes { text in
            fields.add(staticField("date", text))
            submit(stream, fields, body: body)
          }
        } else {
          submit(stream, fields, body: body)
        }
      }
    }
  }

  /// The head of every successful gRPC reply.
  func submitGRPCResponse(_ stream: MessageStream) {
    guard let session else { return }
    var provider = dataProvider(stream)
    nghttp2_submit_response(session, stream.id, GRPCFields.head, 2, &provider)
  }

  private func submit(_ stream: MessageStream, _ fields: FieldArray, body: Bool) {
    guard let session else { return }
    if body {
      var provider = dataProvider(stream)
      nghttp2_submit_response(session, stream.id, fields.base, fields.count, &provider)
    } else {
      nghttp2_submit_response(session, stream.id, fields.base, fields.count, nil)
    }
  }

  /// Opens a stream of ours (clients only); false when no further stream number is left.
  func submitRequest(_ stream: MessageStream, _ request: Request, body: Bool) -> Bool {
    withFields(request.headers, front: 4) { fields in
      withText(request.method) { method in
        withText(request.scheme) { scheme in
          withText(request.path) { path in
            withText(request.authority) { authority in
              fields.set(0, staticField(":method", method))
              fields.set(1, staticField(":scheme", scheme))
              fields.set(2, staticField(":path", path))
              fields.set(3, staticField(":authority", authority))
              return open(stream, fields, body: body)
            }
          }
        }
      }
    }
  }

  private func open(_ stream: MessageStream, _ fields: FieldArray, body: Bool) -> Bool {
    guard let session, !isDead else { return false }
    let pointer = Unmanaged.passUnretained(stream).toOpaque()
    var provider = dataProvider(stream)
    let id =
      body
      ? nghttp2_submit_request(session, nil, fields.base, fields.count, &provider, pointer)
      : nghttp2_submit_request(session, nil, fields.base, fields.count, nil, pointer)
    guard id > 0 else { return false }
    register(stream, id: id)
    return true
  }

  /// More body, or its end, is there.
  func resume(_ stream: MessageStream) {
    guard stream.isDeferred, session != nil else { return }
    stream.isDeferred = false
    nghttp2_session_resume_data(session, stream.id)
  }

  func reset(_ stream: MessageStream, _ code: H2Error) {
    nghttp2_submit_rst_stream(session, flagNone, stream.id, code.rawValue)
  }

  private func dataProvider(_ stream: MessageStream) -> nghttp2_data_provider {
    nghttp2_data_provider(
      source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()), read_callback: readBody)
  }

  /// nghttp2 asks how much it may frame; the bytes themselves go out in `sendData` without another copy.
  fileprivate func bodyReady(_ stream: MessageStream, _ room: Int, _ flags: UnsafeMutablePointer<UInt32>) -> Int
  {
    let count = min(room, stream.pending.count)
    if count == stream.pending.count {
      if stream.didFinish {
        endOfBody(stream, flags)
      } else if count == 0 {
        stream.isDeferred = true
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
      }
    }
    flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue)
    return count
  }

  private func endOfBody(_ stream: MessageStream, _ flags: UnsafeMutablePointer<UInt32>) {
    flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
    switch stream.trailersOut {
    case .none: return
    case .grpcOK: nghttp2_submit_trailer(session, stream.id, GRPCFields.trailersOK, 2)
    case .fields(let trailers):
      withFields(trailers, front: 0) { fields in
        _ = nghttp2_submit_trailer(session, stream.id, fields.base, fields.count)
      }
    }
    flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
  }
}

private let readBody: nghttp2_data_source_read_callback = { _, _, _, room, flags, source, context in
  guard let context, let flags, let pointer = source?.pointee.ptr else {
    return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  }
  return Unmanaged<H2Session>.fromOpaque(context)._withUnsafeGuaranteedRef { session in
    Unmanaged<MessageStream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { session.bodyReady($0, room, flags) }
  }
}

/// Fields that every gRPC reply has, made once; their bytes are immortal and not copied.
private enum GRPCFields {
  nonisolated(unsafe) static let head = make([(":status", "200"), ("content-type", "application/grpc")])
  nonisolated(unsafe) static let trailersOK = make([("grpc-status", "0"), ("grpc-message", "")])

  private static func make(_ fields: [(StaticString, StaticString)]) -> UnsafeMutablePointer<nghttp2_nv> {
    let made = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: fields.count)
    for (index, (name, value)) in fields.enumerated() {
      var field = staticField(
        name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
      field.flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
      (made + index).initialize(to: field)
    }
    return made
  }
}

private func staticField(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> nghttp2_nv {
  nghttp2_nv(
    name: UnsafeMutablePointer(mutating: name.utf8Start), value: bytePointer(value),
    namelen: name.utf8CodeUnitCount, valuelen: value.count, flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue))
}

/// nghttp2 reads through the pointer only, though its type says otherwise.
private func bytePointer(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
  UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
}

/// Fields of one call into nghttp2, in memory of the stack.
private struct FieldArray {
  let base: UnsafeMutablePointer<nghttp2_nv>
  private(set) var count: Int

  mutating func add(_ field: nghttp2_nv) {
    (base + count).initialize(to: field)
    count += 1
  }
  /// Fills the slot kept free at the front.
  func set(_ index: Int, _ field: nghttp2_nv) { (base + index).initialize(to: field) }
}

private func withText<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
  var text = text
  return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
}

/// Lends `headers` as C fields, after `front` free slots, with room for `back` more behind them.
private func withFields<R>(
  _ headers: HeaderList, front: Int, back: Int = 0, _ body: (inout FieldArray) -> R
) -> R {
  withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, headers.count + front + back)) { memory in
    guard let base = memory.baseAddress else { broken("no stack memory for header fields") }
    var fields = FieldArray(base: base, count: front)
    return headers.withRawFields { list in
      for index in 0..<headers.count {
        let name = list.name(index)
        let value = list.value(index)
        guard !isConnectionField(name) else { continue }
        fields.add(
          nghttp2_nv(
            name: bytePointer(name), value: bytePointer(value), namelen: name.count, valuelen: value.count,
            flags: 0))
      }
      return body(&fields)
    }
  }
}

/// Fields HTTP/2 forbids (RFC 9113, 8.2.2); the HTTP/1.1 writer uses them.
private func isConnectionField(_ name: UnsafeRawBufferPointer) -> Bool {
  func equals(_ text: StaticString) -> Bool {
    compareBytes(name, text.raw) == 0
  }
  return switch name.count {
  case 7: equals("upgrade")
  case 10: equals("connection") || equals("keep-alive")
  case 16: equals("proxy-connection")
  case 17: equals("transfer-encoding")
  default: false
  }
}
