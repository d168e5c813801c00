import Base
import Wire

/// The kinds of record. As etcd 3.4: wal/wal.go.
enum WALRecordKind: UInt64, Sendable {
  case metadata = 1
  case entry, state, checksum, snapshot
}

/// Frames records into one buffer that is used again and again, and carries the chained checksum.
///
/// A frame is a little-endian word (the record's length, and in the top byte `0x80 | padding`), the record
/// {1 kind, 2 checksum, 3 data} and zeros up to a multiple of eight, so that a length is never torn.
/// As etcd 3.4: wal/encoder.go.
struct WALEncoder: ~Copyable {
  private var buffer: UnsafeMutableRawBufferPointer
  /// Bytes framed and not yet taken.
  private(set) var count = 0
  private(set) var checksum: CRC32C

  init(checksum: UInt32) {
    self.checksum = CRC32C(checksum)
    buffer = .allocate(byteCount: 64 * 1024, alignment: 16)
  }
  deinit { buffer.deallocate() }

  /// The framed bytes, valid until the next call.
  var framed: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

  /// Forgets the framed bytes, and the buffer too where one huge turn made it large.
  mutating func clear() {
    count = 0
    if buffer.count > Limits.walKeptBufferBytes {
      buffer.deallocate()
      buffer = .allocate(byteCount: 64 * 1024, alignment: 16)
    }
  }

  /// The record at the head of every file: the chain's value so far.
  mutating func addChecksum() {
    reserve(Self.frameOverhead)
    var cursor = count + 8
    putHead(.checksum, at: &cursor)
    seal(end: cursor)
  }

  mutating func add(metadata: Bytes) {
    frame(.metadata, size: metadata.count) { buffer in buffer.copyBytes(from: metadata) }
  }

  mutating func add<Message: WireMessage>(_ kind: WALRecordKind, _ message: Message) {
    frame(kind, size: message.encodedSize) { buffer in
      var writer = WireWriter(buffer)
      message.encode(to: &writer)
      writer.finish()
    }
  }

  /// What a frame adds to its record's data at most: word, kind, checksum, length and padding.
  static let frameOverhead = 32

  /// The checksum stands before the data and is a varint: the data goes where it belongs if the checksum takes five
  /// bytes, as fifteen of sixteen do, and is moved otherwise.
  private mutating func frame(
    _ kind: WALRecordKind, size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    reserve(size + Self.frameOverhead)
    let lengthBytes = WireSize.varint(UInt64(size))
    let guess = count + 8 + 2 + 1 + 5 + 1 + lengthBytes
    let data = UnsafeMutableRawBufferPointer(rebasing: buffer[guess..<guess + size])
    write(data)
    checksum.update(UnsafeRawBufferPointer(data))
    var cursor = count + 8
    putHead(kind, at: &cursor)
    put(0x1a, at: &cursor)
    let start = cursor + lengthBytes
    if start != guess {
      UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + size])
        .copyMemory(from: UnsafeRawBufferPointer(data))
    }
    putVarint(UInt64(size), at: &cursor)
    seal(end: start + size)
  }

  private mutating func putHead(_ kind: WALRecordKind, at cursor: inout Int) {
    put(0x08, at: &cursor)
    put(UInt8(kind.rawValue), at: &cursor)
    put(0x10, at: &cursor)
    putVarint(UInt64(checksum.value), at: &cursor)
  }

  /// Pads the record that ends at `end` and writes its length word.
  private mutating func seal(end: Int) {
    let length = end - count - 8
    let padding = -length & 7
    var cursor = end
    for _ in 0..<padding { put(0, at: &cursor) }
    let word = UInt64(length) | (padding == 0 ? 0 : UInt64(0x80 | padding) << 56)
    buffer.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
    count = cursor
  }

  private mutating func reserve(_ bytes: Int) {
    if count + bytes <= buffer.count { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(buffer.count * 2, count + bytes), alignment: 16)
    larger.copyMemory(from: framed)
    buffer.deallocate()
    buffer = larger
  }

  private mutating func put(_ byte: UInt8, at cursor: inout Int) {
    buffer[cursor] = byte
    cursor += 1
  }

  private mutating func putVarint(_ value: UInt64, at cursor: inout Int) {
    var rest = value
    while rest >= 0x80 {
      put(UInt8(truncatingIfNeeded: rest) | 0x80, at: &cursor)
      rest >>= 7
    }
    put(UInt8(rest), at: &cursor)
  }
}
