import Base
import Storage
import Testing
import Wire

@testable import Machine

/// A leader's store takes the place of a member's own.
@Suite struct ArrivedStateTests {
  /// A machine, what it is applied so far, and its backend.
  private final class Subject {
    let backend = MemoryBackend()
    let tree = V2Store()
    let machine: Machine
    private var index: UInt64 = 0

    init() {
      machine = Machine(
        backend: backend, v2: tree, roster: Roster(clusterID: ClusterID(1), tree: tree, backend: backend),
        options: .init(quota: Quota(quotaBackendBytes: -1), seed: 1))
    }

    @discardableResult
    func apply(_ body: InternalRaftRequest.Body) -> Answer {
      index += 1
      let request = InternalRaftRequest(body: body, header: RequestHeader(id: index))
      let entry = Entry(term: 1, index: index, data: request.encoded())
      return machine.apply(entry, now: Instant(nanoseconds: 0), isAnswered: { _ in false }).answer
    }

    func put(_ key: String, _ value: String, lease: Int64 = 0) {
      apply(.put(PutRequest(key: key.bytes, value: value.bytes, lease: lease)))
    }

    var content: [String] {
      let all = try? machine.store.range(RangeRequest(key: [0], rangeEnd: [0]))
      return (all?.kvs ?? []).map {
        "\(String(utf8: $0.key))=\(String(utf8: $0.value))@\($0.modRevision)/\($0.lease)"
      }
    }
  }

  @Test func `Keys, leases, revision and compaction are the leader's afterwards`() throws {
    let leader = Subject()
    leader.apply(.leaseGrant(LeaseGrantRequest(ttl: 60, id: 7)))
    for number in 0..<500 { leader.put("k\(number)", "v\(number)", lease: number % 3 == 0 ? 7 : 0) }
    leader.put("k3", "free")
    leader.apply(.deleteRange(DeleteRangeRequest(key: "k6".bytes)))
    leader.apply(.compaction(CompactionRequest(revision: 300)))
    let behind = Subject()
    behind.apply(.leaseGrant(LeaseGrantRequest(ttl: 60, id: 8)))
    for number in 0..<50 { behind.put("old\(number)", "x", lease: 8) }
    let generation = behind.machine.store.generation

    let arrived = ArrivedState(backend: leader.backend, options: behind.machine.lessor.options)
    #expect(behind.content.count == 50, "nothing has happened yet")
    try behind.machine.install(arrived, v2: leader.tree.save())
    #expect(behind.content == leader.content && behind.content.count == 499)
    #expect(behind.machine.store.currentRevision == leader.machine.store.currentRevision)
    #expect(behind.machine.store.compactRevision == 300)
    #expect(behind.machine.store.generation == generation + 1)
    #expect(behind.machine.lessor.keys(of: LeaseID(7)) == leader.machine.lessor.keys(of: LeaseID(7)))
    #expect(behind.machine.lessor.keys(of: LeaseID(7))?.count == 165)
    #expect(behind.machine.lessor.keys(of: LeaseID(8)) == nil)
    #expect(arrived.store.keyCount == 50, "the former content, to be given back elsewhere")
    arrived.empty()
    #expect(arrived.store.keyCount == 0 && behind.content.count == 499)
  }

  @Test func `What is written afterwards goes to the store that arrived`() throws {
    let leader = Subject()
    leader.put("a", "1")
    let behind = Subject()
    for number in 0..<9 { behind.put("old", "\(number)") }
    try behind.machine.install(
      ArrivedState(backend: leader.backend, options: behind.machine.lessor.options), v2: leader.tree.save())
    leader.backend.commitAndWait()
    #expect(behind.machine.store.currentRevision == 2)
    var changes: [Change] = []
    _ = try behind.machine.store.put(PutRequest(key: "b".bytes, value: "2".bytes), into: &changes)
    #expect(behind.content == ["a=1@2/0", "b=2@3/0"])
    leader.backend.commitAndWait()
    #expect(Store(backend: leader.backend, leases: TestLeases()).keyCount == 2)
  }
}
