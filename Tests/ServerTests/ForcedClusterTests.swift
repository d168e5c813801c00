import Base
import Testing
import Wire

@testable import Server

/// The log of a member that goes on alone.
@Suite struct ForcedClusterTests {
  private static func changes(_ forced: ForcedCluster) -> [(ConfChangeType, UInt64)] {
    forced.appended.compactMap { entry in
      (try? ConfChange(decoding: entry.data ?? [])).map { ($0.type, $0.nodeID) }
    }
  }

  private static func entry(_ index: UInt64, _ type: ConfChangeType, _ node: UInt64) -> Entry {
    var change = ConfChange()
    change.type = type
    change.nodeID = node
    return Entry(type: .confChange, term: 3, index: index, data: change.encoded())
  }

  @Test("what is not committed goes, the others are removed behind it")
  func removal() {
    let entries = [
      Entry(term: 3, index: 11), Self.entry(12, .addNode, 9), Self.entry(13, .removeNode, 2),
      Self.entry(14, .addNode, 8), Entry(term: 3, index: 15),
    ]
    let forced = ForcedCluster(
      of: MemberID(1), ConfState(voters: [1, 2, 3]), entries, HardState(term: 4, vote: 2, commit: 13))
    #expect(forced.dropped == 2)
    #expect(Self.changes(forced).map(\.1) == [3, 9])
    #expect(Self.changes(forced).allSatisfy { $0.0 == .removeNode })
    #expect(forced.entries.map(\.index) == [11, 12, 13, 14, 15])
    #expect(forced.appended.map(\.term) == [4, 4])
    #expect(forced.state.commit == 15)
  }

  @Test("a learner becomes a voter before the voters go")
  func learner() {
    let forced = ForcedCluster(
      of: MemberID(4), ConfState(voters: [1, 2], learners: [4]), [], HardState(term: 2, vote: 0, commit: 20))
    #expect(Self.changes(forced).map(\.1) == [4, 1, 2])
    #expect(Self.changes(forced).map(\.0) == [.addNode, .removeNode, .removeNode])
    #expect(forced.appended.map(\.index) == [21, 22, 23])
  }

  @Test("a member that is alone stays as it is")
  func alone() {
    let forced = ForcedCluster(
      of: MemberID(1), ConfState(voters: [1]), [Entry(term: 1, index: 5)],
      HardState(term: 1, vote: 1, commit: 5))
    #expect(forced.appended.isEmpty && forced.dropped == 0 && forced.state.commit == 5)
  }
}
