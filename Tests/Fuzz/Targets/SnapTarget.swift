import Base
import Storage
import Wire

/// A `.snap` file: an even first byte gives the file as it stands, an odd one the snapshot inside, for which the
/// checksum is then made right. What is read must be written and read again alike.
func fuzzSnap(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let mode = program.byte()
  let rest = program.rest()
  let content = mode & 1 == 0 ? rest : SnapRecord(crc: CRC32C.of(rest), data: rest).encoded()
  let disk = FilesInMemory()
  disk.put("/d/snap/\(SnapName(term: 1, index: 2).text)", content)
  let store = SnapStore(disk, directory: "/d/snap")
  guard let snapshot = try? store.load(SnapName(term: 1, index: 2)) else {
    _ = try? store.newest { (_: SnapName) in true }
    return
  }
  guard snapshot.metadata.index > 0 else { return }
  guard (try? store.save(snapshot)) != nil else { broken("a snapshot that was read cannot be written") }
  let name = SnapName(term: snapshot.metadata.term, index: snapshot.metadata.index)
  guard let again = try? store.load(name) else { broken("a snapshot that was written cannot be read") }
  invariant(again == snapshot, "a snapshot changes on its way to the disk and back")
}

func snapSeeds() -> [(name: String, bytes: Bytes)] {
  let snapshot = RaftSnapshot(
    data: "{\"Root\":{}}".bytes,
    metadata: SnapshotMetadata(
      confState: ConfState(voters: [1, 2, 3], learners: [4], autoLeave: false), index: 2, term: 1))
  let data = snapshot.encoded()
  return [
    ("file", [0] + SnapRecord(crc: CRC32C.of(data), data: data).encoded()), ("snapshot", [1] + data),
  ]
}
