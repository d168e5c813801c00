import Base
import Storage
import Testing
import Wire

@testable import Machine

@Suite struct RosterTests {
  private let tree = V2Store()
  private let backend = MemoryBackend()
  private let roster: Roster

  init() { roster = Roster(clusterID: ClusterID(1), tree: tree, backend: backend) }

  private func member(_ id: UInt64, _ url: String, isLearner: Bool = false, name: String = "") -> MemberRecord {
    MemberRecord(id: MemberID(id), peerURLs: [url], isLearner: isLearner, name: name)
  }

  private func change(
    _ type: ConfChangeType, _ member: MemberRecord, isPromotion: Bool = false
  ) -> ConfChange {
    ConfChange(
      type: type, nodeID: member.id.rawValue, context: member.changeContext(isPromotion: isPromotion))
  }

  private func refusal(_ change: ConfChange) -> MembershipError? {
    do throws(MembershipError) {
      try roster.validate(change)
      return nil
    } catch {
      return error
    }
  }

  @Test func sha1MatchesItsPublishedVectors() {
    #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(hex(SHA1.digest("abc".bytes)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      hex(SHA1.digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".bytes))
        == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(
      hex(SHA1.digest(Bytes(repeating: 0x61, count: 10_000))) == "a080cbda64850abb7b7f67ee875ba068074ff6fe")
  }

  @Test func idsAreThoseOfGo() {
    func id(_ port: Int) -> MemberID {
      MemberRecord(name: "m", peerURLs: ["http://127.0.0.1:\(port)"], clusterToken: "tok-interop").id
    }
    #expect(id(42191).hex == "6945ef485cb44bfc")
    #expect(id(42192).hex == "ef682e59c713f921")
    #expect(id(42193).hex == "9b179123b67580be")
    #expect(MemberRecord.clusterID(of: [id(42192), id(42191), id(42193)]).hex == "cf1fa5b75c71155a")
    let late = MemberRecord(
      name: "", peerURLs: ["http://127.0.0.1:42194"], clusterToken: "", unixSeconds: 1_795_426_372)
    #expect(late.id.hex == "5aadb5c4aeaf1db5")
  }

  @Test func recordsAreWrittenAsGoWritesThem() throws {
    let first = MemberRecord(
      id: MemberID(7_585_732_241_447_472_124), peerURLs: ["http://127.0.0.1:42191"], name: "m1")
    #expect(
      String(utf8: first.json)
        == #"{"id":7585732241447472124,"peerURLs":["http://127.0.0.1:42191"],"name":"m1"}"#)
    let learner = member(5, "http://a?x=1&y=2", isLearner: true)
    #expect(
      String(utf8: learner.changeContext(isPromotion: true))
        == #"{"id":5,"peerURLs":["http://a?x=1\u0026y=2"],"isLearner":true,"isPromote":true}"#)
    #expect(learner.attributesJSON == "{}")
    #expect(MemberRecord(json: learner.json) == learner)
    #expect(MemberRecord.readList(MemberRecord.list([first, learner])) == [learner, first])
    for text in ["", "[]", "{}", #"{"id":"5"}"#, #"{"id":5,"peerURLs":3}"#] {
      #expect(MemberRecord(json: text.bytes) == nil)
    }
    #expect(MemberRecord(json: #"{"id":5,"peerURLs":null}"#.bytes)?.peerURLs == [])
  }

  @Test func membersComeBackFromASnapshotOfGo() throws {
    try tree.recover(V2Golden.snapshot.bytes)
    try roster.recover()
    #expect(roster.ids.map(\.hex) == ["6945ef485cb44bfc", "9b179123b67580be", "ef682e59c713f921"])
    #expect(roster.members.map(\.name) == ["m1", "m3", "m2"])
    #expect(roster.voters.count == 3 && roster.removed.isEmpty)
    #expect(roster.version?.text == "3.4.0")
    #expect(roster.clientURLs.first == "http://127.0.0.1:42171")
  }

  @Test func changesReachTheTreeTheBucketsAndTheNextStart() throws {
    let one = member(0x10, "http://a", name: "one")
    let two = member(0x20, "http://b", isLearner: true)
    for it in [one, two] { try roster.apply(change(it.isLearner ? .addLearnerNode : .addNode, it)) }
    #expect(
      try tree.get("/0/members/20/raftAttributes").node.value == #"{"peerURLs":["http://b"],"isLearner":true}"#)
    try roster.apply(change(.addNode, two, isPromotion: true))
    #expect(roster[MemberID(0x20)]?.isLearner == false)
    try roster.apply(change(.removeNode, one))
    #expect(roster.isRemoved(MemberID(0x10)) && roster[MemberID(0x10)] == nil)
    #expect(backend.pairs(.members).map { String(utf8: $0.key) } == ["20"])
    #expect(String(utf8: backend.pairs(.members)[0].value) == #"{"id":32,"peerURLs":["http://b"]}"#)
    #expect(backend.get(.membersRemoved, "10".bytes) == "removed".bytes)
    #expect(tree.index == 5, "one index for each write, as Go counts")

    let again = Roster(clusterID: ClusterID(1), tree: tree, backend: backend)
    try again.recover()
    #expect(again.members == roster.members && again.removed == roster.removed)
  }

