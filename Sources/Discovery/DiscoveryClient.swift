import Base

/// Finds a cluster through a token. Blocks its thread, for days if need be; `cancel` ends that from any other.
package struct DiscoveryClient {
  private let url: DiscoveryURL
  private let fetch: CurlFetch
  private let cancellation: Cancellation
  private let log: Log

  /// `proxy` as `--discovery-proxy` has it: a URL, or `host:port`.
  package init(
    _ url: String, proxy: String, log: Log, cancellation: Cancellation = Cancellation()
  ) throws(DiscoveryFailure) {
    self.url = try DiscoveryURL(parsing: url)
    self.log = log
    self.cancellation = cancellation
    let proxyURL = try Self.proxyURL(proxy)
    fetch = try CurlFetch(proxy: proxyURL)
    if !proxyURL.isEmpty {
      log(
        .info, "using proxy \(goQuoted(proxyURL))",
        zap: ZapLine(.info, "running proxy with discovery", LogField("proxy-url", proxyURL)))
    }
  }

  /// Registers a member and waits for the others: `name=url,…` of all first members.
  package func join(id: MemberID, registration: String) throws(DiscoveryFailure) -> String {
    try run(.member(id: id, registration: registration))
  }

  /// The first members, without being one of them. Waits until all are there.
  package func cluster() throws(DiscoveryFailure) -> String { try run(.observer) }

  private func run(_ role: DiscoveryProtocol.Role) throws(DiscoveryFailure) -> String {
    var conversation = DiscoveryProtocol(url, as: role, log: log)
    var step = conversation.start()
    while true {
      switch step {
      case .ask(let question): step = conversation.received(fetch.answer(to: question, cancellation))
      case .rest(let pause):
        if cancellation.isSet(afterMilliseconds: Int32(pause.milliseconds)) { throw .cancelled }
        step = conversation.rested()
      case .found(let cluster): return cluster
      case .failed(let failure): throw failure
      }
    }
  }

  /// As etcd 3.4: v2discovery/discovery.go, newProxyFunc.
  private static func proxyURL(_ text: String) throws(DiscoveryFailure) -> String {
    if text.isEmpty { return "" }
    let url = text.lowercased().hasPrefix("http") && text.contains("://") ? text : "http://" + text
    let host = url.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
    guard !host.isEmpty, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .refused("invalid proxy address \(goQuoted(text)): a URL or host:port is expected")
    }
    return url
  }
}
