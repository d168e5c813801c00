import Base
import Wire

/// What a log held when it was opened.
package struct WALContents: Sendable {
  /// The encoded ids of member and cluster, as given to `create`.
  package var metadata: Bytes = []
  package var state = HardState()
  /// Every entry behind the snapshot the log was opened at, without gaps.
  package var entries: [Entry] = []
  /// The log knows the snapshot it was opened at. Go's etcd goes on without; so may the caller, with a warning.
  package var hasSnapshot = false
  /// The path of a copy made before a torn end was cut off.
  package var brokenCopy: String?
  package init() {}
}

extension WAL {
  /// True where `directory` holds a log. As etcd 3.4: wal/util.go, Exist.
  package static func exists(_ disk: any Disk, in directory: String) -> Bool {
    guard let names = try? disk.names(in: directory) else { return false }
    return names.contains { $0.hasSuffix(".wal") }
  }

  /// Makes a new log. It is built beside its place and moved there, so that a crash leaves all of it or nothing.
  /// `metadata` stands at the head of every file. As etcd 3.4: wal/wal.go, Create.
  package static func create(
    _ disk: any Disk, in directory: String, metadata: Bytes, options: WALOptions = WALOptions()
  ) throws(WALError) -> WAL {
    if exists(disk, in: directory) { throw .exists(directory: directory) }
    return try onDisk { () throws(DiskError) in
      try build(disk, in: directory, metadata: metadata, options: options)
    }
  }

  private static func build(
    _ disk: any Disk, in directory: String, metadata: Bytes, options: WALOptions
  ) throws(DiskError) -> WAL {
    let temporary = directory + ".tmp"
    try disk.removeTree(temporary)
    try disk.makeDirectories(temporary)
    let name = WALName(sequence: 0, firstIndex: 0)
    let file = try disk.open(temporary + "/" + name.text, .create)
    let wal = WAL(
      disk: disk, directory: directory, options: options, metadata: metadata,
      segments: [Segment(name: name, file: file)], offset: 0, checksum: 0, state: HardState(), lastIndex: 0)
    try file.lock()
    try file.preallocate(to: options.segmentBytes)
    wal.addHead()
    wal.encoder.add(.snapshot, WALSnapshot())
    var work = WALWork()
    try wal.write(&work)
    try wal.sync(&work)
    try disk.syncDirectory(temporary)
    try clearWay(disk, to: directory)
    try disk.rename(temporary, to: directory)
    file.path = directory + "/" + name.text
    try disk.syncDirectory(parentPath(of: directory))
    return wal
  }

  /// Removes what may stand in the place of a new log: an empty directory, or one with files made ahead of need.
  /// Anything else is somebody's and stays, so that the move fails (Go's etcd removes it).
  private static func clearWay(_ disk: any Disk, to directory: String) throws(DiskError) {
    guard try disk.exists(directory) else { return }
    for name in try disk.names(in: directory) where name.hasSuffix(".tmp") {
      try disk.remove(directory + "/" + name)
    }
    try disk.remove(directory)
  }

  /// Opens the log for appending and reads what follows `snapshot`.
  ///
  /// A torn end (the last write before a power cut) is copied to a `.broken` file and cut off; every other damage is an
  /// error. What was read is synced before it is answered: the last process may have been killed between its write and
  /// its sync, and the caller will rely on it. As etcd 3.4: wal/wal.go, Open and ReadAll; wal/repair.go.
  package static func open(
    _ disk: any Disk, in directory: String, at snapshot: WALSnapshot, options: WALOptions = WALOptions()
  ) throws(WALError) -> (WAL, WALContents) {
    let names = try fileNames(disk, in: directory, holding: snapshot.index, log: options.log)
    let segments = try lock(disk, directory, names)
    do throws(WALError) {
      return try read(disk, directory, segments, at: snapshot, options)
    } catch {
      for segment in segments { segment.file.close() }
      throw error
    }
  }

