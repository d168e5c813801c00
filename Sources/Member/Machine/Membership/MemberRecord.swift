import Base
import Wire

/// What the cluster knows of a member. Written as JSON in Go's order of fields, in three forms: whole (bucket `members`,
/// peers' `/members`, conf changes) and as the two halves that the v2 tree keeps. As etcd 3.4: membership/member.go.
package struct MemberRecord: Sendable, Equatable {
  package var id: MemberID
  package var peerURLs: [String]
  package var isLearner: Bool
  /// Empty until the member has published itself.
  package var name: String
  package var clientURLs: [String]

  package init(
    id: MemberID, peerURLs: [String], isLearner: Bool = false, name: String = "", clientURLs: [String] = []
  ) {
    self.id = id
    self.peerURLs = peerURLs
    self.isLearner = isLearner
    self.name = name
    self.clientURLs = clientURLs
  }

  /// A member counts as started once it has published its name.
  package var isStarted: Bool { !name.isEmpty }

  /// As the Cluster service shows it.
  package var message: ClusterMember {
    ClusterMember(
      id: id.rawValue, name: name, peerURLs: peerURLs, clientURLs: clientURLs, isLearner: isLearner)
  }

  // MARK: Ids

  /// A new member's record with its id: the start of the SHA-1 of the sorted peer URLs, the cluster's token and, for
  /// members added at run time (whose token is empty), the Unix seconds of the request.
  package init(
    name: String, peerURLs: [String], clusterToken: String, unixSeconds: Int64? = nil, isLearner: Bool = false
  ) {
    let urls = peerURLs.sorted { compareBytes($0.bytes, $1.bytes) < 0 }
    let time = unixSeconds.map { String($0) } ?? ""
    let id = MemberID(SHA1.prefix64((urls.joined() + clusterToken + time).bytes))
    self.init(id: id, peerURLs: urls, isLearner: isLearner, name: name)
  }

  /// The cluster's id, from the ids of its first members; it never changes.
  package static func clusterID(of members: [MemberID]) -> ClusterID {
    let bytes = members.sorted().flatMap { id in withUnsafeBytes(of: id.rawValue.bigEndian) { Bytes($0) } }
    return ClusterID(SHA1.prefix64(bytes))
  }

  // MARK: JSON

  /// The whole record: `{"id":…,"peerURLs":[…],"isLearner":true,"name":…,"clientURLs":[…]}`, the last three only where
  /// they say something.
  package var json: Bytes {
    var writer = JSONWriter()
    write(to: &writer)
    writer.raw("}")
    return writer.bytes
  }

  /// The context of a conf change that adds or promotes at run time. As etcd 3.4: membership.ConfigChangeContext.
  package func changeContext(isPromotion: Bool) -> Bytes {
    var writer = JSONWriter()
    write(to: &writer)
    writer.raw(",\"isPromote\":")
    writer.bool(isPromotion)
    writer.raw("}")
    return writer.bytes
  }

  /// Kept at `/0/members/<id>/raftAttributes`.
  var raftAttributesJSON: String {
    var writer = JSONWriter()
    var isFirst = true
    writeRaftAttributes(to: &writer, &isFirst)
    writer.endObject(isFirst)
    return String(utf8: writer.bytes)
  }

  /// Kept at `/0/members/<id>/attributes`, and the value of the request by which a member publishes itself.
  package var attributesJSON: String {
    var writer = JSONWriter()
    var isFirst = true
    writeAttributes(to: &writer, &isFirst)
    writer.endObject(isFirst)
    return String(utf8: writer.bytes)
  }

  /// Peers' `/members`: all records, ascending by id. (Go ends it with a line feed.)
  package static func list(_ members: [MemberRecord]) -> Bytes {
    var writer = JSONWriter()
    writer.array(members.sorted { $0.id < $1.id }) { $1.raw($0.json) }
    return writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    var isFirst = true
    writer.member("id", &isFirst)
    writer.integer(id.rawValue)
    writeRaftAttributes(to: &writer, &isFirst)
    writeAttributes(to: &writer, &isFirst)
  }

  private func writeRaftAttributes(to writer: inout JSONWriter, _ isFirst: inout Bool) {
    writer.member("peerURLs", &isFirst)
    writer.array(peerURLs) { $1.string($0) }
    if isLearner {
      writer.member("isLearner", &isFirst)
      writer.bool(true)
    }
  }

  private func writeAttributes(to writer: inout JSONWriter, _ isFirst: inout Bool) {
    if !name.isEmpty {
      writer.member("name", &isFirst)
      writer.string(name)
    }
    if !clientURLs.isEmpty {
      writer.member("clientURLs", &isFirst)
      writer.array(clientURLs) { $1.string($0) }
    }
  }

  /// Reads a whole record, a conf change's context included; nil where it is none.
  package init?(_ json: JSONValue) {
    guard let id = json["id"]?.uint64, json.members != nil else { return nil }
    self.init(id: MemberID(id), peerURLs: [])
    guard readRaftAttributes(json), readAttributes(json) else { return nil }
  }

  package init?(json: Bytes) {
    guard let value = try? JSONValue(parsing: json) else { return nil }
    self.init(value)
  }

  /// The list of a peer's `/members`; nil where it is none.
  package static func readList(_ json: Bytes) -> [MemberRecord]? {
    guard let values = (try? JSONValue(parsing: json))?.array else { return nil }
    let members = values.compactMap { MemberRecord($0) }
    return members.count == values.count ? members : nil
  }

  mutating func readRaftAttributes(_ json: JSONValue) -> Bool {
    guard json.members != nil, let urls = MemberRecord.texts(json["peerURLs"]) else { return false }
    peerURLs = urls
    isLearner = json["isLearner"]?.bool ?? false
    return true
  }

  mutating func readAttributes(_ json: JSONValue) -> Bool {
    guard json.members != nil, let urls = MemberRecord.texts(json["clientURLs"]) else { return false }
    name = json["name"]?.string ?? ""
    clientURLs = urls
    return true
  }

  /// Go reads a missing list and null as empty.
  private static func texts(_ json: JSONValue?) -> [String]? {
    guard let json, !json.isNull else { return [] }
    return json.strings
  }
}
