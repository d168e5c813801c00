import Base
import HTTP

/// The plain HTTP pages of one kind of port: finds the route of a request and lets it answer.
///
/// As etcd 3.4: etcdserver/api/etcdhttp and embed/serve.go. Which pages there are, its makers say.
package final class Pages: ExchangeHandler {
  private var table: PageTable
  /// Those that take whole exchanges; an exchange's `tag` says which has it, counted from 1.
  private var handlers: [any ExchangeHandler] = []
  /// Nil where anybody may look: the ports for metrics and for other members.
  private let access: AccessControl?
  private let log: Log
  /// Told of each request; nil where nobody is.
  private let note: ((Exchange) -> Void)?

  package init(
    _ table: PageTable, access: AccessControl?, log: Log, note: ((Exchange) -> Void)? = nil
  ) {
    self.table = table
    self.access = access
    self.log = log
    self.note = note
  }

  /// A body on its way to a page.
  private final class Gathering {
    let route: (PageRequest, Bytes) -> Void
    let request: PageRequest
    let limit: Int
    var body = Bytes()
    init(_ request: PageRequest, _ limit: Int, _ route: @escaping (PageRequest, Bytes) -> Void) {
      self.request = request
      self.limit = limit
      self.route = route
    }
  }

  // MARK: Exchanges

  package func requestBegan(_ exchange: Exchange) {
    guard admits(exchange) else { return }
    guard let target = RequestTarget(exchange.target) else {
      return PlainText.reply(exchange, 400, "400 Bad Request")
    }
    note?(exchange)
    let request = PageRequest(exchange, target)
    if let place = table.redirection(of: request.path) { return redirect(exchange, to: place) }
    guard let route = table[request.path] else { return PlainText.notFound(exchange) }
    if let method = route.method, method != exchange.method {
      return PlainText.methodNotAllowed(exchange, allow: method == .put ? "PUT" : "GET")
    }
    switch route.answer {
    case .page(let page): page(request)
    case .form(let limit, let page): exchange.userData = Gathering(request, limit, page)
    case .handler(let handler):
      exchange.tag = number(of: handler)
      handler.requestBegan(exchange)
    }
  }

  private func number(of handler: any ExchangeHandler) -> Int {
    if let place = handlers.firstIndex(where: { $0 === handler }) { return place + 1 }
    handlers.append(handler)
    return handlers.count
  }

  package func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    if let handler = handler(of: exchange) { return handler.requestBody(exchange, bytes) }
    exchange.consumed(bytes.count)
    guard let gathering = exchange.userData as? Gathering else { return }
    guard gathering.body.count + bytes.count <= gathering.limit else {
      exchange.userData = nil
      return PlainText.reply(exchange, 413, "the body is longer than \(gathering.limit) bytes\n")
    }
    gathering.body.append(contentsOf: bytes)
  }

  package func requestEnded(_ exchange: Exchange) {
    if let handler = handler(of: exchange) { return handler.requestEnded(exchange) }
    guard let gathering = exchange.userData as? Gathering else { return }
    exchange.userData = nil
    gathering.route(gathering.request, gathering.body)
  }

  package func requestCancelled(_ exchange: Exchange) { handler(of: exchange)?.requestCancelled(exchange) }
  package func exchangeDrained(_ exchange: Exchange) { handler(of: exchange)?.exchangeDrained(exchange) }
  package func requestStalled(_ exchange: Exchange) {
    if let handler = handler(of: exchange) { return handler.requestStalled(exchange) }
    exchange.respond(408)
  }
  package func requestRoomFreed(_ exchange: Exchange) { handler(of: exchange)?.requestRoomFreed(exchange) }
  package func awaitsBody(_ exchange: Exchange) -> Bool { handler(of: exchange)?.awaitsBody(exchange) ?? true }

  private func handler(of exchange: Exchange) -> (any ExchangeHandler)? {
    exchange.tag > 0 ? handlers[exchange.tag - 1] : nil
  }

  // MARK: Who may

  /// Whether the caller may go on; answered where not.
  package func admits(_ exchange: Exchange) -> Bool { access?.admits(exchange, log) ?? true }

  private func redirect(_ exchange: Exchange, to path: String) {
    let target = PercentEncoding.path(path.utf8) + (exchange.query.map { "?" + $0 } ?? "")
    var headers: HeaderList = ["location": target]
    let hasBody = exchange.method == .get || exchange.method == .head
    if hasBody { headers.add("content-type", "text/html; charset=utf-8") }
    let escaped = target.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "&amp;")
    exchange.respond(
      301, headers,
      body: exchange.method == .get ? "<a href=\"\(escaped)\">Moved Permanently</a>.\n\n".bytes : [])
  }
}
