import Glibc

/// A URL that a member listens on, advertises or is called by: a scheme and `host:port`, no path.
///
/// Read and printed as Go's `net/url` and etcd's `pkg/types` (urls.go) do, wording of errors included.
package struct EndpointURL: Hashable, Comparable, Sendable {
  package enum Scheme: String, Sendable, CaseIterable {
    case http, https, unix, unixs
    /// Whether bytes on the wire are encrypted.
    package var isSecure: Bool { self == .https || self == .unixs }
    /// Whether the address is a path in the file system.
    package var isUnix: Bool { self == .unix || self == .unixs }
  }

  /// Why a text is no endpoint; `text` is the original's wording.
  package struct Failure: Error, Hashable, Sendable {
    package let text: String
  }

  package let scheme: Scheme
  /// `host:port` as written, IPv6 in brackets. For unix sockets the whole is the socket's name in the
  /// working directory, colon included, as etcd binds it.
  package let authority: String
  /// Host without brackets; may be empty (`http://:2380`).
  package let host: String
  /// Digits, or empty (`http://127.0.0.1:`).
  package let port: String
  /// What stood around the authority and changes nothing (user, query, fragment); kept for printing.
  private let user: String
  private let suffix: String

  /// The port as a number; nil where it is empty or beyond 65535.
  package var portNumber: UInt16? { UInt16(port) }

  /// The URL as Go prints it.
  package var text: String { "\(scheme.rawValue)://\(user)\(authority)\(suffix)" }

  package static func < (a: EndpointURL, b: EndpointURL) -> Bool {
    compareBytes(a.text.bytes, b.text.bytes) < 0
  }

  /// Scheme, host and port put together; brackets are added to an IPv6 host.
  package init(scheme: Scheme, host: String, port: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    user = ""
    suffix = ""
  }

  /// One URL from text; surrounding blanks are cut off.
  package init(parsing input: String) throws(Failure) {
    let text = trimmingBlanks(input)
    let parts = try GoURL(parsing: text)
    guard let scheme = Scheme(rawValue: parts.scheme) else {
      throw Failure(text: "URL scheme must be http, https, unix, or unixs: \(text)")
    }
    guard let (host, port) = splitHostPort(parts.host) else {
      throw Failure(text: "URL address does not have the form \"host:port\": \(text)")
    }
    guard parts.path.isEmpty else { throw Failure(text: "URL must not contain a path: \(text)") }
    self.scheme = scheme
    self.host = host
    self.port = port
    authority = parts.host
    user = parts.user
    suffix = parts.suffix
  }

  /// URLs separated by commas, sorted; equal ones stay (callers that bind want `uniqueList`).
  package static func list(parsing text: String) throws(Failure) -> [EndpointURL] {
    var urls: [EndpointURL] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      urls.append(try EndpointURL(parsing: String(part)))
    }
    return urls.sorted()
  }

  /// URLs separated by commas, sorted, each once.
  package static func uniqueList(parsing text: String) throws(Failure) -> [EndpointURL] {
    var urls: [EndpointURL] = []
    for url in try list(parsing: text) where urls.last != url { urls.append(url) }
    return urls
  }

  /// Whether the host is a numeric address, which is what a listener needs.
  package var hasAddress: Bool { isAddress(host) }
}

extension [EndpointURL] {
  /// The URLs with commas between, as etcd prints a list.
  package var text: String { map(\.text).joined(separator: ",") }
}

/// Whether a text is an IPv4 or IPv6 address, without a zone. As Go: net.ParseIP.
package func isAddress(_ text: String) -> Bool {
  var room = in6_addr()
  return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
}

/// Host and port of `host:port`, `[host]:port`; nil where the form is another. As Go: net.SplitHostPort.
package func splitHostPort(_ text: String) -> (host: String, port: String)? {
  guard let colon = text.lastIndex(of: ":") else { return nil }
  let port = text[text.index(after: colon)...]
  var host = text[..<colon]
  if host.first == "[" {
    guard host.last == "]", host.count >= 2 else { return nil }
    host = host.dropFirst().dropLast()
  } else if host.contains(":") {
    return nil
  }
  guard !host.contains("["), !host.contains("]"), !port.contains("["), !port.contains("]") else { return nil }
  return (String(host), String(port))
}

