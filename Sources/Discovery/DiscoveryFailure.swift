import Base

/// Why no cluster was found. The texts are 3.4's; what follows in brackets is ours.
/// As etcd 3.4: etcdserver/api/v2discovery/discovery.go.
package enum DiscoveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case invalidURL(String)
  case badSize(String)
  /// This member's id is registered already, yet its data is not here.
  case duplicateID
  case duplicateName
  /// All places are taken by others.
  case full
  /// What answers is no discovery service.
  case badEndpoint(String)
  /// An error of the service itself, worded as its clients do, or a registration that did not go through.
  case refused(String)
  /// Whoever waits has given up.
  case cancelled

  package var description: String {
    switch self {
    case .invalidURL(let detail): "discovery: invalid URL (\(detail))"
    case .badSize(let value):
      "discovery: size key is bad (\(goQuoted(value)) is no number from 1 to \(Limits.discoveryMembers))"
    case .duplicateID: "discovery: found duplicate id"
    case .duplicateName: "discovery: found duplicate name"
    case .full: "discovery: cluster is full"
    case .badEndpoint(let detail): "discovery: bad discovery endpoint (\(detail))"
    case .refused(let text): text
    case .cancelled: "discovery: given up"
    }
  }
}
