import Base
import Wire

/// Beginning, preparing, releasing and purging files.
extension WAL {
  /// Ends the last file and begins the next: the old one is cut to its length and synced, the new one gets its head
  /// under a temporary name, is synced and then renamed, so that a file with a proper name always has a whole head.
  /// As etcd 3.4: wal/wal.go, cut.
  func cut(_ work: inout WALWork) throws(DiskError) {
    try tail.file.truncate(to: offset)
    try sync(&work)

    if spare == nil { try makeSpare() }
    guard let file = spare else { broken("no file was made") }
    spare = nil
    let name = WALName(sequence: tail.name.sequence + 1, firstIndex: lastIndex + 1)
    segments.append(Segment(name: name, file: file))
    offset = 0
    addHead()
    try write(&work)
    try sync(&work)
    try disk.rename(file.path, to: path(name.text))
    file.path = path(name.text)
    if options.syncs {
      let (disk, directory) = (disk, directory)
      try timed(&work) { () throws(DiskError) in try disk.syncDirectory(directory) }
    }
    work.didCut = true
    options.log(.info, "segmented wal file \(path(name.text)) is created")
  }

  /// Every file begins with the chain's value, the metadata and the state, so that it can be read by itself.
  func addHead() {
    encoder.addChecksum()
    encoder.add(metadata: metadata)
    if !state.isEmpty { encoder.add(.state, state) }
  }

  /// Makes the next file ahead of need, where that has not been done. Call it when the disk has nothing else to do:
  /// giving a file its blocks can take milliseconds that a cut would otherwise wait for. A failure is left to the cut.
  package func prepareNextFile() {
    if spare != nil || isBroken { return }
    do { try makeSpare() } catch {
      options.log(.warning, "failed to allocate space when creating new wal file (\(error))")
    }
  }

  private func makeSpare() throws(DiskError) {
    let file = try disk.open(path("\(sparesMade % 2).tmp"), .create)
    do throws(DiskError) {
      try file.lock()
      // A file of this name may be left from a crash, with a head that a shorter one would not cover.
      try file.truncate(to: 0)
      try file.preallocate(to: options.segmentBytes)
    } catch {
      file.close()
      throw error
    }
    sparesMade += 1
    self.spare = file
  }

  func discardSpare() {
    guard let file = spare else { return }
    try? disk.remove(file.path)
    file.close()
    spare = nil
  }

  /// Lets go of the files wholly before `index`, so that they may be purged; the one that may hold `index` is kept.
  /// As etcd 3.4: wal/wal.go, ReleaseLockTo.
  package func releaseFiles(before index: UInt64) {
    let firstKept = segments.lastIndex { $0.name.firstIndex < index } ?? 0
    for segment in segments[..<firstKept] { segment.file.close() }
    segments.removeFirst(firstKept)
  }

  /// Removes the oldest files beyond `keep`, stopping at the first that somebody holds; says which went.
  /// May be called from any thread, as it relies on the locks alone. As etcd 3.4: pkg/fileutil/purge.go.
  package static func purge(
    _ disk: any Disk, directory: String, keep: Int, log: Log = .silent
  ) throws(WALError) -> [String] {
    let files = try onDisk { () throws(DiskError) in try purgeFiles(disk, directory, suffix: ".wal", keep: keep)
    }
    for file in files { log(.info, "purged file \(file) successfully") }
    return files
  }
}

/// Removes the files with `suffix` that sort first, until `keep` are left or one is locked.
///
/// The directory is synced behind it, so that no later crash brings back a part of a row.
func purgeFiles(
  _ disk: any Disk, _ directory: String, suffix: String, keep: Int
) throws(DiskError) -> [String] {
  let names = try disk.names(in: directory).filter { $0.hasSuffix(suffix) }
  var removed: [String] = []
  for name in names.dropLast(keep) {
    let path = directory + "/" + name
    let file = try disk.open(path, .write)
    defer { file.close() }
    do throws(DiskError) { try file.lock() } catch {
      if error.isLocked { break }
      throw error
    }
    try disk.remove(path)
    removed.append(path)
  }
  if !removed.isEmpty { try disk.syncDirectory(directory) }
  return removed
}
