import Base
import Storage
import Wire

/// Who belongs to the cluster, who was removed for good, and the version they agreed on.
///
/// Changes arrive through applied conf changes and v2 requests. Each is written to the v2 tree, which 3.4 members take
/// membership from, and to the buckets `members`, `members_removed` and `cluster`. A removed id never comes back.
/// As etcd 3.4: etcdserver/api/membership/{cluster,store}.go. Owned by the loop thread.
package final class Roster {
  package private(set) var clusterID: ClusterID
  package private(set) var removed: Set<MemberID> = []
  /// Nil until the first leader decided.
  package private(set) var version: SemanticVersion?
  private var records: [MemberID: MemberRecord] = [:]
  private let tree: V2Store
  private var backend: (any Backend)?

  /// An empty roster over a tree. Without a backend only the tree is written (tools).
  package init(clusterID: ClusterID, tree: V2Store, backend: (any Backend)?) {
    self.clusterID = clusterID
    self.tree = tree
    self.backend = backend
  }

  /// From now on changes are written to this store; what it holds already is not read.
  package func use(_ backend: any Backend) { self.backend = backend }

  // MARK: Who is there

  /// Ascending by id.
  package var members: [MemberRecord] { records.values.sorted { $0.id < $1.id } }
  package var voters: [MemberRecord] { members.filter { !$0.isLearner } }
  package var ids: [MemberID] { records.keys.sorted() }
  package var count: Int { records.count }
  package var peerURLs: [String] { records.values.flatMap(\.peerURLs).sorted() }
  package var clientURLs: [String] { records.values.flatMap(\.clientURLs).sorted() }
  package subscript(id: MemberID) -> MemberRecord? { records[id] }
  package func isRemoved(_ id: MemberID) -> Bool { removed.contains(id) }

  // MARK: Start

  /// The first members of a new cluster, known before any of the log is applied; written nowhere. Adding them again
  /// from the log is no error, for the tree does not hold them yet.
  package func adopt(_ members: [MemberRecord], clusterID: ClusterID) {
    self.clusterID = clusterID
    records = Dictionary(members.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
  }

  /// Takes members and version from the tree, after it was recovered from a snapshot. Throws what cannot be read.
  package func recover() throws(V2RecoveryError) {
    (records, removed) = try readTree()
    version = nil
    guard let text = (try? tree.get(RosterPath.version))?.node.value else { return }
    guard let parsed = SemanticVersion(text) else { throw .malformed("cluster version \(text)") }
    version = parsed
  }

  private func readTree() throws(V2RecoveryError) -> ([MemberID: MemberRecord], Set<MemberID>) {
    var found: [MemberID: MemberRecord] = [:]
    for node in (try? tree.get(RosterPath.members, recursive: true))?.node.nodes ?? [] {
      let record = try readMember(node)
      found[record.id] = record
    }
    var gone: Set<MemberID> = []
    for node in (try? tree.get(RosterPath.removed))?.node.nodes ?? [] {
      guard let id = RosterPath.memberID(node.key) else { throw .malformed("removed member \(node.key)") }
      gone.insert(id)
    }
    return (found, gone)
  }

  private func readMember(_ node: V2NodeView) throws(V2RecoveryError) -> MemberRecord {
    guard let id = RosterPath.memberID(node.key) else { throw .malformed("member \(node.key)") }
    var record = MemberRecord(id: id, peerURLs: [])
    var hasRaftAttributes = false
    for part in node.nodes {
      guard let json = try? JSONValue(parsing: part.value ?? "") else { throw .malformed(part.key) }
      switch V2Path.split(part.key).name {
      case "raftAttributes":
        hasRaftAttributes = record.readRaftAttributes(json)
      case "attributes":
        guard record.readAttributes(json) else { throw .malformed(part.key) }
      default: throw .malformed("unknown key \(part.key)")
      }
    }
    guard hasRaftAttributes else { throw .malformed("\(node.key) without raftAttributes") }
    return record
  }

  // MARK: Conf changes

  /// Whether an applied conf change may take effect; a refused one changes nothing and its proposer gets the error.
  /// Judged by the tree, not by members adopted at start. As etcd 3.4: ValidateConfigurationChange.
  package func validate(_ change: ConfChange) throws(MembershipError) {
    let id = MemberID(change.nodeID)
    guard let (known, gone) = try? readTree() else { broken("the members of the v2 tree cannot be read") }
    if gone.contains(id) { throw .idRemoved }
    switch change.type {
    case .addNode, .addLearnerNode:
      let (member, isPromotion) = try Roster.context(change)
      if isPromotion {
        try validatePromotion(of: known[id])
      } else {
        try validateAddition(of: member, id: id, known)
      }
    case .removeNode:
      if known[id] == nil { throw .idNotFound }
    case .updateNode:
      if known[id] == nil { throw .idNotFound }
      let (member, _) = try Roster.context(change)
      try checkURLs(member, against: known.values.filter { $0.id != id })
    case .unrecognized:
      throw .unreadableContext
    }
  }

  /// The member named by a change and whether it is promoted.
  package static func context(
    _ change: ConfChange
  ) throws(MembershipError) -> (member: MemberRecord, isPromotion: Bool) {
    guard let json = try? JSONValue(parsing: change.context ?? []), let member = MemberRecord(json) else {
      throw .unreadableContext
    }
    return (member, json["isPromote"]?.bool ?? false)
  }

  private func validatePromotion(of member: MemberRecord?) throws(MembershipError) {
    guard let member else { throw .idNotFound }
    if !member.isLearner { throw .notLearner }
  }

  private func validateAddition(
    of member: MemberRecord, id: MemberID, _ known: [MemberID: MemberRecord]
  ) throws(MembershipError) {
    if known[id] != nil { throw .idExists }
    try checkURLs(member, against: Array(known.values))
    if member.isLearner, known.values.count(where: \.isLearner) >= Limits.learners { throw .tooManyLearners }
  }

  private func checkURLs(_ member: MemberRecord, against others: [MemberRecord]) throws(MembershipError) {
    let taken = Set(others.flatMap(\.peerURLs))
    if member.peerURLs.contains(where: taken.contains) { throw .peerURLExists }
  }

  /// Applies a validated change. As etcd 3.4: etcdserver/server.go, applyConfChange.
  package func apply(_ change: ConfChange) throws(MembershipError) {
    let id = MemberID(change.nodeID)
    switch change.type {
    case .addNode, .addLearnerNode:
      let (member, isPromotion) = try Roster.context(change)
      if isPromotion { promote(id) } else { add(member) }
    case .removeNode: remove(id)
    case .updateNode: updatePeerURLs(of: id, to: try Roster.context(change).member.peerURLs)
    case .unrecognized: throw .unreadableContext
    }
  }

  package func add(_ member: MemberRecord) {
    records[member.id] = member
    let path = RosterPath.raftAttributes(member.id)
    if (try? tree.create(path, value: member.raftAttributesJSON)) == nil { updateTree(member) }
    save(member)
  }

  package func remove(_ id: MemberID) {
    records[id] = nil
    removed.insert(id)
    _ = try? tree.delete(RosterPath.member(id), isDirectory: true, recursive: true)
    _ = try? tree.create(RosterPath.removed(id))
    backend?.delete(.members, id.hex.bytes)
    backend?.put(.membersRemoved, id.hex.bytes, "removed".bytes)
  }

  package func promote(_ id: MemberID) {
    guard var member = records[id] else { return }
    member.isLearner = false
    records[id] = member
    updateTree(member)
    save(member)
  }

  /// Peer URLs only: a learner stays one. (3.4 takes the whole of the attributes and so promotes it; fixed in 3.5.31.)
  package func updatePeerURLs(of id: MemberID, to urls: [String]) {
    guard var member = records[id] else { return }
    member.peerURLs = urls
    records[id] = member
    updateTree(member)
    save(member)
  }

  // MARK: What arrives through v2 requests

  /// A member publishes its name and client URLs. False where no such member is known: then nothing changes (Go ignores
  /// removed members and stops at unknown ones).
  @discardableResult
  package func updateAttributes(of id: MemberID, name: String, clientURLs: [String]) -> Bool {
    guard var member = records[id] else { return false }
    member.name = name
    member.clientURLs = clientURLs
    records[id] = member
    _ = try? tree.set(RosterPath.attributes(id), value: member.attributesJSON)
    save(member)
    return true
  }

  /// The cluster agreed on a version.
  package func setVersion(_ newVersion: SemanticVersion) {
    version = newVersion
    _ = try? tree.set(RosterPath.version, value: newVersion.text)
    backend?.put(.cluster, "clusterVersion".bytes, newVersion.text.bytes)
  }

  // MARK: Parts

  private func updateTree(_ member: MemberRecord) {
    _ = try? tree.update(RosterPath.raftAttributes(member.id), value: member.raftAttributesJSON)
  }

  private func save(_ member: MemberRecord) { backend?.put(.members, member.id.hex.bytes, member.json) }
}

/// Where the v2 tree keeps membership. As etcd 3.4: membership/store.go.
package enum RosterPath {
  static let members = "/0/members"
  static let removed = "/0/removed_members"
  package static let version = "/0/version"

  static func member(_ id: MemberID) -> String { members + "/" + id.hex }
  static func raftAttributes(_ id: MemberID) -> String { member(id) + "/raftAttributes" }
  /// Where a member publishes itself.
  package static func attributes(_ id: MemberID) -> String { member(id) + "/attributes" }
  static func removed(_ id: MemberID) -> String { removed + "/" + id.hex }

  /// The id that a path ends with.
  static func memberID(_ path: String) -> MemberID? {
    UInt64(V2Path.split(path).name, radix: 16).map { MemberID($0) }
  }

  /// The member whose attributes a request sets, if its path is one of `attributes`. Go does not anchor its pattern, so
  /// that a user's key below `/1` that ends alike would change a member; here it is a key.
  static func attributesOwner(_ path: String) -> MemberID? {
    guard path.hasPrefix(members + "/"), path.hasSuffix("/attributes") else { return nil }
    let digits = path.dropFirst(members.utf8.count + 1).dropLast("/attributes".utf8.count)
    guard (1...16).contains(digits.utf8.count), digits.utf8.allSatisfy(isHexDigit) else { return nil }
    return UInt64(digits, radix: 16).map { MemberID($0) }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
