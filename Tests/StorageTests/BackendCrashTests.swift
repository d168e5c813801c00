import Base
import Glibc
import Testing

@testable import Storage

/// Processes that die: each test runs its body in a child.
struct BackendCrashTests {
  @Test("A member whose commit fails ends with a text that says why")
  func failedCommitEnds() async throws {
    let result = await #expect(
      processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]
    ) {
      let folder = TemporaryFolder()
      let store = try openStore(folder.file("db"))
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      store.appendRow(Revision(main: 2), isTombstone: false, record: Bytes(repeating: 1, count: 4_000_000))
      store.commitAndWait()
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("the store could not be made durable"), "\(text)")
  }

  @Test("Killed in the middle of writes, commits and defragmentations, a member finds whole transactions only")
  func killed() async throws {
    let folder = TemporaryFolder()
    for round in 0..<5 {
      let path = folder.file("db")
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
        Thread(name: "killer") {
          usleep(UInt32(60_000 + 35_000 * round))
          kill(getpid(), SIGKILL)
        }.detachForGood()
        let store = try openStore(path)
        var main = Int64(store.consistentIndex)
        while true {
          for _ in 0..<40 {
            main += 1
            store.appendRow(Revision(main: main), isTombstone: false, record: Bytes("record \(main)".utf8))
            // Rows are removed again far behind, as compaction does.
            if main % 3 != 0, main > 500 { store.deleteRow(Revision(main: main - 500), isTombstone: false) }
          }
          store.consistentIndex = UInt64(main)
          store.seal()
          store.reapCommit()
          if main % 1_000 == 0 { _ = store.beginDefragment() }
          store.endTurn()
        }
      }
      let store = try openStore(path)
      let index = Int64(store.consistentIndex)
      #expect(index > 0 && index % 40 == 0)
      var expected: [String] = []
      for main in stride(from: Int64(1), through: index, by: 1) {
        let remover = main + 500
        if remover <= index, remover % 3 != 0 { continue }
        expected.append("\(main).0 \(hex(Bytes("record \(main)".utf8)))")
      }
      #expect(rows(of: store) == expected)
      store.close()
    }
  }
}

extension Thread {
  /// The process does not outlive it.
  fileprivate func detachForGood() { _ = Unmanaged.passRetained(self) }
}
