import Base
import Wire

/// The directory of snapshot files: etcd's own `.snap` files (the raft snapshot with a checksum), and the names of
/// whole stores received from a leader (`.snap.db`).
///
/// A value without state of its own; the calls may come from any thread, but one at a time for a directory.
/// As etcd 3.4: etcdserver/api/snap.
package struct SnapStore {
  private let disk: any Disk
  package let directory: String
  private let log: Log

  package init(_ disk: any Disk, directory: String, log: Log = .silent) {
    self.disk = disk
    self.directory = directory
    self.log = log
  }

  /// Saves a snapshot; durable when it returns. An empty one (index 0) is not saved. Answers the bytes written.
  ///
  /// It is written under another name, synced and renamed, so that a file with a proper name is always whole.
  @discardableResult
  package func save(_ snapshot: RaftSnapshot) throws(SnapError) -> Int {
    let metadata = snapshot.metadata
    if metadata.index == 0 { return 0 }
    let data = snapshot.encoded()
    let bytes = SnapRecord(crc: CRC32C.of(data), data: data).encoded()
    let name = SnapName(term: metadata.term, index: metadata.index).text
    do throws(DiskError) {
      try replace(path(name), with: bytes, temporary: path("\(temporaryPrefix).\(name).part"))
    } catch { throw .disk(error) }
    return bytes.count
  }

  /// Snapshot files by name, newest first, readable or not.
  package func files() throws(SnapError) -> [SnapName] {
    try onDisk { () throws(DiskError) in try names() }
  }

  private func names() throws(DiskError) -> [SnapName] {
    try disk.names(in: directory).compactMap(SnapName.init).sorted(by: >)
  }

  /// The newest snapshot that can be read and that `isKnown` to the log; nil where there is none.
  ///
  /// A file that cannot be read is renamed to `.broken` and the next older one is tried. One that is whole but unknown
  /// stays: the member stopped between saving it and noting it.
  package func newest(
    where isKnown: (SnapName) throws(WALError) -> Bool
  ) throws(WALError) -> RaftSnapshot? {
    for name in try Storage.onDisk({ () throws(DiskError) in try names() }) where try isKnown(name) {
      do throws(SnapError) { return try load(name) } catch {
        if case .disk(let error) = error { throw .disk(error) }
        log(.error, "\(error)")
        setAside(name)
      }
    }
    return nil
  }

  /// The newest snapshot to start from with the log in `logDirectory`: whole, noted there, and committed.
  ///
  /// Reads only as much of the log as may note the newest file, and more only where that one cannot be used.
  package func newest(knownToLogIn logDirectory: String) throws(WALError) -> RaftSnapshot? {
    try newest { name throws(WALError) in
      try WAL.validSnapshots(disk, in: logDirectory, from: name.index, log: log)
        .contains { $0.term == name.term && $0.index == name.index }
    }
  }

  /// Reads one file and checks it.
  package func load(_ name: SnapName) throws(SnapError) -> RaftSnapshot { try load(path: path(name.text)) }

  package func load(path: String) throws(SnapError) -> RaftSnapshot {
    let bytes = try onDisk { () throws(DiskError) in
      let file = try disk.open(path, .read)
      defer { file.close() }
      return try file.readAll()
    }
    if bytes.isEmpty { throw .empty(path: path) }
    guard let record = try? SnapRecord(decoding: bytes) else { throw .undecodable(path: path) }
    guard let data = record.data, !data.isEmpty, record.crc != 0 else { throw .empty(path: path) }
    if CRC32C.of(data) != record.crc { throw .checksum(path: path) }
    guard let snapshot = try? RaftSnapshot(decoding: data) else { throw .undecodable(path: path) }
    return snapshot
  }

  /// Removes what a crash left half made (`tmp*`, `db.tmp*`); says what went. Call it once at start.
  /// As etcd 3.4: etcdserver/server.go and snap/snapshotter.go, cleanupSnapdir.
  @discardableResult
  package func removeLeftovers() throws(SnapError) -> [String] {
    try onDisk { () throws(DiskError) in
      let left = try disk.names(in: directory).filter {
        $0.hasPrefix(temporaryPrefix) || $0.hasPrefix("db.tmp")
      }
      for name in left {
        log(.info, "found orphaned temporary file; deleting: \(name)")
        try disk.remove(path(name))
      }
      return left
    }
  }

  /// Removes the oldest snapshot files and received stores beyond `keep` of each; says which went.
  package func purge(keep: Int) throws(SnapError) -> [String] {
    try onDisk { () throws(DiskError) in
      try purgeFiles(disk, directory, suffix: ".snap.db", keep: keep)
        + purgeFiles(disk, directory, suffix: ".snap", keep: keep)
    }
  }

  // Received stores.

  /// Where the store that belongs to the snapshot at `index` stands until it replaces the member's own.
  package func databasePath(index: UInt64) -> String { path("\(hex16(index)).snap.db") }

  /// Where such a store is gathered; sync it, then `adoptDatabase`.
  package func databasePartPath(index: UInt64) -> String { path("\(temporaryPrefix).\(hex16(index)).db") }

  /// Moves a gathered and synced store to its name; durable when it returns. One that is there already is kept.
  package func adoptDatabase(index: UInt64) throws(SnapError) {
    try onDisk { () throws(DiskError) in
      let part = databasePartPath(index: index)
      if try disk.exists(databasePath(index: index)) { return try disk.remove(part) }
      try disk.rename(part, to: databasePath(index: index))
      try disk.syncDirectory(directory)
    }
  }

  /// Removes received stores older than `index`. As etcd 3.4: snap/snapshotter.go, ReleaseSnapDBs.
  package func releaseDatabases(before index: UInt64) throws(SnapError) {
    try onDisk { () throws(DiskError) in
      for name in try disk.names(in: directory) where name.hasSuffix(".snap.db") {
        guard let bytes = bytes(hex: name.dropLast(8)), bytes.count == 8 else { continue }
        if bytes.reduce(0, { $0 << 8 | UInt64($1) }) >= index { continue }
        log(.warning, "found orphaned .snap.db file; deleting: \(name)")
        try disk.remove(path(name))
      }
    }
  }

  private func replace(_ path: String, with bytes: Bytes, temporary: String) throws(DiskError) {
    let file = try disk.open(temporary, .create)
    defer { file.close() }
    do throws(DiskError) {
      try file.truncate(to: 0)
      try file.write(bytes, at: 0)
      try file.sync()
      try disk.rename(temporary, to: path)
    } catch {
      try? disk.remove(temporary)
      throw error
    }
    try disk.syncDirectory(directory)
  }

  private func setAside(_ name: SnapName) {
    do throws(DiskError) {
      try disk.rename(path(name.text), to: path(name.text + ".broken"))
    } catch {
      log(.warning, "cannot rename broken snapshot file \(path(name.text)): \(error)")
    }
  }

  private func path(_ name: String) -> String { directory + "/" + name }

  private func onDisk<Result>(_ body: () throws(DiskError) -> Result) throws(SnapError) -> Result {
    do throws(DiskError) { return try body() } catch { throw .disk(error) }
  }
}

/// Go's etcd removes files with this prefix at its start, too.
private let temporaryPrefix = "tmp"
