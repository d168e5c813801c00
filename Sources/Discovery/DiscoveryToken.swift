import Base

/// Makes tokens: directories of the v2 API in which the members of a new cluster will register.
package enum DiscoveryToken {
  /// The key that says how many members a token is for, below `/v2/keys`.
  package static func sizeKey(_ token: String) -> String { "/_etcd/registry/\(token)/_config/size" }

  /// Makes the token at the first endpoint that takes it; the URL for `--discovery`. Blocks.
  ///
  /// - Parameter token: 32 hex digits that nobody else has drawn.
  package static func make(
    _ token: String, size: Int, endpoints: [String], cancellation: Cancellation = Cancellation()
  ) throws(DiscoveryFailure) -> String {
    let fetch = try CurlFetch(proxy: "")
    var reasons: [String] = []
    for endpoint in endpoints {
      let question = FetchQuestion(
        method: "PUT", url: "\(endpoint)/v2/keys\(sizeKey(token))?prevExist=false", body: "value=\(size)",
        timeout: Limits.discoveryRequest)
      switch fetch.answer(to: question, cancellation) {
      case .cancelled: throw .cancelled
      case .unreachable(let reason): reasons.append(reason)
      case .answered(let status, let index, let body):
        switch RegistryReply(status: status, index: index, body: body, service: endpoint) {
        case .node: return "\(endpoint)/v2/keys/_etcd/registry/\(token)"
        case .unavailable(let reason): reasons.append(reason)
        case .error(_, let text): throw .refused("\(endpoint) refuses the token: \(text)")
        case .empty: throw .badEndpoint("\(endpoint): an empty answer")
        case .foreign(let text):
          throw .badEndpoint("\(endpoint): \(text); it must serve the v2 API, etcd 3.4 of Go with --enable-v2")
        }
      }
    }
    throw .refused("no endpoint took the token: \(reasons.joined(separator: "; "))")
  }
}
