import Base

/// Reads the records of a row of files, in order, checking lengths and checksums.
///
/// Nothing read is believed before it is checked: a length is bounded before it is used, a number is
/// compared before it becomes an index. As etcd 3.4: wal/decoder.go.
final class WALReader {
  /// One good record. `data` points into the reader's buffer and is valid until the next one is read.
  struct Record {
    var kind: UInt64
    var checksum: UInt32
    var data: UnsafeRawBufferPointer
  }

  enum Step {
    case record(Record)
    /// The end of the last file or a zero word in it.
    case end
    /// The last file ends inside a record, or a piece of one was never written: a write that power cut short.
    case torn
  }

  private let files: [any DiskFile]
  private var current = 0
  /// Offset behind the last good record of the current file.
  private(set) var offset = 0
  /// Where the record stands that was read last or could not be read.
  private var start = 0
  private var chain = CRC32C()
  /// Whether a record with padding was read.
  private var isPadded = false

  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
  /// Where the buffer's first byte stands in the current file, and how many bytes it holds.
  private var bufferOffset = 0
  private var filled = 0

  /// `files` must stay open while the reader is used.
  init(_ files: [any DiskFile]) { self.files = files }
  deinit { buffer.deallocate() }

  var checksum: UInt32 { chain.value }
  var path: String { files[min(current, files.count - 1)].path }

  func damaged(_ damage: WALDamage) -> WALError { .damaged(damage, path: path, offset: start) }

  func next() throws(WALError) -> Step {
    while current < files.count {
      start = offset
      let word = try bytes(at: offset, count: 8)
      if word.count == 0 || (word.count == 8 && word.allSatisfy { $0 == 0 }) {
        if try isInterrupted() { throw damaged(.undecodable) }
        if current == files.count - 1 { return .end }
        current += 1
        (offset, bufferOffset, filled) = (0, 0, 0)
        continue
      }
      if word.count < 8 { return try tornHere() }
      return try record(UInt64(littleEndian: word.loadUnaligned(as: UInt64.self)))
    }
    return .end
  }

  private var isLastFile: Bool { current == files.count - 1 }

  private func tornHere() throws(WALError) -> Step {
    if isLastFile { return .torn }
    throw damaged(.shortFile)
  }

  private func record(_ word: UInt64) throws(WALError) -> Step {
    let length = Int(word & 0x00ff_ffff_ffff_ffff)
    let padding = word >> 63 == 1 ? Int((word >> 56) & 7) : 0
    if length >= Limits.walRecordBytes - padding { throw damaged(.oversized) }
    if isMisaligned(word, length, padding) { throw damaged(.undecodable) }
    let frame = try bytes(at: offset + 8, count: length + padding)
    if contradicts(frame, length) { throw damaged(.undecodable) }
    if frame.count < length + padding { return try tornHere() }
    guard let record = parse(UnsafeRawBufferPointer(rebasing: frame[..<length])) else {
      if isTorn(frame) { return .torn }
      throw damaged(.undecodable)
    }
    if record.kind == WALRecordKind.checksum.rawValue {
      // A fresh chain takes any value; a running one must have arrived at exactly this.
      if chain.value != 0, chain.value != record.checksum { throw damaged(.chain) }
      chain = CRC32C(record.checksum)
    } else {
      var value = chain
      value.update(record.data)
      if value.value != record.checksum {
        if isTorn(frame) { return .torn }
        throw damaged(.checksum)
      }
      chain = value
    }
    offset += 8 + length + padding
    isPadded = isPadded || padding > 0
    return .record(record)
  }

  /// True where a word of zeros is followed by the head of a record in its own sector, which is written whole or not at all:
  /// then it was a length, and this is not the end. Other things behind the end are passed over, as in etcd 3.4.
  private func isInterrupted() throws(WALError) -> Bool {
    let rest = try bytes(at: offset, count: sectorBytes - offset % sectorBytes)
    guard rest.count > 8 else { return false }
    let head = rest[8...].prefix(3)
    let kinds = WALRecordKind.metadata.rawValue...WALRecordKind.snapshot.rawValue
    return head.enumerated().allSatisfy { place, byte in
      place == 0 ? byte == 1 << 3 : place == 1 ? kinds.contains(UInt64(byte)) : byte == 2 << 3
    }
  }

  // A length that was changed after it was written would lead past the end of the file or over sectors that were never
  // written, and so pass for a torn write: all that stands behind it, acknowledged, would be cut off. Two things tell:

