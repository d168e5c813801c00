import Base
import HTTP
import Wire

/// A body of the gateway: however it is cut, the same values or the same refusal come out; each value is read into its
/// request, and a message prints the same from its bytes as from its fields. The first byte chooses the cuts, the second
/// the method, the third the message.
func fuzzGateway(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let seed = program.byte()
  let method = Wire.Method.all[program.below(Wire.Method.all.count)]
  let kind = messageKinds[program.below(messageKinds.count)]
  let body = program.rest()
  let whole = split(body, pieces: 0)
  let cut = split(body, pieces: max(1, seed))
  invariant(whole.values == cut.values, "the values of a body depend on how it is cut")
  invariant(isSame(whole.fault, cut.fault), "the refusal of a body depends on how it is cut")
  for value in whole.values { check(value, method) }
  if let kind = kind as? any JSONMessage.Type { checkTranscription(kind, body, whole.values.first) }
  checkReply(body, method)
}

private struct Split {
  var values: [Bytes] = []
  var fault: JSONSplitter.Fault?
}

private let valueLimit = 2000

private func split(_ body: Bytes, pieces seed: UInt8) -> Split {
  var splitter = JSONSplitter(limit: valueLimit)
  var found = Split()
  func keep(_ value: UnsafeRawBufferPointer) -> Bool {
    found.values.append(Bytes(value))
    return true
  }
  inPieces(body, seed: seed) { piece in
    do throws(JSONSplitter.Fault) {
      try splitter.receive(piece, keep)
      return true
    } catch {
      found.fault = error
      return false
    }
  }
  if found.fault == nil {
    do throws(JSONSplitter.Fault) { try splitter.end(keep) } catch { found.fault = error }
  }
  return found
}

/// How many bytes of a value that is too long had come depends on the cuts, and whether nonsense behind the limit was seen.
private func isSame(_ a: JSONSplitter.Fault?, _ b: JSONSplitter.Fault?) -> Bool {
  if case .tooLong? = a { return b != nil }
  if case .tooLong? = b { return a != nil }
  return a == b
}

private func check(_ value: Bytes, _ method: Wire.Method) {
  invariant(value.count <= valueLimit, "a value beyond the limit")
  value.withUnsafeBytes { bytes in
    var parser = JSONParser(bytes)
    do throws(JSONError) {
      invariant(try parser.next() != nil, "a value is nothing")
      invariant(parser.offset == bytes.count, "a value and something behind it")
    } catch { broken("the parser refuses what the splitter found: \(error)") }
    do throws(JSONMappingError) { _ = try method.request(json: bytes) } catch { return }
  }
}

private func checkTranscription<M: JSONMessage>(_ type: M.Type, _ body: Bytes, _ value: Bytes?) {
  do throws(DecodeError) { compare(try M(decoding: body)) } catch {}
  guard let value else { return }
  do throws(JSONMappingError) { compare(try M(json: value)) } catch { return }
}

private func compare<M: JSONMessage>(_ message: M) {
  var output = ByteWriter()
  do throws(DecodeError) {
    try message.encoded().span.bytes.withUnsafeBytes { bytes throws(DecodeError) in
      try M.transcribe(bytes, to: &output)
    }
  } catch { broken("\(M.self) does not print from its own bytes: \(error)") }
  invariant(output.bytes == message.json(), "\(M.self) prints differently from its bytes")
}

/// Any bytes at all: no trap, and in pieces of whole fields as at once.
private func checkReply(_ body: Bytes, _ method: Wire.Method) {
  var output = ByteWriter()
  var range = RangeTranscription()
  body.withUnsafeBytes { bytes in
    do throws(DecodeError) {
      try method.transcribeReply(bytes, to: &output)
      try range.append(bytes, to: &output)
    } catch { return }
    range.end(&output)
  }
}

func gatewaySeeds() -> [(name: String, bytes: Bytes)] {
  let txn =
    #"{"compare":[{"target":"VALUE","key":"Zg==","value":"Yg=="}],"success":[{"request_put":{"key":"Zg==","lease":"7"}}]}"#
  let range = RangeResponse(
    header: ResponseHeader(clusterID: 1, revision: 2), kvs: [KeyValue(key: "a".bytes, value: "b".bytes)],
    count: 1)
  return [
    ("put", [1, 24, number(of: PutRequest.self)] + #"{"key":"Zm9v","value":"YmFy"}"#.bytes),
    ("txn", [2, 26, number(of: TxnRequest.self)] + txn.bytes),
    (
      "watch",
      [3, 40, number(of: WatchRequest.self)]
        + "{\"create_request\":{\"key\":\"Zg==\"}}\n{\"cancel_request\":{\"watch_id\":\"1\"}} null 12".bytes
    ),
    ("bad", [4, 23, number(of: RangeRequest.self)] + #"{"key":[102,111],"limit":"-1","x":{"y":[tru]}}"#.bytes),
    ("range", [5, 23, number(of: RangeResponse.self)] + range.encoded()),
  ]
}