func trimmingBlanks(_ text: String) -> String {
  let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D]
  var bytes = Substring(text).utf8
  while let first = bytes.first, blanks.contains(first) { bytes.removeFirst() }
  while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
  return String(Substring(bytes))
}

/// The parts of a URL that matter for an endpoint. As Go: net/url, parse.
private struct GoURL {
  var scheme = ""
  var user = ""
  var host = ""
  var path = ""
  /// Query and fragment with their marks.
  var suffix = ""

  init(parsing text: String) throws(EndpointURL.Failure) {
    func failure(_ reason: String) -> EndpointURL.Failure {
      .init(text: "parse \(goQuoted(text)): \(reason)")
    }
    for byte in text.utf8 where byte < 0x20 || byte == 0x7F {
      throw failure("net/url: invalid control character in URL")
    }
    var rest = Substring(text)
    if let hash = rest.firstIndex(of: "#") {
      if rest.index(after: hash) < rest.endIndex { suffix = String(rest[hash...]) }
      rest = rest[..<hash]
    }
    guard let (scheme, afterScheme) = Self.cutScheme(rest) else { throw failure("missing protocol scheme") }
    self.scheme = scheme
    rest = afterScheme
    if let mark = rest.firstIndex(of: "?") {
      suffix = rest[mark...] + suffix
      rest = rest[..<mark]
    }
    if !rest.hasPrefix("/") {
      if !scheme.isEmpty { return }  // An opaque URL such as "localhost:2379" has no host at all.
      if rest.prefix(while: { $0 != "/" }).contains(":") {
        throw failure("first path segment in URL cannot contain colon")
      }
    }
    if rest.hasPrefix("//") && (!scheme.isEmpty || !rest.hasPrefix("///")) {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex(of: "/") ?? rest.endIndex
      try takeAuthority(rest[..<end], of: text)
      rest = rest[end...]
    }
    path = String(rest)
  }

  private static func cutScheme(_ text: Substring) -> (String, Substring)? {
    for (offset, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        if offset == 0 { return ("", text) }
      case UInt8(ascii: ":"):
        if offset == 0 { return nil }
        let scheme = String(text.prefix(offset)).lowercased()
        return (scheme, Substring(text.utf8.dropFirst(offset + 1)))
      default: return ("", text)
      }
    }
    return ("", text)
  }

  private mutating func takeAuthority(_ authority: Substring, of text: String) throws(EndpointURL.Failure) {
    var hostPart = authority
    if let at = authority.lastIndex(of: "@") {
      user = String(authority[...at])
      hostPart = authority[authority.index(after: at)...]
    }
    func failure(_ reason: String) -> EndpointURL.Failure {
      .init(text: "parse \(goQuoted(text)): \(reason)")
    }
    if hostPart.hasPrefix("[") {
      guard let close = hostPart.lastIndex(of: "]") else { throw failure("missing ']' in host") }
      let port = hostPart[hostPart.index(after: close)...]
      guard Self.isPort(port) else { throw failure("invalid port \(goQuoted(String(port))) after host") }
    } else if let colon = hostPart.lastIndex(of: ":"), !Self.isPort(hostPart[colon...]) {
      throw failure("invalid port \(goQuoted(String(hostPart[colon...]))) after host")
    }
    for character in hostPart.unicodeScalars where " \"<>\\^`{|}".unicodeScalars.contains(character) {
      if hostPart.hasPrefix("[") || !"<>\"".unicodeScalars.contains(character) {
        throw failure("invalid character \(goQuoted(String(character))) in host name")
      }
    }
    guard !hostPart.contains("%") || hostPart.hasPrefix("[") else {
      throw failure("invalid URL escape \(goQuoted(Self.escape(in: hostPart)))")
    }
    host = String(hostPart)
  }

  private static func escape(in host: Substring) -> String {
    guard let percent = host.firstIndex(of: "%") else { return "" }
    return String(host[percent...].prefix(3))
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || (text.first == ":" && text.dropFirst().utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 })
  }
}