  @Test func changesAreRefusedAsGoRefusesThem() throws {
    for it in [member(1, "http://a"), member(2, "http://b", isLearner: true), member(3, "http://c")] {
      roster.add(it)
    }
    roster.remove(MemberID(3))
    #expect(refusal(change(.addNode, member(3, "http://d"))) == .idRemoved)
    #expect(refusal(change(.addNode, member(1, "http://d"))) == .idExists)
    #expect(refusal(change(.addNode, member(4, "http://a"))) == .peerURLExists)
    #expect(refusal(change(.addNode, member(4, "http://c"))) == nil)
    #expect(refusal(change(.addLearnerNode, member(4, "http://d", isLearner: true))) == .tooManyLearners)
    #expect(refusal(change(.addNode, member(2, ""), isPromotion: true)) == nil)
    #expect(refusal(change(.addNode, member(1, ""), isPromotion: true)) == .notLearner)
    #expect(refusal(change(.addNode, member(9, ""), isPromotion: true)) == .idNotFound)
    #expect(refusal(change(.removeNode, member(9, ""))) == .idNotFound)
    #expect(refusal(change(.updateNode, member(9, ""))) == .idNotFound)
    #expect(refusal(change(.updateNode, member(2, "http://a"))) == .peerURLExists)
    #expect(refusal(change(.updateNode, member(2, "http://b"))) == nil)
    #expect(refusal(ConfChange(type: .addNode, nodeID: 8)) == .unreadableContext)
    #expect(MembershipError.tooManyLearners.text == "membership: too many learner members in cluster")
  }

  @Test func newURLsDoNotPromoteALearner() throws {
    roster.add(member(2, "http://b", isLearner: true))
    try roster.apply(change(.updateNode, member(2, "http://new")))
    #expect(roster[MemberID(2)] == member(2, "http://new", isLearner: true))
    try roster.recover()
    #expect(roster[MemberID(2)]?.isLearner == true)
  }

  @Test func membersKnownBeforeTheLogAreNoObstacleToIt() throws {
    let one = member(1, "http://a", name: "one")
    roster.adopt([one], clusterID: ClusterID(9))
    #expect(roster.clusterID == ClusterID(9) && roster.ids == [MemberID(1)])
    #expect(refusal(change(.addNode, one)) == nil)
    try roster.apply(change(.addNode, one))
    #expect(refusal(change(.addNode, one)) == .idExists)
    #expect(tree.index == 1)
  }

  @Test func versionsCompareByNumber() {
    #expect(SemanticVersion("3.4.23") == SemanticVersion(major: 3, minor: 4, patch: 23))
    #expect(SemanticVersion("3.4.23+swift")?.clusterVersion.text == "3.4.0")
    #expect(SemanticVersion(major: 3, minor: 10) > SemanticVersion(major: 3, minor: 9, patch: 99))
    for text in ["", "3.4", "3.4.x", "3.4.5.6", "not_decided", "-1.2.3"] {
      #expect(SemanticVersion(text) == nil)
    }
  }
}

@Suite struct StrictReconfigurationTests {
  private func members(started: Int, fresh: Int = 0, learners: Int = 0) -> [MemberRecord] {
    (0..<started + fresh + learners).map { place in
      MemberRecord(
        id: MemberID(UInt64(place + 1)), peerURLs: [], isLearner: place >= started + fresh,
        name: place < started ? "m\(place)" : "")
    }
  }

  private func refusal(_ body: () throws(ReconfigurationRefusal) -> Void) -> ReconfigurationRefusal? {
    do throws(ReconfigurationRefusal) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  private func strict(_ members: [MemberRecord], down: Set<UInt64> = []) -> StrictReconfiguration {
    StrictReconfiguration(members: members) { !down.contains($0.rawValue) }
  }

  @Test func addingNeedsAQuorumOfStartedAndAllConnected() {
    func add(_ check: StrictReconfiguration, learner: Bool = false) -> ReconfigurationRefusal? {
      refusal { () throws(ReconfigurationRefusal) in try check.checkAdd(isLearner: learner) }
    }
    #expect(add(strict(members(started: 1))) == nil)
    #expect(add(strict(members(started: 1, fresh: 1))) == .notEnoughStartedMembers)
    #expect(add(strict(members(started: 2))) == nil)
    #expect(add(strict(members(started: 2, fresh: 1))) == .notEnoughStartedMembers)
    #expect(add(strict(members(started: 3))) == nil)
    #expect(add(strict(members(started: 3), down: [2])) == .unhealthyCluster)
    #expect(add(strict(members(started: 1, fresh: 1)), learner: true) == nil)
    #expect(add(strict(members(started: 3, learners: 1), down: [4])) == nil)
  }

  @Test func removingKeepsAQuorumOfActiveMembers() {
    func remove(_ check: StrictReconfiguration, _ id: UInt64, active: Bool = true) -> ReconfigurationRefusal? {
      refusal { () throws(ReconfigurationRefusal) in try check.checkRemove(MemberID(id), isActive: active) }
    }
    #expect(remove(strict(members(started: 3)), 1) == nil)
    #expect(remove(strict(members(started: 3), down: [2]), 1) == .unhealthyCluster)
    #expect(remove(strict(members(started: 3), down: [2]), 2, active: false) == nil)
    #expect(remove(strict(members(started: 1, fresh: 1)), 1) == .notEnoughStartedMembers)
    #expect(remove(strict(members(started: 1, fresh: 1)), 2) == nil)
    #expect(remove(strict(members(started: 1, learners: 1)), 2) == nil)
    #expect(remove(strict(members(started: 1)), 1) == .notEnoughStartedMembers)
  }

  @Test func onlyAStartedLearnerIsPromoted() {
    func promote(_ check: StrictReconfiguration, _ id: UInt64) -> ReconfigurationRefusal? {
      refusal { () throws(ReconfigurationRefusal) in try check.checkPromote(MemberID(id)) }
    }
    var some = members(started: 2, learners: 1)
    #expect(promote(strict(some), 3) == .learnerNotReady)
    some[2].name = "learner"
    #expect(promote(strict(some), 3) == nil)
    var few = members(started: 1, fresh: 2, learners: 1)
    few[3].name = "learner"
    #expect(promote(strict(few), 4) == .notEnoughStartedMembers)
  }
}
