import Base
import Testing

@testable import Storage

struct OfflineStoreTests {
  @Test("A store of ours is rewritten densely with the same content, and only while nobody has it open")
  func ours() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    for main in 1...2_000 as ClosedRange<Int64> {
      store.appendRow(Revision(main: main), isTombstone: false, record: Bytes(repeating: 9, count: 1_000))
    }
    store.commitAndWait()
    for main in 1...1_900 as ClosedRange<Int64> { store.deleteRow(Revision(main: main), isTombstone: false) }
    store.consistentIndex = 7
    store.commitAndWait()
    let before = content(of: store.frozenView())
    #expect(throws: BackendError.locked(path: folder.file("db"))) {
      try OfflineStore.defragment(folder.file("db"))
    }
    store.close()
    let size = try folder.read("db").count
    try OfflineStore.defragment(folder.file("db"))
    #expect(try folder.read("db").count < size / 4)
    let again = try openStore(folder.file("db"))
    #expect(content(of: again.frozenView()) == before && again.consistentIndex == 7)
    again.close()
    #expect(folder.names.allSatisfy { !$0.contains("defrag") })
  }

  @Test("A bbolt file stays one, with the same content")
  func bolt() throws {
    let folder = TemporaryFolder()
    let path = folder.write(Bytes(GoSnapshot.bytes.dropLast(32)), "db")
    try OfflineStore.defragment(path)
    let file = try SnapshotFile(path: path)
    #expect(!file.hasDigest)
    #expect(try file.status().hash == GoSnapshot.statusHash)
    #expect(folder.names == ["db"])
  }

  @Test("Nothing, and what is no store, is refused and left alone")
  func refusals() throws {
    let folder = TemporaryFolder()
    #expect(throws: BackendError.failed(call: "open", path: folder.file("no"), code: 2)) {
      try OfflineStore.defragment(folder.file("no"))
    }
    let path = folder.write(Bytes(repeating: 1, count: 9_000), "foreign")
    #expect(throws: BackendError.foreign(path: path)) { try OfflineStore.defragment(path) }
    #expect(folder.names == ["foreign"])
  }

  @Test("A restored store can go on at a later revision with everything before compacted")
  func bumped() throws {
    let folder = TemporaryFolder()
    let file = try SnapshotFile(path: folder.write(GoSnapshot.bytes, "snapshot"))
    try file.restore(to: folder.file("db"), consistentIndex: 1, compactedAt: GoSnapshot.revision + 1_000)
    #expect(try SnapshotFile(path: folder.file("db")).status().revision == GoSnapshot.revision + 1_000)
    let store = try openStore(folder.file("db"))
    let last = Revision(main: GoSnapshot.revision + 1_000)
    #expect(row(store, last) == [1])
    #expect(store.get(.meta, MetaKey.scheduledCompaction.bytes) == RevisionKey.encode(last, isTombstone: false))
    store.close()
  }
}
