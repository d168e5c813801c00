import Base
import HTTP

/// The server's HTTP/2 door behind the preface. The first byte's lowest bit says whether the rest are bytes as they
/// stand or a program of frames, whose headers are then whole; its others choose the cuts.
func fuzzH2(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let mode = program.byte()
  let input = mode & 1 == 0 ? program.rest() : frames(&program)
  let greeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".bytes + frame(4, 0, 0, [])
  _ = serve(greeting + input, start: .sniff, pieces: mode >> 1)
}

/// Frames of {kind, flags, stream, length, payload}, one byte each before the payload.
func frames(_ program: inout Program) -> Bytes {
  var out = Bytes()
  while !program.isAtEnd {
    let kind = program.byte()
    let flags = program.byte()
    let stream = program.byte()
    out += frame(kind % 12, flags, UInt32(stream), program.bytes(Int(program.byte())))
  }
  return out
}

func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: Bytes) -> Bytes {
  let n = payload.count
  return [UInt8(n >> 16), UInt8(n >> 8 & 255), UInt8(n & 255), kind, flags]
    + withUnsafeBytes(of: stream.bigEndian) { Bytes($0) } + payload
}

// MARK: Seeds

/// A field with its name and value in literal, not indexed.
func field(_ name: String, _ value: String) -> Bytes {
  [0, UInt8(name.utf8.count)] + name.bytes + [UInt8(value.utf8.count)] + value.bytes
}

func h2Seeds() -> [(name: String, bytes: Bytes)] {
  // `:method GET`, `:scheme http`, `:path /`, `:authority h` from HPACK's static table.
  let get: Bytes = [0x82, 0x86, 0x84, 0x41, 1, 0x68]
  let call: Bytes =
    [0x83, 0x86] + field(":path", "/etcdserverpb.KV/Range") + [0x41, 1, 0x68]
    + field("content-type", "application/grpc") + field("te", "trailers") + field("grpc-timeout", "1S")
  let message: Bytes = [0, 0, 0, 0, 3, 0x0A, 1, 0x61]
  func row(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: Bytes) -> Bytes {
    [kind, flags, stream, UInt8(payload.count)] + payload
  }
  let calls =
    row(1, 4, 1, call) + row(0, 1, 1, message) + row(1, 5, 3, get) + row(6, 0, 0, Bytes(repeating: 1, count: 8))
  let control =
    row(4, 0, 0, [0, 4, 0, 0, 1, 0]) + row(1, 4, 1, call) + row(8, 0, 0, [0, 0, 1, 0])
    + row(8, 0, 1, [0, 0, 0, 9])
    + row(3, 0, 1, [0, 0, 0, 8]) + row(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])
  let cut =
    row(1, 0, 1, Bytes(call.prefix(9))) + row(9, 4, 1, Bytes(call.dropFirst(9))) + row(0, 0, 1, message)
    + row(1, 5, 1, field("x-end", "1"))
  return [
    ("bytes", [0] + frame(1, 5, 1, get) + frame(1, 4, 3, call) + frame(0, 1, 3, message)),
    ("calls", [1] + calls),
    ("control", [0x11] + control), ("continued", [0x23] + cut),
  ]
}
