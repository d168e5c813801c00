import Base
import HTTP

/// Short answers in plain text, as Go's `http.Error` sends them: every page's way to refuse.
package enum PlainText {
  package static func reply(
    _ exchange: Exchange, _ status: Int, _ text: String, _ headers: HeaderList = HeaderList()
  ) {
    var headers = headers
    headers.add("content-type", "text/plain; charset=utf-8")
    headers.add("x-content-type-options", "nosniff")
    exchange.respond(status, headers, body: text.bytes)
  }

  package static func notFound(_ exchange: Exchange) { reply(exchange, 404, "404 page not found\n") }

  package static func methodNotAllowed(_ exchange: Exchange, allow: String) {
    reply(exchange, 405, "Method Not Allowed\n", ["allow": allow])
  }

  /// A page of its own in plain text. Go finds out the type by looking, and then says nothing about guessing.
  package static func page(_ exchange: Exchange, _ text: String) {
    exchange.respond(200, ["content-type": "text/plain; charset=utf-8"], body: text.bytes)
  }
}
