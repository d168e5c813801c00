import Base
import Config
import Event
import Glibc
import Machine
import Storage
import Wire

/// A new member's data directory from a snapshot: the store with the old cluster taken out, a log that begins with
/// the new cluster's members, and the raft snapshot that names them. Both this etcd and Go's start from it.
///
/// Everything is checked before anything is written. As etcd 3.4: clientv3/snapshot/v3_snapshot.go, Restore.
struct Restore {
  private let path: String
  private let name: String
  private let dataDirectory: String
  private let walDirectory: String
  private let skipsHash: Bool
  /// By how much the newest revision grows; everything before is compacted then.
  private let bump: Int64
  private let clusterID: ClusterID
  /// Ascending by id.
  private let members: [MemberRecord]

  init(path: String, _ flags: FlagValues) throws(Failure) {
    self.path = path
    name = flags.text("name")
    let data = flags.text("data-dir")
    dataDirectory = data.isEmpty ? name + ".etcd" : data
    let wal = flags.text("wal-dir")
    walDirectory = wal.isEmpty ? DataDirectory(dataDirectory).wal : wal
    skipsHash = flags.bool("skip-hash-check")
    bump = flags.integer("bump-revision")
    if bump < 0 { throw .badArguments("--bump-revision must not be negative") }
    if flags.bool("mark-compacted") != (bump > 0) {
      throw .badArguments("--mark-compacted belongs to --bump-revision: give both or neither")
    }
    let cluster = try Restore.cluster(flags, name)
    let token = flags.text("initial-cluster-token")
    members = cluster.members.map { name, urls in
      MemberRecord(name: name, peerURLs: urls.map(\.text), clusterToken: token)
    }.sorted { $0.id < $1.id }
    clusterID = MemberRecord.clusterID(of: members.map(\.id))
  }

  private static func cluster(_ flags: FlagValues, _ name: String) throws(Failure) -> InitialCluster {
    let advertised: [EndpointURL]
    do throws(EndpointURL.Failure) {
      advertised = try EndpointURL.list(parsing: flags.text("initial-advertise-peer-urls"))
    } catch { throw Failure(.error, error.text) }
    do throws(ConfigFailure) {
      let cluster = try InitialCluster(parsing: flags.text("initial-cluster"))
      _ = try cluster.own(name)
      // Names are compared as they are written: a restore must not depend on who answers for them now.
      try cluster.checkAdvertised(advertised, name: name, resolve: { $0 })
      try cluster.checkDuplicates()
      return cluster
    } catch {
      let prefix = "error setting up initial cluster: "
      throw Failure(
        .error, error.text.hasPrefix(prefix) ? String(error.text.dropFirst(prefix.count)) : error.text)
    }
  }

  /// `tell` hears what is done, for the operator.
  func run(_ tell: (_ text: String, _ details: [(String, String)]) -> Void) throws(Failure) {
    for (kind, directory) in [("data", dataDirectory), ("wal", walDirectory)] where access(directory, F_OK) == 0
    {
      throw Failure(.error, "\(kind)-dir \(goQuoted(directory)) exists")
    }
    let snapDirectory = DataDirectory(dataDirectory).snap
    let details = [
      ("path", path), ("wal-dir", walDirectory), ("data-dir", dataDirectory), ("snap-dir", snapDirectory),
    ]
    tell("restoring snapshot", details)
    let (file, revision) = try checkedFile()
    let (bumped, isTooLarge) = revision.addingReportingOverflow(bump)
    if isTooLarge { throw .badArguments("--bump-revision \(bump) is too large for revision \(revision)") }
    let disk = SystemDisk()
    do {
      try disk.makeDirectories(snapDirectory)
      try file.restore(
        to: snapDirectory + "/db", consistentIndex: UInt64(members.count),
        compactedAt: bump > 0 ? bumped : nil)
      try writeLog(disk, snapDirectory)
    } catch { throw Failure(.error, "\(error)") }
    tell("restored snapshot", details)
  }

  private func checkedFile() throws(Failure) -> (SnapshotFile, revision: Int64) {
    if access(path, R_OK) != 0 { throw Failure(.error, "open \(path): \(systemText(errno))") }
    do throws(SnapshotError) {
      let file = try SnapshotFile(path: path)
      if !skipsHash { try file.checkDigest() }
      return (file, try file.status().revision)
    } catch {
      switch error {
      case .noDigest: throw Failure(.error, "snapshot missing hash but --skip-hash-check=false")
      case .wrongDigest(_, let expected, let found):
        throw Failure(.error, "expected sha256 \(Restore.list(expected)), got \(Restore.list(found))")
      default: throw Failure(.error, error.description)
      }
    }
  }

  /// As Go's %v prints bytes.
  private static func list(_ bytes: Bytes) -> String {
    "[\(bytes.map { String($0) }.joined(separator: " "))]"
  }

  // MARK: Log and raft snapshot

  private func writeLog(_ disk: SystemDisk, _ snapDirectory: String) throws {
    guard let own = members.first(where: { $0.name == name }) else {
      broken("a restored member is not in its cluster")
    }
    try disk.makeDirectories(parentPath(of: walDirectory))
    let metadata = WALMetadata(nodeID: own.id.rawValue, clusterID: clusterID.rawValue)
    let wal = try WAL.create(disk, in: walDirectory, metadata: metadata.encoded())
    let commit = UInt64(members.count)
    let state = HardState(term: 1, vote: members[0].id.rawValue, commit: commit)
    _ = try wal.append(entries, state: state)
    try SnapStore(disk, directory: snapDirectory).save(raftSnapshot(commit))
    _ = try wal.saveSnapshot(WALSnapshot(index: commit, term: 1))
    try wal.close()
  }

  /// Each member joins by a conf change, as in a cluster that begins.
  private var entries: [Entry] {
    members.enumerated().map { place, member in
      let change = ConfChange(type: .addNode, nodeID: member.id.rawValue, context: member.json)
      return Entry(type: .confChange, term: 1, index: UInt64(place + 1), data: change.encoded())
    }
  }

  private func raftSnapshot(_ commit: UInt64) -> RaftSnapshot {
    let tree = V2Store()
    let roster = Roster(clusterID: clusterID, tree: tree, backend: nil)
    for member in members { roster.add(member) }
    let voters = ConfState(voters: members.map(\.id.rawValue))
    return RaftSnapshot(
      data: tree.save(), metadata: SnapshotMetadata(confState: voters, index: commit, term: 1))
  }
}
