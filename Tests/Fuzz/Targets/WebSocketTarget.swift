import Base
import HTTP

/// WebSocket frames: however they are cut, the same is heard; and through a connection that was upgraded, whatever follows the
/// handshake comes out as it went in. The first byte chooses the cuts.
func fuzzWebSocket(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let seed = program.byte()
  let input = program.rest()
  let whole = frames(in: input, pieces: 0)
  let cut = frames(in: input, pieces: max(1, seed))
  invariant(whole == cut, "WebSocket frames depend on how they are cut")
  checkUpgrade(input, pieces: seed)
}

private func frames(in input: Bytes, pieces seed: UInt8) -> Bytes {
  var reader = WebSocketReader()
  var heard = Bytes()
  inPieces(input, seed: seed) { piece in
    do throws(WebSocketReader.Violation) {
      try reader.receive(piece) { event in
        switch event {
        // Pieces are joined; the other events stand between them.
        case .data(let bytes): heard += bytes
        case .messageEnd: heard += [0xff, 1]
        case .ping(let bytes):
          invariant(bytes.count <= 125, "a long ping")
          heard += [0xff, 2] + bytes
        case .close(let code): heard += [0xff, 3, UInt8(truncatingIfNeeded: code?.rawValue ?? 0)]
        }
      }
      return true
    } catch {
      heard += [0xff, 4]
      return false
    }
  }
  return heard
}

private final class Upgrader: ExchangeHandler {
  var heard = Bytes()
  func requestBegan(_ exchange: Exchange) {
    guard case .accepted(let head) = WebSocket.handshake(exchange) else {
      broken("a good handshake is refused")
    }
    invariant(exchange.upgrade(head), "HTTP/1.1 is not left")
  }
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    heard += bytes
    exchange.consumed(bytes.count)
  }
  func requestEnded(_ exchange: Exchange) { broken("bytes of another protocol end only with the connection") }
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}
}

private func checkUpgrade(_ input: Bytes, pieces seed: UInt8) {
  let handler = Upgrader()
  let connection = ServerConnection(
    ServerContext(handler: handler), start: .http1, now: Instant(nanoseconds: 1_000_000_000))
  let head =
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  inPieces(head.bytes + input, seed: seed) { piece in
    connection.receive(piece, at: Instant(nanoseconds: 1_000_000_000))
    connection.flush()
    return true
  }
  connection.connectionLost()
  invariant(handler.heard == input, "bytes behind the handshake are changed")
}

func webSocketSeeds() -> [(name: String, bytes: Bytes)] {
  let text: Bytes = [0x81, 0x82, 1, 2, 3, 4, 0x7a, 0x7f]
  let parts: Bytes = [0x01, 0x81, 0, 0, 0, 0, 0x61, 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 0, 0, 0, 0, 0x62]
  let long: Bytes = [0x82, 0xfe, 1, 0, 9, 9, 9, 9] + Bytes(repeating: 9, count: 256)
  return [
    ("text", [1] + text), ("parts", [2] + parts), ("long", [3] + long),
    ("close", [4] + text + [0x88, 0x82, 0, 0, 0, 0, 3, 0xe8] as Bytes),
  ]
}
