import Base
import HTTP
import Machine
import Wire

/// A form and a query to `/v2/keys`, and the request that they make. The first byte says what is asked, a zero byte ends the path,
/// another one the body. Fields are what the general reader of queries finds; a request survives the log and the tree.
func fuzzV2Form(_ bytes: UnsafeRawBufferPointer) {
  guard let first = bytes.first else { return }
  let parts = bytes.dropFirst().split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map {
    Bytes($0)
  }
  let body = parts.count > 1 ? parts[1] : []
  let query = parts.count > 2 ? parts[2] : []
  var form = V2Form()
  form.read(body)
  form.read(query)
  checkFields(form, Query(body), Query(query))
  let method = ["GET", "PUT", "POST", "DELETE", "HEAD"][Int(first) % 5]
  let now: Int64 = 1_700_000_000_000_000_000
  let asked: V2KeyRequest
  do throws(V2Error) {
    asked = try V2KeyRequest(method: method, path: String(utf8: parts[0]), form: form, unixNow: now)
  } catch { return checkJSON(error.forClient.json) }
  carryOut(asked, now)
}

private func checkFields(_ form: V2Form, _ body: Query, _ query: Query) {
  for field in V2Form.Field.allCases {
    let expected = body[field.rawValue] ?? query[field.rawValue]
    invariant(form[field] == expected, "\(field) is read as another value")
  }
  invariant((form.fault == nil) == (body.isWellFormed && query.isWellFormed), "a fault is not seen")
}

private func carryOut(_ asked: V2KeyRequest, _ now: Int64) {
  let store = V2Store()
  store.unixNow = now
  _ = try? store.set("/1/a", value: "v")
  let request = asked.request
  guard let again = try? V2Request(decoding: request.encoded()) else {
    broken("a request does not survive the log")
  }
  invariant(again == request, "a request changes in the log")
  switch V2Applier(store: store, roster: nil).apply(request) {
  case .event(let event):
    checkJSON(event.clientLine())
    checkJSON(event.clientLine(hidesNodes: true))
  case .failure(let error): checkJSON(error.forClient.json)
  case .done, .unknownMethod: break
  }
  let copy = V2Store()
  do throws(V2RecoveryError) { try copy.recover(store.save()) } catch {
    broken("what a request made is refused in a snapshot: \(error)")
  }
}

private func checkJSON(_ text: Bytes) {
  invariant((try? JSONValue(parsing: text)) != nil, "an answer is no JSON: \(String(utf8: text))")
}

func v2FormSeeds() -> [(name: String, bytes: Bytes)] {
  [
    ("put", [1] + "a/b\0value=x+y%20z&ttl=5&prevExist=true\0value=2&noValueOnSuccess=1".bytes),
    ("get", [0] + "/a\0\0recursive=true&sorted=t&quorum=false&wait=0&waitIndex=7&stream=F".bytes),
    ("swap", [1] + "a\0value=w&prevValue=v&prevIndex=1\0".bytes),
    ("refresh", [1] + "a\0refresh=true&ttl=9&prevExist=1\0".bytes),
    ("post", [2] + "q\0value=\u{e9}&dir=true\0".bytes),
    ("delete", [3] + "a/../a\0\0dir=true&prevValue=v".bytes),
    ("faults", [1] + "a\0%zz=1&a;b&%76alue=%4\0&&=&dir".bytes),
  ]
}
