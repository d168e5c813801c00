import Base
import Foundation
import Testing

@testable import Storage

struct BackendDefragmentTests {
  @Test("Defragmenting shrinks the file while writes and commits go on, and loses none of them")
  func shrinksUnderWrites() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    for main in 1...20_000 {
      store.appendRow(Revision(main: Int64(main)), isTombstone: false, record: Bytes(repeating: 1, count: 200))
    }
    store.commitAndWait()
    for main in 1...19_000 { store.deleteRow(Revision(main: Int64(main)), isTombstone: false) }
    store.commitAndWait()
    let before = store.sizeBytes
    let view = store.frozenView()
    #expect(store.sizeInUseBytes < before / 2)

    #expect(store.beginDefragment())
    #expect(!store.beginDefragment())
    var main: Int64 = 20_000
    var result: Result<Void, BackendError>?
    while result == nil {
      main += 1
      store.appendRow(Revision(main: main), isTombstone: false, record: Bytes("r\(main)".utf8))
      store.consistentIndex = UInt64(main)
      store.seal()
      #expect(row(store, Revision(main: main)) == Bytes("r\(main)".utf8) + [0])
      store.endTurn()
      store.reapCommit()
      result = store.takeDefragmentResult()
    }
    try result?.get()
    store.commitAndWait()
    #expect(store.sizeBytes < before / 2)
    #expect(rows(of: store).count == Int(main) - 19_000)
    #expect(content(of: view)["key"]?.count == 1_000)
    store.close()

    #expect(folder.names == ["db", "db-lock"])
    let again = try openStore(folder.file("db"))
    #expect(rows(of: again).count == Int(main) - 19_000)
    #expect(again.consistentIndex == UInt64(main))
    again.close()
  }

  @Test("Defragmenting again and again keeps the content, and closing in the middle leaves the store whole")
  func againAndAgain() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    store.put(.authUsers, Bytes(repeating: 0x75, count: 900), "long".bytes)
    store.appendRow(Revision(main: 2), isTombstone: true, record: "x".bytes)
    store.commitAndWait()
    let before = content(of: store.frozenView())
    for _ in 0..<3 {
      #expect(store.beginDefragment())
      while store.takeDefragmentResult() == nil { store.reapCommit() }
      #expect(content(of: store.frozenView()) == before)
    }
    #expect(store.beginDefragment())
    store.close()
    let again = try openStore(folder.file("db"))
    #expect(content(of: again.frozenView()) == before)
    #expect(folder.names == ["db", "db-lock"])
    again.close()
  }

  @Test("What a crash left beside the store is removed at the next start")
  func leftovers() throws {
    let folder = TemporaryFolder()
    for name in ["db.defrag", "db.defrag-lock", "db.import", "db.import-lock"] { _ = folder.write([1], name) }
    let store = try openStore(folder.file("db"))
    #expect(folder.names == ["db", "db-lock"])
    store.close()
  }
}
