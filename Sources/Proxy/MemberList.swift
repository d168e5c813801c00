import Base

/// What a member answers to `GET /members` on its peer port, as far as a proxy needs it.
/// As etcd 3.4: etcdserver/cluster_util.go, getClusterFromRemotePeers.
package struct MemberList: Equatable, Sendable {
  /// Sorted, each once.
  package var clientURLs: [EndpointURL]
  package var peerURLs: [EndpointURL]
  package var clusterID: UInt64

  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// - Parameter clusterHeader: the value of `X-Etcd-Cluster-ID`.
  package init(body: Bytes, clusterHeader: String?) throws(Failure) {
    let json: JSONValue
    do throws(JSONError) { json = try JSONValue(parsing: body) } catch {
      throw Failure(description: "the answer is no list of members: \(error)")
    }
    guard let members = json.array else { throw Failure(description: "the answer is no list of members") }
    guard !members.isEmpty else { throw Failure(description: "the list of members is empty") }
    guard let clusterHeader, let id = UInt64(clusterHeader, radix: 16) else {
      throw Failure(description: "the answer has no X-Etcd-Cluster-ID that can be read")
    }
    clusterID = id
    clientURLs = Self.urls(members, "clientURLs")
    peerURLs = Self.urls(members, "peerURLs")
  }

  /// URLs that cannot be read are left out: one odd member must not hide the others.
  private static func urls(_ members: [JSONValue], _ name: String) -> [EndpointURL] {
    var urls: Set<EndpointURL> = []
    for member in members {
      for text in member[name]?.strings ?? [] {
        if let url = try? EndpointURL(parsing: text) { urls.insert(url) }
      }
    }
    return urls.sorted()
  }
}
