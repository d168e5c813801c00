import Base
import Config
import HTTP

/// Who may use the pages of the client port: by the name it is called under, and by the page a browser shows.
/// As etcd 3.4: embed/serve.go, accessController, and etcdserver/server_access_control.go.
package struct AccessControl {
  private let hosts: Set<String>
  private let origins: Set<String>
  /// Any host, which is the rule: then it is not even looked at.
  package let allowsAnyHost: Bool
  /// Said in every reply where any origin may read them, which is the rule.
  private let openFields: HeaderList?

  package init(_ settings: Settings) {
    hosts = Set(settings.hostWhitelist)
    origins = Set(settings.corsOrigins)
    allowsAnyHost = hosts.isEmpty || hosts.contains("*")
    openFields = origins.isEmpty || origins.contains("*") ? Self.fields(allowing: "*") : nil
  }

  /// Whether unencrypted requests may name this host.
  package func allows(host: String) -> Bool { allowsAnyHost || hosts.contains(host) }

  /// What the replies to a request are to tell a browser; nil: nothing.
  package func fields(for exchange: Exchange) -> HeaderList? {
    openFields ?? allowedOrigin(exchange.headers["origin"]).map { Self.fields(allowing: $0) }
  }

  /// What `Access-Control-Allow-Origin` is to say; nil where the origin may not use the pages.
  package func allowedOrigin(_ origin: String?) -> String? {
    if origins.isEmpty || origins.contains("*") { return "*" }
    guard let origin, origins.contains(origin) else { return nil }
    return origin
  }

  /// Refuses hosts that are not ours, answers a browser's question beforehand, and notes what every reply is to say of it.
  /// False where the exchange is answered.
  package func admits(_ exchange: Exchange, _ log: Log) -> Bool {
    if !allowsAnyHost, exchange.connection?.isSecure == false {
      let host = Self.host(of: exchange.authority)
      if !allows(host: host) {
        log(.warning, "rejecting HTTP request from \(goQuoted(host)) to prevent DNS rebinding attacks")
        PlainText.reply(exchange, 421, Self.refusal(of: host))
        return false
      }
    }
    if let fields = fields(for: exchange) { exchange.replyFields = fields }
    if exchange.method == .options {
      exchange.respond(200)
      return false
    }
    return true
  }

  /// The host of an authority, without its port; the whole of one that cannot be taken apart.
  /// As etcd 3.4: pkg/httputil, GetHostname.
  package static func host(of authority: Bytes) -> String {
    let text = String(utf8: authority)
    guard let colon = text.lastIndex(of: ":") else { return text }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return host.contains(":") || host.contains("[") || host.contains("]") ? text : String(host)
  }

  package static func refusal(of host: String) -> String {
    """
    This member does not know itself by the host name of the request, and refuses it: a web page may have led a browser \
    here (DNS rebinding, CVE-2018-5702).

    Either call it by HTTPS, where the name is proven, or start it with --host-whitelist \(goQuoted(host)) among the names \
    it may be called by.

    """
  }

  private static func fields(allowing origin: String) -> HeaderList {
    [
      "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE", "access-control-allow-origin": origin,
      "access-control-allow-headers": "accept, content-type, authorization",
    ]
  }
}
