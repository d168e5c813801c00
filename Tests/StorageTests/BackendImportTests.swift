import Base
import Foundation
import Testing

@testable import Storage

struct BackendImportTests {
  private let image = Bytes(GoSnapshot.bytes.dropLast(32))

  @Test("A bbolt file in the store's place is taken over and kept beside")
  func takesOver() throws {
    let folder = TemporaryFolder()
    let path = folder.write(image, "db")
    let expected = content(of: try BoltView(BoltReader(BoltFile(copying: image))))
    let store = try openStore(path)
    #expect(content(of: store.frozenView()) == expected)
    #expect(store.consistentIndex == 0x165)
    store.appendRow(Revision(main: 15), isTombstone: false, record: "new".bytes)
    store.close()
    #expect(folder.names == ["db", "db-lock", "db.bbolt-1"])
    #expect(FileManager.default.contents(atPath: folder.file("db.bbolt-1")) == Data(image))
    let again = try openStore(path)
    #expect(rows(of: again).last == "15.0 6e6577")
    again.close()
  }

  @Test("A takeover cut short anywhere is done again at the next start")
  func cutShort() throws {
    // After the import was begun, and after the second name was given.
    for isNamed in [false, true] {
      let folder = TemporaryFolder()
      let path = folder.write(image, "db")
      _ = folder.write(Bytes(repeating: 3, count: 5_000), "db.import")
      if isNamed { try FileManager.default.linkItem(atPath: path, toPath: folder.file("db.bbolt-1")) }
      let store = try openStore(path)
      #expect(store.get(.cluster, "clusterVersion".bytes) == "3.4.0".bytes)
      store.close()
      #expect(folder.names == ["db", "db-lock", "db.bbolt-1"])
    }
  }

  @Test("A second takeover does not touch the file kept from the first")
  func keepsBoth() throws {
    let folder = TemporaryFolder()
    _ = folder.write([1, 2, 3], "db.bbolt-1")
    let store = try openStore(folder.write(image, "db"))
    store.close()
    #expect(folder.names == ["db", "db-lock", "db.bbolt-1", "db.bbolt-2"])
    #expect(FileManager.default.contents(atPath: folder.file("db.bbolt-1")) == Data([1, 2, 3]))
  }

  @Test("A damaged bbolt file is refused by its page, and left as it was")
  func damaged() throws {
    let folder = TemporaryFolder()
    var bytes = image
    bytes[5 * 4096] = 9
    let path = folder.write(bytes, "db")
    #expect(throws: BackendError.damaged(path: path, rule: "page 5: calls itself page 9")) {
      try openStore(path)
    }
    #expect(folder.names == ["db"])
    #expect(FileManager.default.contents(atPath: path) == Data(bytes))
  }

  @Test("An imported store that is not installed leaves nothing behind")
  func notInstalled() throws {
    let folder = TemporaryFolder()
    _ = try ImportedStore(image: folder.write(image, "received"), path: folder.file("db"))
    #expect(folder.names == ["received"])
  }

  @Test("An installed image replaces the store, also while a view of the old one is read")
  func installs() throws {
    let folder = TemporaryFolder()
    let old = try openStore(folder.file("db"))
    old.appendRow(Revision(main: 99), isTombstone: false, record: "old".bytes)
    old.commitAndWait()
    let view = old.frozenView()
    // Made while the old store is in use.
    var imported: ImportedStore? = try ImportedStore(
      image: folder.write(image, "received"), path: folder.file("db"))
    let store = try LMDBBackend(of: #require(imported)) {}
    #expect(rows(of: store).count == 17 && rows(of: old).count == 1)
    old.close()
    try imported?.install()
    imported = nil
    #expect(rows(of: store).count == 17)
    #expect(content(of: view)["key"]?.count == 1)
    store.appendRow(Revision(main: 15), isTombstone: false, record: "new".bytes)
    store.close()
    #expect(folder.names == ["db", "db-lock", "received"])
    let again = try openStore(folder.file("db"))
    #expect(rows(of: again).count == 18)
    again.close()
  }
}
