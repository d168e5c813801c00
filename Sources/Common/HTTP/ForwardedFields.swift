import Base

/// Which fields of a message go on past a proxy: all but those that speak of one connection.
///
/// As etcd 3.4: proxy/httpproxy/reverse.go and Go's net/http, with one difference: fields that `Connection` names are
/// dropped too (RFC 9110, 7.6.1).
package enum ForwardedFields {
  /// A request's fields for the next hop. `client` is added to `X-Forwarded-For`; empty adds nothing.
  /// `Host` is left out, since it is part of the request itself, and `Expect`, which was answered here.
  package static func request(_ headers: HeaderList, client: String, keepsTE: Bool = false) -> HeaderList {
    var kept = copy(headers) { name in
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
    var clients = headers.contains("x-forwarded-for") ? headers.values("x-forwarded-for") : []
    if !client.isEmpty { clients.append(client) }
    if !clients.isEmpty { kept.add("x-forwarded-for", clients.joined(separator: ", ")) }
    return kept
  }

  /// A reply's fields for the client; what browsers may do is for the proxy to say (`Access-Control-*` is dropped).
  package static func reply(_ headers: HeaderList) -> HeaderList {
    copy(headers) { name in
      switch name.count {
      case 2: !equal(name, "te")
      case 27: !equal(name, "access-control-allow-origin")
      case 28: !equal(name, "access-control-allow-headers") && !equal(name, "access-control-allow-methods")
      default: true
      }
    }
  }

  private static func copy(_ headers: HeaderList, _ wants: (UnsafeRawBufferPointer) -> Bool) -> HeaderList {
    let named = namedByConnection(headers)
    return headers.withRawFields { list in
      var kept = HeaderList()
      for index in 0..<headers.count {
        let name = list.name(index)
        guard !isHopByHop(name), wants(name), named.isEmpty || !named.contains(String(utf8: name)) else {
          continue
        }
        kept.add(name: name, value: list.value(index))
      }
      return kept
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
    named.subtract(["host", "content-length"])
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
    name.count == text.utf8CodeUnitCount
      && compareBytes(name, UnsafeRawBufferPointer(start: text.utf8Start, count: name.count)) == 0
  }
}
