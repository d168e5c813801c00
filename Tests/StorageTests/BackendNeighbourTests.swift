import Base
import Testing

@testable import Storage

/// Rows read one after another take a step from neighbour to neighbour instead of a search; every answer must be the same.
@Suite struct BackendNeighbourTests {
  @Test func `rows read in order are those that a search finds, holes and tombstones included`() throws {
    let folder = TemporaryFolder()
    let store = try openStore(folder.file("db"))
    var expected: [Revision: Bytes] = [:]
    for main in Int64(2)...40 where main % 7 != 0 {
      for sub in Int64(0)...(main % 4) {
        let revision = Revision(main: main, sub: sub)
        let isTombstone = (main + sub) % 5 == 0
        expected[revision] = "row \(main).\(sub)".bytes + [isTombstone ? 1 : 0]  // as `row` answers
        store.appendRow(revision, isTombstone: isTombstone, record: "row \(main).\(sub)".bytes)
      }
    }
    store.commitAndWait()
    for main in stride(from: Int64(3), through: 40, by: 3) {
      let gone = Revision(main: main, sub: 0)
      store.deleteRow(gone, isTombstone: main % 5 == 0)
      expected[gone] = nil
    }
    store.commitAndWait()
    store.endTurn()
    for _ in 0..<2 {
      for main in Int64(1)...42 {
        for sub in Int64(0)...4 {
          let revision = Revision(main: main, sub: sub)
          #expect(row(store, revision) == expected[revision], "at \(revision)")
        }
      }
      store.endTurn()
    }
    // Steps are taken only from where the last row was read: a scan between two reads must not mislead the second.
    #expect(row(store, Revision(main: 4, sub: 0)) == expected[Revision(main: 4, sub: 0)])
    _ = rows(of: store, from: Revision(main: 30), through: Revision(main: 33))
    #expect(row(store, Revision(main: 5, sub: 0)) == expected[Revision(main: 5, sub: 0)])
    store.close()
  }
}
