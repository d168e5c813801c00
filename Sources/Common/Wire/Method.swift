/// An RPC method: how gRPC and the JSON gateway address it and who may send how many messages.
package struct Method: Sendable, Equatable {
  package enum Kind: Sendable {
    case unary, serverStream, clientStream, bidi
    /// The client may send more than one message.
    package var streamsRequests: Bool { self == .clientStream || self == .bidi }
    /// The server may send more than one message.
    package var streamsResponses: Bool { self == .serverStream || self == .bidi }
  }
  /// Index in `all`.
  package let id: Int
  /// With its package: `etcdserverpb.KV`.
  package let service: String
  package let name: String
  package let kind: Kind
  /// Paths that the gateway accepts by POST; the first is the method's own, the others are aliases.
  package let gatewayPaths: [String]
  /// As in the `:path` of a call: `/etcdserverpb.KV/Range`.
  package let path: String

  init(id: Int, service: String, name: String, kind: Kind, gatewayPaths: [String]) {
    self.id = id
    self.service = service
    self.name = name
    self.kind = kind
    self.gatewayPaths = gatewayPaths
    path = "/\(service)/\(name)"
  }

  /// The method behind a path of gRPC.
  package static func at(_ path: String) -> Method? { byPath[path] }
  /// The method behind a path of the gateway.
  package static func atGateway(_ path: String) -> Method? { byGatewayPath[path] }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
  private static let byGatewayPath = Dictionary(
    uniqueKeysWithValues: all.flatMap { method in method.gatewayPaths.map { ($0, method) } })
}
