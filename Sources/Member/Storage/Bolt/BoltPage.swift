import Base

/// The layout of bbolt's pages (little-endian), as `interop` tools of etcd 3.4 read and write them.
/// As bbolt 1.3.6: page.go, db.go (meta), bucket.go.
enum BoltPage {
  static let magic: UInt32 = 0xED0C_DAED
  static let version: UInt32 = 2
  static let headerBytes = 16
  static let elementBytes = 16
  static let metaBytes = 64
  /// A bucket's value: root page and sequence, and for root 0 a leaf page in line.
  static let bucketBytes = 16
  static let bucketFlag: UInt32 = 1
  /// Stands for a list of free pages that is not stored.
  static let noFreeList = UInt64.max

  static let branch: UInt16 = 1
  static let leaf: UInt16 = 2
  static let meta: UInt16 = 4
  static let freeList: UInt16 = 16
}

extension UnsafeRawBufferPointer {
  func u16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  func u32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  func u64(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension Bytes {
  mutating func append(u16 value: UInt16) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
  mutating func append(u32 value: UInt32) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
  mutating func append(u64 value: UInt64) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

/// One of the two meta pages: where the root lies and how far the file reaches.
struct BoltMeta: Equatable {
  var pageBytes: UInt32
  var root: UInt64
  var sequence: UInt64 = 0
  var freeList: UInt64 = BoltPage.noFreeList
  /// The first page never used yet.
  var highWater: UInt64
  var transaction: UInt64

  init(pageBytes: UInt32, root: UInt64, highWater: UInt64, transaction: UInt64) {
    self.pageBytes = pageBytes
    self.root = root
    self.highWater = highWater
    self.transaction = transaction
  }

  /// Nil where the bytes behind a page header are no valid meta. A checksum of 0 counts as unchecked.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= BoltPage.metaBytes, bytes.u32(0) == BoltPage.magic else { return nil }
    guard bytes.u32(4) == BoltPage.version else { return nil }
    let sum = bytes.u64(56)
    guard sum == 0 || sum == fnv1a64(UnsafeRawBufferPointer(rebasing: bytes[..<56])) else { return nil }
    pageBytes = bytes.u32(8)
    root = bytes.u64(16)
    sequence = bytes.u64(24)
    freeList = bytes.u64(32)
    highWater = bytes.u64(40)
    transaction = bytes.u64(48)
  }

  /// The whole page with this meta, numbered `number`.
  func page(number: UInt64) -> Bytes {
    var meta = Bytes()
    meta.append(u32: BoltPage.magic)
    meta.append(u32: BoltPage.version)
    meta.append(u32: pageBytes)
    meta.append(u32: 0)
    for value in [root, sequence, freeList, highWater, transaction] { meta.append(u64: value) }
    meta.append(u64: meta.withUnsafeBytes(fnv1a64))
    var page = Bytes()
    page.append(u64: number)
    page.append(u16: BoltPage.meta)
    page.append(u16: 0)
    page.append(u32: 0)
    page += meta
    return page + Bytes(repeating: 0, count: Int(pageBytes) - page.count)
  }
}

func fnv1a64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}
