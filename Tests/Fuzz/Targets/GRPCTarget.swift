import Base
import HTTP

/// The deframer: however a body is cut, the same messages and the same refusal come out.
func fuzzGRPC(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let seed = program.byte()
  let input = program.rest()
  input.withUnsafeBytes { text in
    if let span = GRPC.timeout(text) {
      invariant(span.nanoseconds >= 0, "a timeout below zero")
      _ = GRPC.timeoutText(span)
    }
    _ = GRPC.isContentType(text)
  }
  let whole = messages(in: input, pieces: 0)
  let cut = messages(in: input, pieces: max(1, seed))
  invariant(whole == cut, "gRPC messages depend on how the body is cut")
}

private struct Deframed: Equatable {
  var messages: [Bytes] = []
  var fault: GRPC.Fault?
  var isMidMessage = false
}

private func messages(in input: Bytes, pieces seed: UInt8) -> Deframed {
  var deframer = GRPCDeframer(limit: 300)
  var found = Deframed()
  inPieces(input, seed: seed) { piece in
    do throws(GRPC.Fault) {
      try deframer.receive(piece) { found.messages.append(Bytes($0)) }
      return true
    } catch {
      found.fault = error
      return false
    }
  }
  found.isMidMessage = found.fault == nil && deframer.isMidMessage
  return found
}

func grpcSeeds() -> [(name: String, bytes: Bytes)] {
  let messages: Bytes =
    [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] + Bytes(repeating: 5, count: 256)
  return [
    ("messages", [1] + messages), ("compressed", [2, 1, 0, 0, 0, 1, 9]), ("large", [3, 0, 0, 1, 0, 0, 1]),
    ("timeout", [0] + "99999999H".bytes),
  ]
}