  /// True where the padding is not what the length asks for. Etcd 2 did not pad; whoever pads goes on doing so.
  private func isMisaligned(_ word: UInt64, _ length: Int, _ padding: Int) -> Bool {
    let wanted = (8 - length % 8) % 8
    return word >> 63 == 1 ? padding != wanted : isPadded && wanted != 0
  }

  /// True where the record's head, as far as it was written, tells of another length than the frame: its last field is the
  /// data, with a length of its own.
  private func contradicts(_ frame: UnsafeRawBufferPointer, _ length: Int) -> Bool {
    var fields = FieldReader(frame)
    guard let (head, end) = fields.endOfRecord(), end != length else { return false }
    // The head may stand on two sectors, of which the second was never written.
    let border = sectorBytes - (offset + 8) % sectorBytes
    return head <= border || !frame[border..<min(border + sectorBytes, frame.count)].allSatisfy { $0 == 0 }
  }

  /// True where a piece of the record between two sector borders is all zero: that sector of the last write never
  /// reached the disk. Only in the last file, for earlier ones were synced whole.
  private func isTorn(_ frame: UnsafeRawBufferPointer) -> Bool {
    guard isLastFile else { return false }
    var start = 0
    while start < frame.count {
      let inSector = sectorBytes - (offset + 8 + start) % sectorBytes
      let end = min(start + inSector, frame.count)
      if frame[start..<end].allSatisfy({ $0 == 0 }) { return true }
      start = end
    }
    return false
  }

  /// Bytes of the current file; fewer than asked for only where it ends. Valid until the next call.
  private func bytes(at position: Int, count: Int) throws(WALError) -> UnsafeRawBufferPointer {
    if position + count > bufferOffset + filled { try fill(from: position, count: count) }
    let start = min(position - bufferOffset, filled)
    let end = min(start + count, filled)
    return UnsafeRawBufferPointer(rebasing: buffer[start..<end])
  }

  private func fill(from position: Int, count: Int) throws(WALError) {
    if count > buffer.count {
      buffer.deallocate()
      buffer = .allocate(byteCount: count + (1 << 20), alignment: 16)
    }
    bufferOffset = position
    filled = 0
    let file = files[current]
    filled = try onDisk { () throws(DiskError) in try file.read(into: buffer, at: position) }
  }

  private func parse(_ bytes: UnsafeRawBufferPointer) -> Record? {
    var fields = FieldReader(bytes)
    var record = Record(kind: 0, checksum: 0, data: UnsafeRawBufferPointer(start: nil, count: 0))
    while let field = fields.next() {
      switch field {
      case .number(1, let value): record.kind = value
      case .number(2, let value): record.checksum = UInt32(truncatingIfNeeded: value)
      case .bytes(3, let data): record.data = data
      case .number(3, _), .bytes(1, _), .bytes(2, _): return nil
      default: break
      }
    }
    return fields.isBroken ? nil : record
  }
}

/// What a disk writes in one piece. As etcd 3.4: wal/decoder.go, minSectorSize.
private let sectorBytes = 512

/// The fields of a message in the order written, for the four small messages of the log.
struct FieldReader {
  enum Field {
    case number(UInt64, UInt64)
    case bytes(UInt64, UnsafeRawBufferPointer)
    case other
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private(set) var isBroken = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Nil at the end, and where the bytes are no message (`isBroken` is then true).
  mutating func next() -> Field? {
    if position == bytes.count || isBroken { return nil }
    guard let tag = varint(), tag >> 3 != 0, tag >> 3 <= 0x1fff_ffff else { return broken() }
    switch tag & 7 {
    case 0:
      guard let value = varint() else { return broken() }
      return .number(tag >> 3, value)
    case 1: return skip(8)
    case 2:
      guard let count = varint(), count <= UInt64(bytes.count - position) else { return broken() }
      let start = position
      position += Int(count)
      return .bytes(tag >> 3, UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
    case 5: return skip(4)
    default: return broken()
    }
  }

  /// Of a record of the log: where its head (all but the data's bytes) ends, and where the whole does, whether that much is
  /// there or not. Nil where the head is no such thing.
  mutating func endOfRecord() -> (head: Int, end: Int)? {
    guard varint() == 1 << 3, let kind = varint(), varint() == 2 << 3, varint() != nil else { return nil }
    if kind == WALRecordKind.checksum.rawValue { return (position, position) }
    guard varint() == 3 << 3 | 2, let count = varint(), count < UInt64(Limits.walRecordBytes) else {
      return nil
    }
    return (position, position + Int(count))
  }

  private mutating func skip(_ count: Int) -> Field? {
    if bytes.count - position < count { return broken() }
    position += count
    return .other
  }

  private mutating func broken() -> Field? {
    isBroken = true
    return nil
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
