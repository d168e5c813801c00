import Base
import HTTP

/// A request for a page: the exchange, and its target taken apart.
package struct PageRequest {
  package let exchange: Exchange
  /// Without escapes.
  package let path: String
  private let rawQuery: Bytes

  package init(_ exchange: Exchange, _ target: RequestTarget) {
    self.exchange = exchange
    path = target.text
    rawQuery = target.rawQuery
  }

  /// Read anew each time: most pages have no use for it.
  package var query: Query { Query(rawQuery) }

  /// Values of a field of the query that may be repeated; empty ones name nothing.
  package func names(_ field: String) -> Set<String> { Set(query.values(field).filter { !$0.isEmpty }) }
}

/// Where a path leads: who answers, and which method it takes.
package struct Route {
  package enum Answer {
    /// Answers by the head alone.
    case page((PageRequest) -> Void)
    /// Answers once the whole body, of so many bytes at most, is there.
    case form(limit: Int, (PageRequest, Bytes) -> Void)
    /// Another handler takes the whole exchange.
    case handler(any ExchangeHandler)
  }

  /// The one method it takes; nil takes all.
  package var method: HTTP.Method?
  package var answer: Answer

  package init(method: HTTP.Method?, answer: Answer) {
    self.method = method
    self.answer = answer
  }

  package static func get(_ page: @escaping (PageRequest) -> Void) -> Route {
    Route(method: .get, answer: .page(page))
  }
  package static func any(_ page: @escaping (PageRequest) -> Void) -> Route {
    Route(method: nil, answer: .page(page))
  }
}

/// The pages of one kind of port, by path. As Go's net/http: server.go, ServeMux.
package struct PageTable {
  private var exact: [String: Route] = [:]
  /// Paths that end in `/` stand for everything below; the longest one that fits wins.
  private var below: [(path: String, route: Route)] = []

  package init() {}

  package subscript(path: String) -> Route? {
    get { exact[path] ?? below.first { path.utf8.starts(with: $0.path.utf8) }?.route }
    set {
      guard path.hasSuffix("/") else { return exact[path] = newValue }
      below.removeAll { $0.path == path }
      if let newValue { below.append((path, newValue)) }
      below.sort { $0.path.utf8.count > $1.path.utf8.count }
    }
  }

  /// `path` with `//`, `.` and `..` resolved, where that makes a difference: Go sends such requests away to it. Also a
  /// path that is known only with a slash behind it.
  package func redirection(of path: String) -> String? {
    let clean = Self.clean(path)
    if clean != path { return clean }
    return self[path] == nil && below.contains { $0.path == path + "/" } ? path + "/" : nil
  }

  private static func clean(_ path: String) -> String {
    if path.isCleanPath { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    let clean = "/" + parts.joined(separator: "/")
    return path.hasSuffix("/") && clean != "/" ? clean + "/" : clean
  }
}
