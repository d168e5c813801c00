import Base
import Doors
import HTTP
import Machine

/// One request to the v2 API, from its head to the end of its reply. Everything is answered through it, so that what is
/// decided late (by the log, by a password's check) does not reach whoever is given the exchange next.
final class V2Call {
  let exchange: Exchange
  /// Without escapes.
  let path: String
  let method: HTTP.Method
  /// As it was sent, without `?`.
  let query: Bytes
  /// Complete once the page is asked to answer.
  var body = Bytes()
  /// Bytes received beyond what a body may have; those are not kept.
  var surplus = 0
  /// Bytes whose window was not given back yet.
  var withheld = 0
  var isComplete = false
  /// The client is gone or has its answer.
  private(set) var isOver = false
  /// What ends with the client: a watcher.
  var whenGone: (() -> Void)?
  /// The client took what waited for it.
  var whenDrained: (() -> Void)?
  /// Said of every reply once it is set.
  var clusterField: String?

  init(_ exchange: Exchange, _ target: RequestTarget, path: String) {
    self.exchange = exchange
    self.path = path
    method = exchange.method
    query = target.rawQuery
  }

  var methodText: String { String(utf8: exchange.methodText) }

  /// What follows a prefix of the path, without the slash between. As etcd 3.4: v2http/client.go, trimPrefix.
  func path(after prefix: String) -> String {
    let rest = V2Path.trimmed(path, prefix: prefix)
    return V2Path.trimmed(rest, prefix: "/")
  }

  /// Query and form body. As Go: net/http, Request.ParseForm.
  func form() -> V2Form {
    var form = V2Form()
    if [.post, .put, .patch].contains(method) { readBody(into: &form) }
    form.read(query)
    return form
  }

  private func readBody(into form: inout V2Form) {
    guard let field = exchange.headers["content-type"], !field.isEmpty else { return }
    let type = MediaType(field)
    if type.name == "application/x-www-form-urlencoded" {
      if surplus > 0 { return form.refuse("http: POST too large") }
      form.read(body)
    }
    if let fault = type.fault { form.refuse(fault) }
  }

  // MARK: Replies

  private func with(_ headers: HeaderList) -> HeaderList {
    var all = headers
    if let clusterField { all.add("x-etcd-cluster-id", clusterField) }
    return all
  }

  func reply(_ status: Int, _ headers: HeaderList = HeaderList(), _ body: Bytes = []) {
    guard !isOver else { return }
    isOver = true
    exchange.respond(status, with(headers), body: body)
  }

  func replyJSON(_ status: Int, _ body: Bytes) { reply(status, ["content-type": "application/json"], body) }

  /// As etcd 3.4: v2http/httptypes/errors.go.
  func refuse(_ status: Int, _ message: String) {
    var writer = JSONWriter()
    writer.raw("{\"message\":")
    writer.string(message)
    writer.raw("}")
    replyJSON(status, writer.bytes)
  }

  /// As etcd 3.4: v2error/error.go, WriteTo.
  func fail(_ error: V2Error) {
    var body = error.json
    body.append(0x0a)
    reply(error.status, ["content-type": "application/json", "x-etcd-index": String(error.index)], body)
  }

  /// As Go's `http.Error`.
  func refusePlainly(_ status: Int, _ text: String, _ headers: HeaderList = HeaderList()) {
    guard !isOver else { return }
    isOver = true
    PlainText.reply(exchange, status, text, with(headers))
  }

  // MARK: Streams

  func begin(_ headers: HeaderList) {
    guard !isOver else { return }
    exchange.sendHeaders(200, with(headers))
  }

  func send(_ line: Bytes) {
    guard !isOver else { return }
    exchange.send(line)
  }

  func finish() {
    guard !isOver else { return }
    isOver = true
    exchange.finish()
  }

  /// The client is gone.
  func cancelled() {
    isOver = true
    whenGone?()
    whenGone = nil
  }
}
