import Base

/// What came of one question to a discovery service.
package enum FetchAnswer: Hashable, Sendable {
  /// `index` is the header `X-Etcd-Index`.
  case answered(status: Int, index: UInt64?, body: Bytes)
  /// No answer: no connection, a broken one, too slow, too large.
  case unreachable(String)
  case cancelled
}

/// One question to a discovery service.
package struct FetchQuestion: Hashable, Sendable {
  package var method: String
  package var url: String
  /// A form; nil for none.
  package var body: String?
  /// Nil waits without end.
  package var timeout: TimeSpan?
}

/// The part of the v2 API's answers that discovery reads.
struct RegistryNode: Hashable {
  var key: String
  var value: String
  var createdIndex: UInt64
  var modifiedIndex: UInt64
  var children: [RegistryNode]

  /// The last part of the key.
  var name: String { String(key.split(separator: "/").last ?? "") }
  /// The part before.
  var directory: String { String(key.split(separator: "/").dropLast().last ?? "") }

  /// Nil where this is no node. Children are read one level deep: that is all that a token has.
  init?(_ json: JSONValue?, readsChildren: Bool = true) {
    guard let json, let key = json["key"]?.string else { return nil }
    self.key = key
    value = json["value"]?.string ?? ""
    createdIndex = json["createdIndex"]?.uint64 ?? 0
    modifiedIndex = json["modifiedIndex"]?.uint64 ?? 0
    children =
      readsChildren ? (json["nodes"]?.array ?? []).compactMap { RegistryNode($0, readsChildren: false) } : []
  }
}

/// An answer as the protocol sees it.
enum RegistryReply {
  case node(RegistryNode, action: String, index: UInt64)
  /// 200 without a body: a wait that the service ended.
  case empty
  /// An error of the v2 API.
  case error(code: Int, text: String)
  /// The service is there and cannot serve: worth another try.
  case unavailable(String)
  /// Something that no v2 API says.
  case foreign(String)

  /// As etcd 3.4: client/client.go, httpClusterClient.Do, and client/keys.go, unmarshalHTTPResponse.
  init(status: Int, index: UInt64?, body: Bytes, service: String) {
    if status >= 500 {
      self = .unavailable(
        status == 500 || status == 503
          ? "client: etcd member \(service) has no leader"
          : "client: etcd member \(service) returns server error [\(status)]")
      return
    }
    let isGood = status == 200 || status == 201
    if isGood, body.isEmpty {
      self = .empty
      return
    }
    guard let json = try? JSONValue(parsing: body) else {
      self = .foreign("status \(status) and no JSON")
      return
    }
    if isGood, let node = RegistryNode(json["node"]) {
      self = .node(node, action: json["action"]?.string ?? "", index: index ?? node.modifiedIndex)
    } else if !isGood, let code = json["errorCode"]?.integer(Int.self) {
      let (message, cause) = (json["message"]?.string ?? "", json["cause"]?.string ?? "")
      self = .error(code: code, text: "\(code): \(message) (\(cause)) [\(json["index"]?.uint64 ?? 0)]")
    } else {
      self = .foreign("status \(status) and JSON that is no answer of the v2 API")
    }
  }
}
