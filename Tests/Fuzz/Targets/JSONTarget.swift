import Base
import Wire

/// JSON from outside: any value must be written and read alike, and any request of the gateway be mapped alike.
/// The first byte chooses the message.
func fuzzJSON(_ bytes: UnsafeRawBufferPointer) {
  guard let choice = bytes.first else { return }
  let content = Bytes(bytes[1...])
  checkValue(content)
  guard let kind = messageKinds[Int(choice) % messageKinds.count] as? any JSONMessage.Type else { return }
  checkMapping(kind, content)
}

private func checkValue(_ content: Bytes) {
  let value: JSONValue
  do throws(JSONError) { value = try JSONValue(parsing: content) } catch {
    invariant(error.offset >= 0 && error.offset <= content.count, "an error outside of the text")
    return
  }
  for escapes in [true, false] {
    let text = value.serialized(escapesHTML: escapes)
    do throws(JSONError) {
      let again = try JSONValue(parsing: text)
      invariant(again == value, "a value changes when it is written and read")
      invariant(again.serialized(escapesHTML: escapes) == text, "a text changes when it is read and written")
    } catch { broken("JSON does not read what it wrote: \(error)") }
  }
  _ = (value.int64, value.double, value["a"], value.strings)
}

private func checkMapping<M: JSONMessage>(_ type: M.Type, _ content: Bytes) {
  let message: M
  do throws(JSONMappingError) { message = try M(json: content) } catch { return }
  checkJSON(message)
  _ = message.json(.go)
  do throws(DecodeError) {
    let again = try M(decoding: message.encoded())
    invariant(again == message, "\(M.self) from JSON changes when it is written and read")
  } catch { broken("\(M.self) from JSON does not read what it wrote: \(error)") }
}

func jsonSeeds() -> [(name: String, bytes: Bytes)] {
  [
    ("put", [number(of: PutRequest.self)] + #"{"key":"Zm9v","value":"YmFy","lease":"7","prev_kv":true}"#.bytes),
    (
      "txn",
      [number(of: TxnRequest.self)]
        + #"{"compare":[{"target":"VALUE","key":"Zg==","value":"Yg=="}],"success":[{"requestPut":{"key":"Zg=="}}],"failure":[{"request_range":{"key":"Zg==","sort_order":1}}]}"#
        .bytes
    ),
    (
      "watch",
      [number(of: WatchRequest.self)] + #"{"create_request":{"key":"Zg==","filters":["NOPUT",1]}}"#.bytes
    ),
    (
      "values",
      [number(of: MemberAddRequest.self)]
        + #" {"a":[1,-2.5e+10,"\u00e9\ud83d\ude00\n",null,true,{}],"peerURLs":["http://h:1"]} "#.bytes
    ),
  ]
}
