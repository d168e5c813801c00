import Base

/// An endpoint as an operator writes it: `host:port`, `http://host:port`, `https://host:port`, `unix://path`.
/// As etcd 3.4: clientv3/balancer/resolver/endpoint, ParseEndpoint.
package struct ClientEndpoint: Equatable, Sendable {
  package enum Scheme: String, Sendable { case http, https, unix, unixs }

  /// As it was written.
  package let text: String
  /// Nil without one: then the client's own settings say whether to encrypt.
  package let scheme: Scheme?
  /// Host and port, or the path of a socket.
  package let authority: String

  package init(_ text: String) {
    self.text = text
    guard let mark = text.firstRange(of: "://") else {
      scheme = nil
      authority = text
      return
    }
    let rest = text[mark.upperBound...]
    scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
    if scheme == nil {
      authority = ""
    } else if isUnix(scheme) {
      authority = String(rest)
    } else {
      authority = String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }
  }

  package var isUnixSocket: Bool { isUnix(scheme) }

  /// What requests name as their authority.
  package var requestAuthority: String { isUnixSocket ? "localhost" : authority }
  /// The host without brackets; the whole where there is no port.
  package var host: String { isUnixSocket ? "localhost" : splitHostPort(authority)?.host ?? authority }
  package var port: UInt16? { splitHostPort(authority).flatMap { UInt16($0.port) } }
}

private func isUnix(_ scheme: ClientEndpoint.Scheme?) -> Bool { scheme == .unix || scheme == .unixs }
