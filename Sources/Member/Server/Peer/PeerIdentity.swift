import Base
import Config
import HTTP
import Machine

/// What a member says of itself in each request to another, and how it judges what others say.
/// As etcd 3.4: etcdserver/api/rafthttp/{http,util}.go.
struct PeerIdentity {
  let id: MemberID
  let clusterID: ClusterID
  /// Own advertised peer URLs: a member that does not know us yet answers there.
  let urls: [EndpointURL]

  static let version = SemanticVersion(etcdVersion) ?? SemanticVersion(major: 3, minor: 4)
  /// The oldest cluster that members of 3.4 to 3.7 take part in.
  static let oldest = SemanticVersion(major: 3, minor: 0)

  var headers: HeaderList {
    [
      "x-server-from": id.hex, "x-server-version": etcdVersion, "x-min-cluster-version": Self.oldest.text,
      "x-etcd-cluster-id": clusterID.hex, "x-peerurls": urls.text,
    ]
  }

  /// Whether the sender of a request can be understood; the reason why not.
  func refusal(_ headers: HeaderList) -> String? {
    let server = SemanticVersion(headers["x-server-version"] ?? "2.0.0")
    let oldest = SemanticVersion(headers["x-min-cluster-version"] ?? "2.0.0")
    // Go ends the connection where a version cannot be read; a word about it does no harm.
    guard let server, let oldest, Self.oldest.clusterVersion <= server.clusterVersion,
      oldest.clusterVersion <= Self.version.clusterVersion
    else { return "incompatible version" }
    if let cluster = headers["x-etcd-cluster-id"], cluster != clusterID.hex { return "cluster ID mismatch" }
    return nil
  }

  /// Whether a member of this version offers the streams, which all from 2.1 to our own minor do; newer ones are
  /// asked all the same.
  static func supportsStreams(_ version: String?) -> Bool {
    guard let version = SemanticVersion(version ?? "2.0.0") else { return false }
    return version >= SemanticVersion(major: 2, minor: 1)
  }
}
