import Base
import Foundation
import Testing

@testable import Storage

struct ExchangeFileTests {
  @Test("Hashes and sums of the original's snapshot are the original's")
  func hashes() throws {
    let folder = TemporaryFolder()
    let file = try SnapshotFile(path: folder.write(GoSnapshot.bytes, "snapshot"))
    #expect(file.hasDigest)
    try file.checkDigest()
    let status = try file.status()
    #expect(status.hash == GoSnapshot.statusHash)
    #expect(status.revision == GoSnapshot.revision)
    #expect(status.totalKeys == GoSnapshot.totalKeys)
    #expect(status.totalBytes == GoSnapshot.totalBytes)
    #expect(StoreHash.maintenance(try BoltView(file.reader)) == GoSnapshot.maintenanceHash)
  }

  @Test("One changed byte is found by the digest, and a file without one is told apart")
  func digest() throws {
    let folder = TemporaryFolder()
    var bytes = GoSnapshot.bytes
    bytes[4 * 4096 + 17] ^= 1
    let changed = try SnapshotFile(path: folder.write(bytes, "changed"))
    #expect(throws: SnapshotError.self) { try changed.checkDigest() }
    let bare = try SnapshotFile(path: folder.write(Bytes(GoSnapshot.bytes.dropLast(32)), "bare"))
    #expect(!bare.hasDigest)
    #expect(throws: SnapshotError.noDigest(path: bare.path)) { try bare.checkDigest() }
    #expect(try bare.status().hash == GoSnapshot.statusHash)
  }

  @Test("A missing, empty or foreign file gives an error, each its own")
  func noSnapshot() throws {
    let folder = TemporaryFolder()
    #expect(throws: SnapshotError.failed(call: "open", path: folder.file("no"), code: ENOENT)) {
      try SnapshotFile(path: folder.file("no"))
    }
    for bytes in [[], Bytes("hello".utf8), Bytes(repeating: 1, count: 40_000)] {
      #expect(throws: SnapshotError.self) { try SnapshotFile(path: folder.write(bytes, "foreign")) }
    }
  }

  @Test(
    "Through the store and out again the hashes stay, and the restored image has its new index and no old members"
  )
  func throughTheStore() throws {
    let folder = TemporaryFolder()
    let snapshot = folder.write(GoSnapshot.bytes, "snapshot")
    let store = try LMDBBackend(of: ImportedStore(image: snapshot, path: folder.file("db"))) {}
    #expect(StoreHash.maintenance(store.frozenView()) == GoSnapshot.maintenanceHash)
    try SnapshotWriter(store.frozenView()).write(to: folder.file("again"), withDigest: true)
    let again = try SnapshotFile(path: folder.file("again"))
    try again.checkDigest()
    #expect(try again.status().hash == GoSnapshot.statusHash)
    store.close()

    try again.restore(to: folder.file("restored"), consistentIndex: 3)
    let restored = try openStore(folder.file("restored"))
    #expect(restored.consistentIndex == 3)
    #expect(restored.pairs(.members).isEmpty)
    #expect(restored.get(.cluster, "clusterVersion".bytes) == "3.4.0".bytes)
    restored.close()
  }
}
