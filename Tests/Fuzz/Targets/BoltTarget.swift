import Base
import Storage

/// An image of bbolt through the reader and the check, once as it stands and once with the sums of its meta pages
/// made right. A byte in front says which pages exist: images are mostly zeros, so they come packed.
func fuzzBolt(_ bytes: UnsafeRawBufferPointer) {
  var image = unpacked(bytes)
  read(image)
  for page in [0, pageBytes] where image.count >= page + 80 { sumMeta(&image, at: page + 16) }
  read(image)
}

private func read(_ image: Bytes) {
  guard let reader = try? BoltReader(BoltFile(copying: image)) else { return }
  let isRight = (try? reader.check()) != nil
  let status = try? SnapshotStatus(of: reader)
  if isRight { invariant(status != nil, "an image passed the check and cannot be read") }
  guard isRight, let status else { return }
  // What passes the check must go through our own writer and stay the same.
  guard let view = try? BoltView(reader) else { return }
  _ = StoreHash.maintenance(view)
  invariant(status.totalBytes >= 0, "an image of negative size")
}

private let pageBytes = 1024

/// Rows of {16 bits of zeros, 16 bits of bytes, the bytes}.
private func unpacked(_ bytes: UnsafeRawBufferPointer) -> Bytes {
  var program = Program(bytes)
  var out = Bytes()
  while !program.isAtEnd, out.count < 64 * 1024 {
    let zeros = Int(program.byte()) | Int(program.byte() & 0x0F) << 8
    let count = Int(program.byte()) | Int(program.byte() & 0x0F) << 8
    out += Bytes(repeating: 0, count: zeros) + program.bytes(count)
  }
  return out
}

private func packed(_ image: Bytes) -> Bytes {
  var out = Bytes()
  var place = 0
  while place < image.count {
    var zeros = 0
    while zeros < 4095, place + zeros < image.count, image[place + zeros] == 0 { zeros += 1 }
    let start = place + zeros
    var end = start
    while end < image.count, end - start < 4095, !image[end..<min(end + 6, image.count)].allSatisfy({ $0 == 0 })
    { end += 1 }
    out += [UInt8(zeros & 255), UInt8(zeros >> 8), UInt8((end - start) & 255), UInt8((end - start) >> 8)]
    out += image[start..<end]
    place = end
  }
  return out
}

/// As bbolt: FNV-1a over the 56 bytes before the sum.
private func sumMeta(_ image: inout Bytes, at offset: Int) {
  var sum: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in image[offset..<offset + 56] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
  withUnsafeBytes(of: sum.littleEndian) { image.replaceSubrange(offset + 56..<offset + 64, with: $0) }
}

// MARK: Seeds

func boltSeeds() -> [(name: String, bytes: Bytes)] {
  [("store", packed(ownImage())), ("hand-made", packed(smallImage()))]
}

/// An image of our own writer.
private func ownImage() -> Bytes {
  let backend = MemoryBackend()
  for main in 2..<12 as Range<Int64> {
    backend.appendRow(Revision(main: main), isTombstone: main % 4 == 0, record: [10, 1, UInt8(main)])
  }
  backend.put(.meta, "consistent_index".bytes, [0, 0, 0, 0, 0, 0, 0, 9])
  backend.put(.cluster, "clusterVersion".bytes, "3.4.0".bytes)
  backend.commitAndWait()
  let writer = SnapshotWriter(backend.frozenView())
  var image = Bytes()
  while let chunk = try? writer.nextChunk() { image += chunk }
  return image
}

/// Pages of 1 KB: two metas, a free list, a root leaf with a bucket in line and one on a page of its own.
private func smallImage() -> Bytes {
  var image = Bytes(repeating: 0, count: 5 * pageBytes)
  func put(_ value: UInt64, _ width: Int, at offset: Int) {
    for byte in 0..<width { image[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)) }
  }
  func header(_ page: Int, flags: UInt64, count: UInt64) {
    put(UInt64(page), 8, at: page * pageBytes)
    put(flags, 2, at: page * pageBytes + 8)
    put(count, 2, at: page * pageBytes + 10)
  }
  for page in 0..<2 {
    header(page, flags: 4, count: 0)
    let meta = page * pageBytes + 16
    put(0xED0C_DAED, 4, at: meta)
    put(2, 4, at: meta + 4)
    put(UInt64(pageBytes), 4, at: meta + 8)
    put(3, 8, at: meta + 16)  // root
    put(2, 8, at: meta + 32)  // free list
    put(5, 8, at: meta + 40)  // pages in use
    put(UInt64(page), 8, at: meta + 48)
    sumMeta(&image, at: meta)
  }
  header(2, flags: 16, count: 0)
  header(3, flags: 2, count: 1)
  let element = 3 * pageBytes + 16
  put(1, 4, at: element)
  put(16, 4, at: element + 4)
  put(3, 4, at: element + 8)
  put(16, 4, at: element + 12)
  image.replaceSubrange(element + 16..<element + 19, with: "key".bytes)
  put(4, 8, at: element + 19)
  header(4, flags: 2, count: 1)
  let pair = 4 * pageBytes + 16
  put(16, 4, at: pair + 4)
  put(1, 4, at: pair + 8)
  put(1, 4, at: pair + 12)
  image.replaceSubrange(pair + 16..<pair + 18, with: "kv".bytes)
  return image
}