  private static func read(
    _ disk: any Disk, _ directory: String, _ segments: [Segment], at snapshot: WALSnapshot,
    _ options: WALOptions
  ) throws(WALError) -> (WAL, WALContents) {
    let reader = WALReader(segments.map(\.file))
    var replay = WALReplay(from: snapshot)
    let isTorn = try replay.run(reader, takesEntries: true)
    let tail = segments[segments.count - 1]
    if isTorn {
      options.log(.notice, "repairing \(reader.path)")
      replay.contents.brokenCopy = try onDisk { () throws(DiskError) in
        try repair(disk, tail.file, end: reader.offset)
      }
      options.log(.notice, "repaired \(reader.path)")
    }
    guard replay.hasMetadata else { throw reader.damaged(.noMetadata) }
    let wal = WAL(
      disk: disk, directory: directory, options: options, metadata: replay.contents.metadata,
      segments: segments,
      offset: reader.offset, checksum: reader.checksum, state: replay.contents.state,
      lastIndex: replay.lastIndex)
    try onDisk { () throws(DiskError) in try wal.settle() }
    return (wal, replay.contents)
  }

  /// Makes the end of the last file ready for the next record, and what was read durable.
  ///
  /// Behind the end may stand parts of a write whose beginning never arrived; overwritten in part they would look
  /// like damage at the next start, so they go. As etcd 3.4: pkg/fileutil, ZeroToEnd.
  private func settle() throws(DiskError) {
    let size = try tail.file.size()
    try tail.file.truncate(to: offset)
    do throws(DiskError) { try tail.file.preallocate(to: max(size, options.segmentBytes)) } catch {
      // Without blocks the log is slower, not wrong; a full disk will speak up at the next write.
      options.log(.warning, "failed to allocate space for the wal file (\(error))")
    }
    var work = WALWork()
    if offset == 0 {
      addHead()
      try write(&work)
    }
    if options.syncs { try rewriteEnd() }
    try sync(&work)
    if options.syncs { try disk.syncDirectory(directory) }
  }

  /// Writes the end of what was read once more. After a sync that failed Linux takes its pages for written: they read as
  /// if they were on the disk, and no later sync brings them there. The process stopped at that sync, so they are the
  /// last ones.
  private func rewriteEnd() throws(DiskError) {
    let end = offset
    var start = max(0, end - Limits.walRewrittenBytes)
    var bytes = [UInt8](repeating: 0, count: min(end - start, Limits.walKeptBufferBytes))
    while start < end {
      let wanted = min(bytes.count, end - start)
      let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(DiskError) in
        let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<wanted])
        let count = try tail.file.read(into: room, at: start)
        try tail.file.write(UnsafeRawBufferPointer(rebasing: room[..<count]), at: start)
        return count
      }
      if count == 0 { return }
      start += count
    }
  }

  /// Keeps a copy of the file as it was, then cuts it behind its last good record.
  private static func repair(
    _ disk: any Disk, _ file: any DiskFile, end: Int
  ) throws(DiskError) -> String {
    let brokenPath = file.path + ".broken"
    let copy = try disk.open(brokenPath, .create)
    defer { copy.close() }
    try copy.truncate(to: 0)
    try copy.write(file.readAll(), at: 0)
    try copy.sync()
    try file.truncate(to: end)
    try file.sync()
    return brokenPath
  }

  private static func lock(
    _ disk: any Disk, _ directory: String, _ names: [WALName]
  ) throws(WALError) -> [Segment] {
    var segments: [Segment] = []
    do throws(DiskError) {
      for name in names {
        let file = try disk.open(directory + "/" + name.text, .write)
        segments.append(Segment(name: name, file: file))
        try file.lock()
      }
    } catch {
      for segment in segments { segment.file.close() }
      throw .disk(error)
    }
    return segments
  }

  /// The files that hold what follows entry `index`, in order: from the newest that begins at or before it to the last.
  /// As etcd 3.4: wal/wal.go, selectWALFiles.
  static func fileNames(
    _ disk: any Disk, in directory: String, holding index: UInt64, log: Log
  ) throws(WALError) -> [WALName] {
    let names = try fileNames(disk, in: directory, log: log)
    guard let first = names.lastIndex(where: { $0.firstIndex <= index }) else {
      throw .fileNotFound(directory: directory)
    }
    let row = Array(names[first...])
    for (earlier, later) in zip(row, row.dropFirst()) where later.sequence != earlier.sequence &+ 1 {
      throw .fileNotFound(directory: directory)
    }
    return row
  }

  /// All files of the log, oldest first.
  static func fileNames(_ disk: any Disk, in directory: String, log: Log) throws(WALError) -> [WALName] {
    var names: [WALName] = []
    for text in try onDisk({ () throws(DiskError) in try disk.names(in: directory) }) {
      if let name = WALName(text) {
        names.append(name)
      } else if !text.hasSuffix(".tmp"), !text.hasSuffix(".broken") {
        log(.warning, "ignored file \(text) in wal")
      }
    }
    return names
  }
}
