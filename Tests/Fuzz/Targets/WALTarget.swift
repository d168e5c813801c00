import Base
import Storage
import Wire

// A log file's bytes through the reader. The first byte says how the rest is meant: an even one, that it is the
// file as it stands; an odd one, that it is a program of records, whose frames and checksums are then made right,
// because chance hardly ever finds a right checksum.

private let first = "/d/wal/0000000000000000-0000000000000000.wal"
private let second = "/d/wal/0000000000000001-0000000000000003.wal"

func fuzzWAL(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let mode = program.byte()
  let disk = FilesInMemory()
  var chain = CRC32C()
  if mode & 1 == 0 {
    disk.put(first, program.rest())
  } else {
    let isSplit = mode & 2 != 0
    disk.put(first, frames(&program, &chain, records: isSplit ? 6 : .max))
    if isSplit { disk.put(second, head(&chain) + frames(&program, &chain, records: .max)) }
  }
  let snapshot = WALSnapshot(index: UInt64(mode >> 5), term: mode >> 5 == 0 ? 0 : 1)
  _ = try? WAL.validSnapshots(disk, in: "/d/wal")
  let seen = try? WAL.read(disk, in: "/d/wal", at: snapshot)
  checkOpening(disk, snapshot, seen)
}

/// What opening repairs must open again, with the same content; and what is then appended must be there.
private func checkOpening(_ disk: FilesInMemory, _ snapshot: WALSnapshot, _ seen: WALContents?) {
  var options = WALOptions()
  options.segmentBytes = 1024
  guard let (wal, contents) = try? WAL.open(disk, in: "/d/wal", at: snapshot, options: options) else { return }
  for (earlier, later) in zip(contents.entries, contents.entries.dropFirst()) {
    invariant(later.index == earlier.index + 1, "entries with a gap")
  }
  if let entry = contents.entries.first { invariant(entry.index == snapshot.index + 1, "a wrong first entry") }
  if let seen {
    invariant(seen.entries == contents.entries && seen.state == contents.state, "reading and opening differ")
  }
  let next = snapshot.index + UInt64(contents.entries.count)
  let entry = Entry(term: contents.entries.last?.term ?? 1, index: next + 1, data: [7])
  guard let work = try? wal.append([entry], state: nil, mustSync: true) else {
    broken("a log that was opened takes no entry")
  }
  _ = work
  _ = try? wal.close()
  guard let again = try? WAL.open(disk, in: "/d/wal", at: snapshot, options: options).1 else {
    broken("a log that was opened and written does not open again")
  }
  invariant(again.brokenCopy == nil, "a repaired log is repaired again")
  invariant(again.entries == contents.entries + [entry], "the log came back otherwise than it was left")
}

/// The record at the head of a further file.
private func head(_ chain: inout CRC32C) -> Bytes { framed(WALRecord(type: 4, crc: chain.value)) }

private func frames(_ program: inout Program, _ chain: inout CRC32C, records: Int) -> Bytes {
  var out = Bytes()
  var count = 0
  while !program.isAtEnd, count < records {
    count += 1
    let kind = Int64(program.below(7))
    let data = program.bytes(Int(program.byte()))
    if kind == 4 {
      out += head(&chain)
      continue
    }
    chain.update(data)
    out += framed(WALRecord(type: kind, crc: chain.value, data: data))
  }
  return out
}

private func framed(_ record: WALRecord) -> Bytes {
  let body = record.encoded()
  let padding = (8 - body.count % 8) % 8
  var word = UInt64(body.count)
  if padding > 0 { word |= UInt64(0x80 | padding) << 56 }
  return withUnsafeBytes(of: word.littleEndian) { Bytes($0) } + body + Bytes(repeating: 0, count: padding)
}

// MARK: Seeds

func walSeeds() -> [(name: String, bytes: Bytes)] {
  let metadata = WALMetadata(nodeID: 1, clusterID: 2).encoded()
  let state = HardState(term: 1, vote: 1, commit: 2).encoded()
  let entries = (1...3).map { Entry(term: 1, index: UInt64($0), data: [UInt8($0)]).encoded() }
  let rows: [(UInt8, Bytes)] =
    [(4, []), (1, metadata), (5, WALSnapshot().encoded()), (2, entries[0]), (2, entries[1]), (3, state)]
    + [(2, entries[2]), (5, WALSnapshot(index: 2, term: 1).encoded())]
  let program = rows.flatMap { [$0.0, UInt8($0.1.count)] + $0.1 }
  return [("file", [0] + wholeFile(metadata)), ("records", [1] + program), ("two-files", [3] + program)]
}

/// A log as the writer leaves it.
private func wholeFile(_ metadata: Bytes) -> Bytes {
  let disk = FilesInMemory()
  var options = WALOptions()
  options.segmentBytes = 512
  guard let wal = try? WAL.create(disk, in: "/d/wal", metadata: metadata, options: options) else {
    broken("the seed of the log cannot be made")
  }
  _ = try? wal.append(
    [Entry(term: 1, index: 1, data: [1]), Entry(term: 1, index: 2, data: [2])],
    state: HardState(term: 1, vote: 1, commit: 1), mustSync: true)
  _ = try? wal.close()
  return disk.bytes(of: first)
}
