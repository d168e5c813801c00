import Base
import Config
import Doors
import HTTP
import Machine
import Wire

/// The JSON gateway: `/v3/...` by POST, each path a method of gRPC, JSON in and out.
///
/// It is no client of the member: a body becomes the bytes of the request message and goes to the same services as a gRPC
/// call, and the encoded reply is printed as JSON into the connection's output. What a call says and how is in
/// `JSONFraming`. As etcd 3.4: embed/serve.go; grpc-gateway 1.x: runtime/mux.go, context.go.
final class Gateway {
  private var methods: [Key: Wire.Method] = [:]
  /// Longest request message, as for gRPC.
  let messageLimit: Int
  /// Longest JSON value taken as a request.
  let valueLimit: Int
  /// The head of a reply from the store, and of an error, whose metadata follow the body.
  let replyHead: HeaderList = [
    "content-type": "application/json", "grpc-metadata-content-type": "application/grpc",
  ]
  let errorHead: HeaderList = ["content-type": "application/json"]

  init(messageLimit: Int) {
    self.messageLimit = messageLimit
    valueLimit = messageLimit * Limits.gatewayBytesPerByte
    for method in Wire.Method.all {
      for path in method.gatewayPaths { methods[Key(path)] = method }
    }
  }

  // MARK: Paths

  private static let prefix = "/v3/".bytes
  private static let oldPrefix = "/v3beta/".bytes

  /// Whether a request is the gateway's to answer, if only by 404.
  static func owns(_ target: Bytes) -> Bool { target.starts(with: prefix) || target.starts(with: oldPrefix) }

  /// The method behind a request's path; nil after answering that there is none, or that it must be a POST.
  func method(of exchange: Exchange) -> Wire.Method? {
    guard let method = methods[Self.path(of: exchange)] else {
      PlainText.reply(exchange, 404, "Not Found\n")
      return nil
    }
    guard exchange.method == .post else {
      PlainText.reply(exchange, 405, "Method Not Allowed\n")
      return nil
    }
    return method
  }

  /// The method that a WebSocket speaks; the handshake is a GET and counts as POST.
  func socketMethod(of exchange: Exchange) -> Wire.Method? { methods[Self.path(of: exchange)] }

  /// The path without query, decoded, `/v3beta` read as `/v3`. As etcd 3.4: embed/serve.go, accessController.
  private static func path(of exchange: Exchange) -> Key {
    var path = Bytes(exchange.target[..<exchange.pathCount])
    if path.contains(0x25) { path = PercentEncoding.decoded(path) ?? path }
    if path.starts(with: oldPrefix) { path.replaceSubrange(..<oldPrefix.count, with: prefix) }
    return Key(path)
  }

  // MARK: Headers

  /// The metadata that a gRPC call would carry in place of this request's own fields: `Grpc-Metadata-X` is `x`,
  /// `Authorization` stays, a client's own `token` or `hasleader` are not metadata. As grpc-gateway 1.x: AnnotateContext.
  func adoptMetadata(_ exchange: Exchange) {
    let names = ["token", "hasleader", "client-api-version"]
    let isPlain =
      !exchange.headers.containsPrefix(Self.metadataPrefix) && !names.contains { exchange.headers.contains($0) }
    if isPlain { return }
    var fields = HeaderList()
    for index in 0..<exchange.headers.count {
      let name = exchange.headers.name(at: index)
      if names.contains(name) { continue }
      let isMetadata = name.hasPrefix(Self.metadataPrefix.description)
      fields.add(
        isMetadata ? String(name.dropFirst(Self.metadataPrefix.utf8CodeUnitCount)) : name,
        exchange.headers.value(at: index))
    }
    exchange.replaceHeaders(fields)
  }

  private static let metadataPrefix: StaticString = "grpc-metadata-"

  // MARK: WebSocket

  func refuseSocket(_ exchange: Exchange, _ status: Int) {
    let text =
      switch status {
      case 403: "Forbidden\n"
      case 405: "Method Not Allowed\n"
      default: "Bad Request\n"
      }
    PlainText.reply(exchange, status, text, ["sec-websocket-version": "13"])
  }

  /// Answers the handshake. A browser cannot set `Authorization`; it offers the subprotocol `Bearer, TOKEN` instead.
  func openSocket(_ exchange: Exchange, _ head: HeaderList) -> Bool {
    var head = head
    if let offered = exchange.headers["sec-websocket-protocol"], offered.hasPrefix("Bearer") {
      head.add("sec-websocket-protocol", "Bearer")
      let token = offered.dropFirst("Bearer".count).drop { $0 == "," || $0 == " " }
      if !token.isEmpty {
        var fields = exchange.headers
        fields.remove("authorization")
        fields.add("authorization", String(token))
        exchange.replaceHeaders(fields)
      }
    }
    if exchange.upgrade(head) { return true }
    refuseSocket(exchange, 400)
    return false
  }

  /// A path without a method: said in a message, since the handshake is done. As grpc-websocket-proxy.
  func endUnknownSocket(_ exchange: Exchange) {
    exchange.send { output in
      "Not Found".bytes.withUnsafeBytes { WebSocket.append(.text, $0, to: &output) }
      WebSocket.appendClose(.normal, to: &output)
    }
    exchange.finish()
  }
}
