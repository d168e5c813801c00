import Base
import HTTP

/// A server's bytes as our client reads them. The first byte: bit 0 chooses the version, bit 1 frames as a program
/// (HTTP/2), the others the cuts.
func fuzzClient(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let mode = program.byte()
  let listener = Listener()
  let isHTTP2 = mode & 1 != 0
  let now = Instant(nanoseconds: 1_000_000_000)
  let connection = ClientConnection(isHTTP2 ? .http2 : .http1, now: now)
  let input: Bytes
  if isHTTP2 {
    input = frame(4, 0, 0, []) + (mode & 2 != 0 ? frames(&program) : program.rest())
  } else {
    input = program.rest()
  }
  open(connection, listener)
  inPieces(input, seed: mode >> 2) { piece in
    connection.receive(piece, at: now)
    drop(connection)
    // A finished call makes place for the next one.
    if !isHTTP2, connection.isAvailable { open(connection, listener) }
    return connection.wantsRead && !connection.wantsClose
  }
  connection.connectionLost()
  invariant(connection.activeCount == 0, "a lost connection has open calls")
  invariant(listener.isComplete, "a call never heard its end")
}

private func open(_ connection: ClientConnection, _ listener: Listener) {
  for number in 0..<3 {
    let request =
      number == 0
      ? Request("GET", "/version", authority: "h")
      : Request("POST", "/\(number)", authority: "h", body: .bytes([1, 2, 3]))
    guard let call = connection.open(request, listener) else { break }
    listener.opened(call)
  }
  drop(connection)
}

private func drop(_ connection: ClientConnection) {
  while connection.flush() { connection.output.removeAll() }
}

/// Holds calls to the order of their events.
private final class Listener: CallHandler {
  private enum Phase { case waiting, began, over }
  private var phases: [Phase] = []

  func opened(_ call: Call) {
    call.tag = phases.count
    phases.append(.waiting)
  }
  var isComplete: Bool { phases.allSatisfy { $0 == .over } }

  func callBegan(_ call: Call) {
    invariant(phases[call.tag] == .waiting, "a reply begins twice")
    phases[call.tag] = .began
    _ = call.grpcStatus
  }
  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    invariant(phases[call.tag] == .began, "a body outside of its reply")
    call.consumed(bytes.count)
  }
  func callEnded(_ call: Call) {
    invariant(phases[call.tag] == .began, "a reply ends that did not begin")
    phases[call.tag] = .over
    _ = call.grpcStatus
  }
  func callFailed(_ call: Call, _ failure: CallFailure) {
    invariant(phases[call.tag] != .over, "a call fails behind its end")
    phases[call.tag] = .over
  }
  func callDrained(_ call: Call) { invariant(phases[call.tag] != .over, "an ended call is told to go on") }
}

func clientSeeds() -> [(name: String, bytes: Bytes)] {
  let length = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
  let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n"
  let ending = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\nall the rest"
  let head: Bytes = [0x88] + field("content-type", "application/grpc")
  let trailers = field("grpc-status", "5") + field("grpc-message", "a%20b")
  func row(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: Bytes) -> Bytes {
    [kind, flags, stream, UInt8(payload.count)] + payload
  }
  let replies =
    row(1, 4, 1, head) + row(0, 0, 1, [0, 0, 0, 0, 1, 7]) + row(1, 5, 1, trailers) + row(3, 0, 3, [0, 0, 0, 7])
    + row(7, 0, 0, [0, 0, 0, 3, 0, 0, 0, 11] + "too_many_pings".bytes)
  return [
    ("length", [0] + length.bytes + chunked.bytes), ("chunked", [4] + chunked.bytes),
    ("ending", [0] + ending.bytes), ("frames", [3] + replies), ("bytes", [1] + frame(1, 5, 1, head)),
  ]
}
