import Base
import Foundation
import Testing

@testable import Storage

struct BackendCommitTests {
  @Test("A killed process finds what was committed, together with its consistent index, and nothing else")
  func killKeepsCommits() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    store.appendRow(Revision(main: 2), isTombstone: false, record: "one".bytes)
    store.put(.lease, "l".bytes, "lease".bytes)
    store.consistentIndex = 7
    store.commitAndWait()
    store.appendRow(Revision(main: 3), isTombstone: false, record: "two".bytes)
    store.consistentIndex = 8

    // The file as a kill at this moment would leave it.
    try FileManager.default.copyItem(atPath: folder.file("db"), toPath: folder.file("copy"))
    let found = try openStore(folder.file("copy"))
    #expect(rows(of: found) == ["2.0 6f6e65"])
    #expect(found.consistentIndex == 7)
    #expect(found.get(.lease, "l".bytes) == "lease".bytes)
    found.close()
    store.close()
    #expect(try openStore(folder.file("db")).consistentIndex == 8)
  }

  @Test("Rows stay readable while they move from the batch to the file")
  func readableThroughout() throws {
    let folder = TemporaryFolder()
    let box = Mailbox<Int>()
    let store = try openStore(folder.file("db")) { box.post(1) }
    for main in 1...400 {
      store.appendRow(Revision(main: Int64(main)), isTombstone: false, record: Bytes("r\(main)".utf8))
      if main % 50 == 0 { #expect(store.seal() == true || store.isCommitting) }
      if main % 77 == 0 { store.reapCommit() }
      for probe in stride(from: 1, through: main, by: 37) {
        #expect(row(store, Revision(main: Int64(probe))) == Bytes("r\(probe)".utf8) + [0])
      }
    }
    store.commitAndWait()
    #expect(rows(of: store).count == 400)
    #expect(!box.takeAll().isEmpty)
    #expect((store.lastCommitSeconds ?? 0) > 0)
    store.close()
  }

  @Test("A second seal is refused while a commit is under way, and the batch goes on gathering")
  func oneCommitAtATime() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    store.put(.cluster, "a".bytes, "1".bytes)
    #expect(store.seal())
    store.put(.cluster, "b".bytes, "2".bytes)
    #expect(!store.seal())
    #expect(store.pendingOperations == 1)
    store.commitAndWait()
    #expect(store.pendingOperations == 0 && !store.isCommitting)
    store.close()
  }

  @Test("A frozen view keeps what it saw, read on another thread after later writes")
  func frozenViewStays() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    store.appendRow(Revision(main: 2), isTombstone: false, record: "old".bytes)
    store.commitAndWait()
    let view = store.frozenView()
    store.deleteRow(Revision(main: 2), isTombstone: false)
    store.appendRow(Revision(main: 3), isTombstone: true, record: "new".bytes)
    store.commitAndWait()
    let seen = Mailbox<[[Bytes]]>()
    Thread(name: "reader") { seen.post(content(of: view)["key"] ?? []) }.join()
    #expect(seen.takeAll() == [[[RevisionKey.encode(Revision(main: 2), isTombstone: false), "old".bytes]]])
    #expect(rows(of: store) == ["3.0t 6e6577"])
    store.close()
  }

  @Test("A view continues behind a given key, there or not")
  func viewContinues() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    let plain = MemoryBackend()
    let long = Bytes(repeating: 0x62, count: 700)
    for backend in [store, plain] as [any Backend] {
      for key in ["a", "b", "c", "d"] { backend.put(.authUsers, key.bytes, key.bytes) }
      backend.put(.authUsers, long, "long".bytes)
      backend.commitAndWait()
      for (after, expected) in [
        ("a".bytes, ["b", "long", "c", "d"]), ("bb".bytes, ["long", "c", "d"]), (long, ["c", "d"]),
        ("d".bytes, []),
      ] {
        var seen: [String] = []
        backend.frozenView().scan(.authUsers, after: after) { _, value in
          seen.append(String(utf8: Bytes(value)))
          return true
        }
        #expect(seen == expected)
      }
    }
    store.close()
  }

  @Test("The store's file is private to its owner and held against a second opener")
  func privateAndLocked() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("db"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    // The lock is on the file, so a second name shows it without opening LMDB twice in one process.
    try FileManager.default.linkItem(atPath: folder.file("db"), toPath: folder.file("other"))
    #expect(throws: BackendError.locked(path: folder.file("other"))) { try openStore(folder.file("other")) }
    store.close()
  }

  @Test("A file of neither format is refused and left alone")
  func foreignFile() throws {
    let folder = TemporaryFolder()
    let bytes = Bytes(repeating: 0x41, count: 9000)
    let path = folder.write(bytes, "db")
    #expect(throws: BackendError.foreign(path: path)) { try openStore(path) }
    #expect(FileManager.default.contents(atPath: path) == Data(bytes))
  }

  @Test("The plain backend forgets in a crash what was not committed")
  func memoryForgets() {
    let store = MemoryBackend(commits: .onDemand)
    store.appendRow(Revision(main: 2), isTombstone: false, record: "a".bytes)
    store.put(.lease, "l".bytes, "1".bytes)
    store.consistentIndex = 3
    store.seal()
    store.completeCommit()
    store.reapCommit()
    store.deleteRow(Revision(main: 2), isTombstone: false)
    store.appendRow(Revision(main: 3), isTombstone: false, record: "b".bytes)
    store.seal()
    store.put(.lease, "l".bytes, "2".bytes)
    store.consistentIndex = 5
    store.crash()
    #expect(rows(of: store) == ["2.0 61"])
    #expect(store.get(.lease, "l".bytes) == "1".bytes)
    #expect(store.consistentIndex == 3 && !store.isCommitting)
  }
}
