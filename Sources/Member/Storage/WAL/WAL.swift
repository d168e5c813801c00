import Base
import Wire

/// How a log is kept.
package struct WALOptions {
  /// A file is ended after the write that reaches this size.
  package var segmentBytes = Limits.walSegmentBytes
  /// False with `--unsafe-no-fsync`: a power cut may then lose what was acknowledged.
  package var syncs = true
  package var log = Log.silent
  /// Times the syncs; the log reads no clock of its own.
  package var now: () -> Instant = { Instant(nanoseconds: 0) }
  package init() {}
}

/// What one call cost the disk, for the metrics and the warning about slow disks.
package struct WALWork: Sendable, Equatable {
  package var bytes = 0
  package var writes = 0
  package var syncs = 0
  /// Time in all writes.
  package var writeTime = TimeSpan.zero
  /// Time in all syncs, and in the slowest of them.
  package var syncTime = TimeSpan.zero
  package var slowestSync = TimeSpan.zero
  /// A new file was begun.
  package var didCut = false
  package init() {}
}

/// The write-ahead log: etcd's own files and records, so that Go's etcd reads ours and we read its.
///
/// One turn is one write and one sync: every record of it is framed into one buffer first. Files have their
/// blocks from the start, so that a sync need not change the file's description. The class belongs to the disk
/// thread; what it answers may be sent anywhere.
///
/// After an error nothing is known of what the disk holds: every later call throws `unusable` and the member must
/// stop. As etcd 3.4: wal/wal.go.
package final class WAL {
  /// A file held locked. Invariant: sequences rise by one, first indices never fall.
  struct Segment {
    var name: WALName
    var file: any DiskFile
  }

  let disk: any Disk
  package let directory: String
  let options: WALOptions
  package let metadata: Bytes

  /// The files that may still be needed, oldest first; the last one is written.
  var segments: [Segment]
  /// Where the next record goes in the last file.
  var offset: Int
  var encoder: WALEncoder
  /// The state last framed; a new file begins with it.
  private(set) var state: HardState
  /// Index of the last entry framed, or of a snapshot ahead of it; names the next file.
  package private(set) var lastIndex: UInt64
  /// What was framed and not yet written changes entries, term or vote.
  private var mustSync = false
  var isBroken = false
  /// The next file, made ahead of need, and how many were made (the names `0.tmp` and `1.tmp` alternate).
  var spare: (any DiskFile)?
  var sparesMade = 0

  init(
    disk: any Disk, directory: String, options: WALOptions, metadata: Bytes, segments: [Segment], offset: Int,
    checksum: UInt32, state: HardState, lastIndex: UInt64
  ) {
    self.disk = disk
    self.directory = directory
    self.options = options
    self.metadata = metadata
    self.segments = segments
    self.offset = offset
    self.state = state
    self.lastIndex = lastIndex
    encoder = WALEncoder(checksum: checksum)
  }

  deinit { releaseFiles() }

  /// Appends entries, then the state where it is not empty, and makes them durable when there are entries, when term
  /// or vote changed, or when `mustSync` asks for it. A changed commit index alone is written but not synced.
  ///
  /// Throws before anything is written where a record would be too large to be read back.
  package func append(
    _ entries: [Entry], state: HardState? = nil, mustSync: Bool = false
  ) throws(WALError) -> WALWork {
    try add(entries, state: state)
    return try flush(mustSync: mustSync)
  }

  /// Frames a turn without writing it: several turns may be made durable by one `flush`.
  package func add(_ entries: [Entry], state newState: HardState? = nil) throws(WALError) {
    if isBroken { throw .unusable }
    for entry in entries {
      let bytes = entry.encodedSize + WALEncoder.frameOverhead
      if bytes >= Limits.walRecordBytes { throw .recordTooLarge(bytes: bytes) }
    }
    for entry in entries {
      encoder.add(.entry, entry)
      lastIndex = entry.index
    }
    if !entries.isEmpty { mustSync = true }
    if let newState, !newState.isEmpty {
      if newState.term != state.term || newState.vote != state.vote { mustSync = true }
      state = newState
      encoder.add(.state, newState)
    }
  }

  /// Writes what was framed, syncs where its kind demands or `mustSync` asks, and begins a new file where this one is
  /// full.
  package func flush(mustSync asked: Bool = false) throws(WALError) -> WALWork {
    if isBroken { throw .unusable }
    var work = WALWork()
    do throws(DiskError) {
      try write(&work)
      if offset >= options.segmentBytes {
        try cut(&work)
      } else if mustSync || asked {
        try sync(&work)
      }
    } catch {
      isBroken = true
      throw .disk(error)
    }
    mustSync = false
    return work
  }

  /// Notes that a snapshot file is durable, and makes the note durable. Save the file first: a note without its file
  /// would point into the void at the next start.
  package func saveSnapshot(_ snapshot: WALSnapshot) throws(WALError) -> WALWork {
    if isBroken { throw .unusable }
    encoder.add(.snapshot, snapshot)
    lastIndex = max(lastIndex, snapshot.index)
    return try flush(mustSync: true)
  }

  /// Writes and syncs what is left, then lets go of all files.
  package func close() throws(WALError) {
    defer { releaseFiles() }
    if !isBroken { _ = try flush(mustSync: true) }
    isBroken = true
  }

  private func releaseFiles() {
    for segment in segments { segment.file.close() }
    segments = []
    discardSpare()
  }

  /// One write for all that is framed.
  func write(_ work: inout WALWork) throws(DiskError) {
    if encoder.count == 0 { return }
    let start = options.now()
    try tail.file.write(encoder.framed, at: offset)
    work.writeTime = work.writeTime + (options.now() - start)
    offset += encoder.count
    work.bytes += encoder.count
    work.writes += 1
    encoder.clear()
  }

  func sync(_ work: inout WALWork) throws(DiskError) {
    guard options.syncs else { return }
    let file = tail.file
    try timed(&work) { () throws(DiskError) in try file.syncData() }
  }

  /// Runs a sync of any kind and books it.
  func timed(_ work: inout WALWork, _ sync: () throws(DiskError) -> Void) throws(DiskError) {
    let start = options.now()
    try sync()
    let took = options.now() - start
    work.syncs += 1
    work.syncTime = work.syncTime + took
    work.slowestSync = max(work.slowestSync, took)
  }

  var tail: Segment {
    guard let last = segments.last else { broken("a log without a file") }
    return last
  }

  func path(_ name: String) -> String { directory + "/" + name }
}

extension HardState {
  /// As etcd 3.4: raft/node.go, IsEmptyHardState.
  var isEmpty: Bool { term == 0 && vote == 0 && commit == 0 }
}
