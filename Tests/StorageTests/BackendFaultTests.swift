import Base
import Glibc
import Testing

@testable import Storage

struct BackendFaultTests {
  @Test("A commit without room is reported as that, and what was committed before stays")
  func noRoom() throws {
    let folder = TemporaryFolder()
    let path = folder.file("db")
    var reports: [CommitThread.Report] = []
    do {
      let thread = CommitThread(
        try LMDBEnvironment(path: path, unsafeNoSync: false, mapBytes: 1 << 20), onReport: {})
      for (main, bytes) in [(2, 1_000), (3, 3_000_000)] {
        let batch = Batch()
        batch.appendRow(
          Revision(main: Int64(main)), isTombstone: false, record: Bytes(repeating: 1, count: bytes))
        thread.post(.commit(batch))
      }
      thread.stop()
      reports = thread.reports.takeAll()
    }
    guard reports.count == 2, case .committed = reports[0], case .failed(let error) = reports[1] else {
      Issue.record("reported \(reports)")
      return
    }
    #expect(error.isOutOfSpace)
    #expect(error.description.contains("used up"))
    let store = try openStore(path)
    #expect(rows(of: store).count == 1)
    store.close()
  }

  @Test("A defragmentation that cannot be made leaves the store as it is")
  func noDefragmentation() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    store.appendRow(Revision(main: 2), isTombstone: false, record: "a".bytes)
    store.commitAndWait()
    // A folder where the copy would go.
    #expect(mkdir(folder.file("db.defrag"), 0o700) == 0)
    #expect(store.beginDefragment())
    var result: Result<Void, BackendError>?
    while result == nil {
      store.reapCommit()
      result = store.takeDefragmentResult()
    }
    #expect(throws: BackendError.self) { try result?.get() }
    #expect(!store.isDefragmenting)
    store.appendRow(Revision(main: 3), isTombstone: false, record: "b".bytes)
    store.close()
    #expect(rmdir(folder.file("db.defrag")) == 0)
    let again = try openStore(folder.file("db"))
    #expect(rows(of: again).count == 2)
    again.close()
  }

  @Test("A store that is open in this process cannot be opened again, and is not harmed by the attempt")
  func secondOpening() throws {
    let folder = TemporaryFolder()
    let path = folder.file("db")
    let store = try openStore(path)
    store.appendRow(Revision(main: 2), isTombstone: false, record: "a".bytes)
    store.commitAndWait()
    for _ in 0..<3 { #expect(throws: BackendError.locked(path: path)) { try openStore(path) } }
    store.appendRow(Revision(main: 3), isTombstone: false, record: "b".bytes)
    store.commitAndWait()
    #expect(rows(of: store).count == 2)
    store.close()
  }

  @Test("The store of somebody else in LMDB's format is refused")
  func foreignTables() throws {
    let folder = TemporaryFolder()
    let path = folder.file("db")
    try openStore(path).close()
    // Our mark under another name makes it anybody's file.
    var bytes = try folder.read("db")
    var place = 0
    var found = 0
    while place + 6 <= bytes.count {
      if bytes[place..<place + 6].elementsEqual("format".utf8) {
        bytes[place + 5] = UInt8(ascii: "x")
        found += 1
      }
      place += 1
    }
    #expect(found > 0)
    let other = folder.write(bytes, "other")
    #expect(throws: BackendError.foreign(path: other)) { try openStore(other) }
  }
}
