import Base
import Doors
import HTTP

/// Heads on their way through the proxy. Each is written into the same memory and read before the next one comes.
final class PassedHeads {
  private var request = Request("", "", authority: "")
  private var fields = HeaderList()

  /// Lends the request of `exchange` as the endpoint at `url` is to see it.
  func withRequest<R>(
    of exchange: Exchange, to url: EndpointURL, body: Request.Body, _ use: (Request) -> R
  ) -> R {
    let isGRPC = exchange.isGRPC
    // Members do not look at the address of a call's client, and as metadata it would travel with each message's head.
    ForwardedFields.request(
      exchange.headers, client: isGRPC ? "" : ProxyRequest.client(of: exchange), keepsTE: isGRPC,
      into: &request.headers)
    // A body that was looked into is sent whole, with its own length.
    if case .bytes = body { request.headers.remove("content-length") }
    request.method = String(utf8: exchange.methodText)
    request.path = String(utf8: exchange.target)
    request.authority = exchange.authority.isEmpty ? url.authority : String(utf8: exchange.authority)
    request.scheme = url.scheme.isSecure ? "https" : "http"
    request.body = body
    defer { request.body = .none }
    return use(request)
  }

  /// Lends a reply's fields as the client is to see them.
  func withReply<R>(_ headers: HeaderList, _ use: (HeaderList) -> R) -> R {
    ForwardedFields.reply(headers, into: &fields)
    return use(fields)
  }
}
