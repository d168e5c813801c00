import Base
import Wire

/// Looking at a log without holding it.
extension WAL {
  /// The snapshots a member may start from: those the log notes and whose index is committed, oldest first.
  ///
  /// Only files from the newest that begins at or before `index` are read, which hold every note of a snapshot at or
  /// behind it. As etcd 3.4: wal/wal.go, ValidSnapshotEntries (which reads all files).
  package static func validSnapshots(
    _ disk: any Disk, in directory: String, from index: UInt64 = 0, log: Log = .silent
  ) throws(WALError) -> [WALSnapshot] {
    let names = contiguous(try fileNames(disk, in: directory, log: log))
    if names.isEmpty { throw .fileNotFound(directory: directory) }
    let first = names.lastIndex { $0.firstIndex <= index } ?? 0
    var (replay, _) = try survey(
      disk, directory, Array(names[first...]), at: WALSnapshot(), takesEntries: false)
    if replay.contents.state.isEmpty, first > 0 {
      // Go begins a file without the state when none was saved since its start: an earlier file has it.
      (replay, _) = try survey(disk, directory, names, at: WALSnapshot(), takesEntries: false)
    }
    return replay.snapshots.filter { $0.index <= replay.contents.state.commit }
  }

  /// Reads a log that another process may be writing: a torn end is simply the end.
  package static func read(
    _ disk: any Disk, in directory: String, at snapshot: WALSnapshot
  ) throws(WALError) -> WALContents {
    let names = try fileNames(disk, in: directory, holding: snapshot.index, log: .silent)
    let (replay, reader) = try survey(disk, directory, names, at: snapshot, takesEntries: true)
    guard replay.hasMetadata else { throw reader.damaged(.noMetadata) }
    return replay.contents
  }

  /// The end of the row without a missing file: a purge that a crash cut short may have left a hole before it.
  private static func contiguous(_ names: [WALName]) -> [WALName] {
    var first = max(names.count - 1, 0)
    while first > 0, names[first - 1].sequence &+ 1 == names[first].sequence { first -= 1 }
    return Array(names[first...])
  }

  private static func survey(
    _ disk: any Disk, _ directory: String, _ names: [WALName], at snapshot: WALSnapshot, takesEntries: Bool
  ) throws(WALError) -> (WALReplay, WALReader) {
    var files: [any DiskFile] = []
    defer { for file in files { file.close() } }
    for name in names {
      files.append(try onDisk { () throws(DiskError) in try disk.open(directory + "/" + name.text, .read) })
    }
    let reader = WALReader(files)
    var replay = WALReplay(from: snapshot)
    _ = try replay.run(reader, takesEntries: takesEntries)
    return (replay, reader)
  }
}
