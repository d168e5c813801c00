import Base

/// Which fields of a message go on past a proxy: all but those that speak of one connection.
///
/// As etcd 3.4: proxy/httpproxy/reverse.go and Go's net/http, with one difference: fields that `Connection` names are
/// dropped too (RFC 9110, 7.6.1).
package enum ForwardedFields {
  /// A request's fields for the next hop, in place of what `out` holds. `client` is added to `X-Forwarded-For`; empty adds
  /// nothing. `Host` is left out, since it is part of the request itself, and `Expect`, which was answered here.
  package static func request(
    _ headers: HeaderList, client: String, keepsTE: Bool = false, into out: inout HeaderList
  ) {
    copy(headers, into: &out) { name in
      switch name.count {
      case 2: keepsTE || !equal(name, "te")
      case 4: !equal(name, "host")
      case 6: !equal(name, "expect")
      // Trailers of a request are not passed on.
      case 7: !equal(name, "trailer")
      case 15: !equal(name, "x-forwarded-for")
      default: true
      }
    }
    addClients(headers, client, to: &out)
  }

  /// The addresses that earlier proxies noted, then that of the client, as one field.
  private static func addClients(_ headers: HeaderList, _ client: String, to out: inout HeaderList) {
    var isFirst = true
    var from = 0
    while let index = headers.index(of: "x-forwarded-for", from: from) {
      headers.withValue(at: index) { addClient($0, isFirst: isFirst, to: &out) }
      isFirst = false
      from = index + 1
    }
    guard !client.isEmpty else { return }
    var client = client
    client.withUTF8 { addClient(UnsafeRawBufferPointer($0), isFirst: isFirst, to: &out) }
  }

  private static func addClient(_ address: UnsafeRawBufferPointer, isFirst: Bool, to out: inout HeaderList) {
    if isFirst { return out.add(name: ("x-forwarded-for" as StaticString).raw, value: address) }
    out.extendLast((", " as StaticString).raw)
    out.extendLast(address)
  }

  /// A reply's fields for the client, in place of what `out` holds; what browsers may do is for the proxy to say
  /// (`Access-Control-*` is dropped).
  package static func reply(_ headers: HeaderList, into out: inout HeaderList) {
    copy(headers, into: &out) { name in
      switch name.count {
      case 2: !equal(name, "te")
      case 27: !equal(name, "access-control-allow-origin")
      case 28: !equal(name, "access-control-allow-headers") && !equal(name, "access-control-allow-methods")
      default: true
      }
    }
  }

  private static func copy(
    _ headers: HeaderList, into out: inout HeaderList, _ wants: (UnsafeRawBufferPointer) -> Bool
  ) {
    let named = headers.contains("connection") ? namedByConnection(headers) : []
    out.removeAll()
    headers.withRawFields { list in
      for index in 0..<headers.count {
        let name = list.name(index)
        guard !isHopByHop(name), wants(name), named.isEmpty || !named.contains(String(utf8: name)) else {
          continue
        }
        out.add(name: name, value: list.value(index))
      }
    }
  }

  private static func namedByConnection(_ headers: HeaderList) -> Set<String> {
    var named: Set<String> = []
    HTTP1Syntax.eachToken(of: "connection", in: headers) { token in
      if HTTP1Syntax.equalsIgnoringCase(token, "close") || HTTP1Syntax.equalsIgnoringCase(token, "keep-alive") {
        return
      }
      named.insert(String(utf8: token.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }))
    }
    // Naming these would change what the request means to the next hop.
    named.remove("host")
    named.remove("content-length")
    return named
  }

  private static func isHopByHop(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 7: equal(name, "upgrade")
    case 8: equal(name, "trailers")
    case 10: equal(name, "connection") || equal(name, "keep-alive")
    case 17: equal(name, "transfer-encoding")
    case 18: equal(name, "proxy-authenticate")
    case 19: equal(name, "proxy-authorization")
    default: false
    }
  }

  private static func equal(_ name: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    compareBytes(name, text.raw) == 0
  }
}
