import Base

/// Reads a bbolt file as etcd 3.4 uses it: one level of buckets, each a tree of pages or a page in line.
///
/// Every offset is checked against the file before it is followed, and no page is followed twice in one walk,
/// so a damaged file gives a `BoltError` and never a trap or an endless walk.
package final class BoltReader: Sendable {
  let file: BoltFile
  let meta: BoltMeta
  private let pageBytes: Int
  private let buckets: [(name: Bytes, root: Root)]

  enum Root: Sendable {
    case page(UInt64)
    /// A leaf image inside the file: offset and length.
    case inLine(Int, Int)
  }

  /// Chooses the valid meta page with the greater transaction and reads the names of the buckets.
  package init(_ file: BoltFile) throws(BoltError) {
    guard let meta = Self.newestMeta(in: file.bytes) else {
      throw BoltError(page: 0, "neither meta page is valid")
    }
    let (bytes, overflow) = meta.highWater.multipliedReportingOverflow(by: UInt64(meta.pageBytes))
    guard !overflow, bytes <= UInt64(file.bytes.count), meta.highWater > 2 else {
      throw BoltError(
        page: 0, "the file has \(file.bytes.count) bytes where \(meta.highWater) pages are in use")
    }
    self.file = file
    self.meta = meta
    pageBytes = Int(meta.pageBytes)
    buckets = try Self.readBuckets(
      BoltPages(bytes: file.bytes, pageBytes: Int(meta.pageBytes), highWater: meta.highWater), meta.root)
  }

  var pages: BoltPages { BoltPages(bytes: file.bytes, pageBytes: pageBytes, highWater: meta.highWater) }

  /// In the file's order, which is bytewise.
  package var bucketNames: [Bytes] { buckets.map(\.name) }
  /// Size of the image: pages in use and free ones. What `snapshot status` calls the total size.
  package var sizeBytes: Int64 { Int64(meta.highWater) * Int64(pageBytes) }
  func root(of bucket: Int) -> Root { buckets[bucket].root }

  /// Visits the pairs of the bucket at this place of `bucketNames` in order, beginning behind `after`,
  /// until `visit` answers false.
  package func scan(
    _ bucket: Int, after: Bytes? = nil,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(BoltError) {
    var walk = BoltWalk(pages, after: after)
    switch buckets[bucket].root {
    case .inLine(let offset, let count):
      let image = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count])
      _ = try walk.leaf(try BoltNode(image, page: 0), page: 0) { _, key, value in visit(key, value) }
    case .page(let number):
      _ = try walk.tree(number) { (flags, key, value) throws(BoltError) in
        if flags & BoltPage.bucketFlag != 0 { throw BoltError(page: number, "a bucket inside a bucket") }
        return visit(key, value)
      }
    }
  }

  /// The value of a key; nil where the bucket or the key is not there.
  package func value(_ bucket: Bytes, _ key: Bytes) throws(BoltError) -> Bytes? {
    guard let place = buckets.firstIndex(where: { $0.name == bucket }) else { return nil }
    var found: Bytes?
    try scan(place) { name, value in
      let order = key.withUnsafeBytes { compareBytes(name, $0) }
      if order == 0 { found = Bytes(value) }
      return order < 0
    }
    return found
  }

  private static func readBuckets(_ pages: BoltPages, _ root: UInt64) throws(BoltError) -> [(
    name: Bytes, root: Root
  )] {
    var buckets: [(name: Bytes, root: Root)] = []
    var walk = BoltWalk(pages, after: nil)
    _ = try walk.tree(root) { (flags, key, value) throws(BoltError) in
      guard flags & BoltPage.bucketFlag != 0 else {
        throw BoltError(page: root, "a pair beside the buckets")
      }
      guard value.count >= BoltPage.bucketBytes else {
        throw BoltError(page: root, "a bucket of \(value.count) bytes")
      }
      let number = value.u64(0)
      if number != 0 {
        buckets.append((Bytes(key), .page(number)))
        return true
      }
      guard let start = value.baseAddress, let whole = pages.bytes.baseAddress else { return false }
      let offset = start - whole + BoltPage.bucketBytes
      buckets.append((Bytes(key), .inLine(offset, value.count - BoltPage.bucketBytes)))
      return true
    }
    return buckets
  }

  /// The valid meta page with the greater transaction. Where the first one is damaged the page size is not
  /// known, so all sizes a system may have are tried.
  static func newestMeta(in bytes: UnsafeRawBufferPointer) -> BoltMeta? {
    func meta(at offset: Int) -> BoltMeta? {
      let start = offset + BoltPage.headerBytes
      guard bytes.count >= start + BoltPage.metaBytes else { return nil }
      guard bytes.u16(offset + 8) == BoltPage.meta else { return nil }
      guard let meta = BoltMeta(UnsafeRawBufferPointer(rebasing: bytes[start..<start + BoltPage.metaBytes]))
      else { return nil }
      let size = meta.pageBytes
      return size >= 1024 && size <= 65_536 && size & (size - 1) == 0 ? meta : nil
    }
    let first = meta(at: 0)
    let sizes = first.map { [Int($0.pageBytes)] } ?? [4096, 1024, 2048, 8192, 16_384, 32_768, 65_536]
    let second = sizes.lazy.compactMap { size in meta(at: size).flatMap { $0.pageBytes == size ? $0 : nil } }
      .first
    guard let first, let second else { return first ?? second }
    return second.transaction > first.transaction ? second : first
  }
}
