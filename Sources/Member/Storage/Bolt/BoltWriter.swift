import Base

/// Writes a bbolt image from a source, page after page in the order of the file.
///
/// The source is walked twice: the first walk only counts pages, so that size and root are known before the
/// first byte, as a snapshot stream needs them. Both walks go in slices; nothing is held but the page in the
/// making on each level of the tree. The file has no free pages and, as etcd's own, no stored list of them.
package final class BoltWriter {
  private let source: any BoltSource
  private var counting: BoltPass
  private var writing: BoltPass
  private var isCounted = false
  private var isWritten = false

  /// Go's page size on every system etcd is released for.
  static let pageBytes = 4096
  /// Any number will do that leaves room for the one before it; an even one belongs on the first page.
  private static let transaction: UInt64 = 2

  package init(_ source: any BoltSource) {
    self.source = source
    counting = BoltPass(writes: false)
    writing = BoltPass(writes: true)
  }

  /// Walks on by about `pairs` pairs of the counting walk; true when it is done and `imageBytes` is known.
  package func count(pairs: Int = .max) throws(BoltError) -> Bool {
    if !isCounted { isCounted = try counting.advance(source, pairs: pairs, bytes: .max) }
    return isCounted
  }

  /// Size of the whole image; only after `count` has answered true.
  package var imageBytes: Int64 {
    invariant(isCounted, "size of an image asked before it was counted")
    return Int64(counting.pages.next) * Int64(Self.pageBytes)
  }

  /// The next part of the image, of `bytes` bytes or little more (one pair is never split over two parts); nil at
  /// the end. Counts first, where that was not done.
  package func next(bytes: Int) throws(BoltError) -> Bytes? {
    if isWritten { return nil }
    _ = try count()
    if !writing.isBegun { writing.pages.output = metaPages() }
    isWritten = try writing.advance(source, pairs: .max, bytes: bytes)
    if isWritten {
      invariant(
        writing.pages.next == counting.pages.next && writing.root == counting.root,
        "an image of \(counting.pages.next) pages came out with \(writing.pages.next)")
    }
    var part = Bytes()
    swap(&part, &writing.pages.output)
    return part
  }

  private func metaPages() -> Bytes {
    var meta = BoltMeta(
      pageBytes: UInt32(Self.pageBytes), root: counting.root, highWater: counting.pages.next,
      transaction: Self.transaction)
    let first = meta.page(number: 0)
    meta.transaction -= 1
    return first + meta.page(number: 1)
  }
}

/// One walk over the source: bucket after bucket into a tree each, then the buckets themselves.
private struct BoltPass {
  var pages: BoltOutput
  private(set) var root: UInt64 = 0
  private(set) var isBegun = false

  private var bucket = 0
  private var lastKey: Bytes?
  private var tree = BoltTree()
  /// The buckets done so far: name and what stands for it in the root's tree.
  private var tops: [(name: Bytes, value: Bytes)] = []

  init(writes: Bool) { pages = BoltOutput(writes: writes) }

  /// Goes on until about `pairs` pairs were walked or `bytes` bytes of output are there; true at the end.
  mutating func advance(_ source: any BoltSource, pairs: Int, bytes: Int) throws(BoltError) -> Bool {
    isBegun = true
    var left = pairs
    let names = source.bucketNames
    while bucket < names.count {
      var isFull = false
      try source.scan(bucket, after: lastKey) { key, value in
        tree.add(flags: 0, key, value, &pages)
        left -= 1
        isFull = left <= 0 || pages.output.count >= bytes
        if isFull { lastKey = Bytes(key) }
        return !isFull
      }
      if isFull { return false }
      finishBucket(names[bucket])
    }
    finishRoot()
    return true
  }

  private mutating func finishBucket(_ name: Bytes) {
    var value = Bytes()
    if let image = tree.inLineImage {
      value.append(u64: 0)
      value.append(u64: 0)
      value += image
    } else {
      value.append(u64: tree.finish(&pages))
      value.append(u64: 0)
    }
    tops.append((name, value))
    tree = BoltTree()
    bucket += 1
    lastKey = nil
  }

  private mutating func finishRoot() {
    for (name, value) in tops {
      name.withUnsafeBytes { k in
        value.withUnsafeBytes { v in
          tree.add(flags: BoltPage.bucketFlag, k, v, &pages)
        }
      }
    }
    root = tree.finish(&pages)
  }
}
