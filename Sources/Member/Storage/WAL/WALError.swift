/// Why the log cannot be used. The first words are etcd's; the rest says where and what to do.
package enum WALError: Error, Equatable, Sendable, CustomStringConvertible {
  case disk(DiskError)
  /// No file of the directory can hold what follows the wished snapshot, or one is missing in the row.
  case fileNotFound(directory: String)
  /// The directory already holds a log.
  case exists(directory: String)
  /// The bytes are not what was written: a changed bit, a foreign file, an unknown kind of record.
  case damaged(WALDamage, path: String, offset: Int)
  /// A record larger than `Limits.walRecordBytes` was to be written; it could not be read back.
  case recordTooLarge(bytes: Int)
  /// An earlier write or sync failed. What the disk holds is not known until the log is opened again.
  case unusable

  package var description: String {
    switch self {
    case .disk(let error): "wal: \(error)"
    case .fileNotFound(let directory): "wal: file not found (in \(directory))"
    case .exists(let directory): "wal: \(directory) already holds a log"
    case .damaged(let damage, let path, let offset):
      "\(damage.rawValue) at offset \(offset) of \(path): this member's log is damaged and cannot be repaired "
        + "without losing acknowledged writes; remove the member and add it again with an empty data directory, "
        + "or restore a backup"
    case .recordTooLarge(let bytes):
      "wal: max entry size limit exceeded: a record of \(bytes) bytes cannot be read back"
    case .unusable: "wal: unusable after a failed write; the member must be started again"
    }
  }
}

/// What is wrong with a record, in the words of etcd 3.4.
package enum WALDamage: String, Sendable {
  case checksum = "walpb: crc mismatch"
  case chain = "wal: crc mismatch"
  case undecodable = "wal: undecodable record"
  case oversized = "wal: max entry size limit exceeded"
  case gap = "wal: slice bounds out of range"
  case metadata = "wal: conflicting metadata found"
  case noMetadata = "wal: no metadata found"
  case snapshotTerm = "wal: snapshot mismatch"
  case unknownKind = "wal: unexpected block type"
  /// The end of a file inside a record, where a further file follows.
  case shortFile = "unexpected EOF"
}

/// Runs disk calls, turning their error into the log's.
func onDisk<Result>(_ body: () throws(DiskError) -> Result) throws(WALError) -> Result {
  do throws(DiskError) { return try body() } catch { throw .disk(error) }
}
