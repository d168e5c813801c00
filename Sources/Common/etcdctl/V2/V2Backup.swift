import Base
import Glibc
import Storage
import Wire

/// `backup`: a data directory copied without its cluster, to be started with `--force-new-cluster`.
///
/// The log of a running member may be read, a store in use may not. As etcd 3.4:
/// etcdctl/ctlv2/command/backup_command.go.
enum V2Backup {
  @Sendable static func run(_ run: V2Invocation) throws(V2Failure) {
    for name in ["data-dir", "backup-dir"] where run.flags.text(name).isEmpty {
      throw .plain("--\(name) is missing")
    }
    let source = DataDirectory(run.flags.text("data-dir"), wal: given(run, "wal-dir"))
    let target = DataDirectory(run.flags.text("backup-dir"), wal: given(run, "backup-wal-dir"))
    let disk = SystemDisk()
    if WAL.exists(disk, in: target.wal) {
      throw .plain("\(target.wal) holds a log already: name another directory")
    }
    do { try copy(disk, source, target, withKeys: run.flags.bool("with-v3")) } catch {
      throw .plain("\(error)")
    }
  }

  private static func given(_ run: V2Invocation, _ name: String) -> String? {
    let text = run.flags.text(name)
    return text.isEmpty ? nil : text
  }

  private static func copy(
    _ disk: SystemDisk, _ source: DataDirectory, _ target: DataDirectory, withKeys: Bool
  ) throws {
    var start = WALSnapshot()
    try disk.makeDirectories(target.snap)
    if let snapshot = try SnapStore(disk, directory: source.snap).newest(knownToLogIn: source.wal) {
      start = WALSnapshot(index: snapshot.metadata.index, term: snapshot.metadata.term)
      _ = try SnapStore(disk, directory: target.snap).save(snapshot)
    }
    let log = try WAL.read(disk, in: source.wal, at: start)
    let entries = kept(log.entries, withKeys: withKeys)
    var state = log.state
    try OfflineStore.backUp(
      source.snap + "/db", to: target.snap + "/db", emptyAt: withKeys ? nil : state.commit)
    state.commit -= UInt64(log.entries.count - entries.count)
    var chance = SystemRandomNumberGenerator()
    let metadata = WALMetadata(nodeID: chance.next(), clusterID: chance.next())
    try disk.makeDirectories(parentPath(of: target.wal))
    let copy = try WAL.create(disk, in: target.wal, metadata: metadata.encoded())
    _ = try copy.append(entries, state: state)
    _ = try copy.saveSnapshot(start)
    try copy.close()
  }

  /// What a new cluster may take over, numbered without gaps: no changes of members, no attributes of theirs, and
  /// without `withKeys` nothing of v3.
  private static func kept(_ entries: [Entry], withKeys: Bool) -> [Entry] {
    var kept: [Entry] = []
    guard var index = entries.first?.index else { return [] }
    for var entry in entries {
      guard entry.type == .normal else {
        note("ignoring EntryConfChange raft entry")
        continue
      }
      let data = entry.data ?? []
      let request = try? InternalRaftRequest(decoding: data)
      var old: V2Request?
      if case .v2(let inner)? = request?.body {
        old = inner
      } else if request == nil {
        old = try? V2Request(decoding: data)
      }
      if let old, old.method == "PUT", isMemberAttribute(old.path) {
        note("ignoring member attribute update on \(old.path)")
        continue
      }
      // What has no header says nothing of v3: a new leader's empty entry.
      if old == nil, !withKeys, request?.header != nil {
        note("ignoring v3 raft entry")
        continue
      }
      entry.index = index
      index += 1
      kept.append(entry)
    }
    return kept
  }

  /// `/0/members/HEX/attributes`.
  private static func isMemberAttribute(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.count >= 4 && parts[0] == "0" && parts[1] == "members" && parts[3].hasPrefix("attributes")
      && (1...16).contains(parts[2].utf8.count) && parts[2].allSatisfy(\.isHexDigit)
  }

  private static func note(_ text: String) { Output.errorLine(text) }
}
