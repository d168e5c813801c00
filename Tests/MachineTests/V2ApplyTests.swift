import Base
import Storage
import Testing
import Wire

@testable import Machine

@Suite struct V2ApplyTests {
  private let store = V2Store()
  private let backend = MemoryBackend()
  private let roster: Roster
  private let applier: V2Applier

  init() {
    roster = Roster(clusterID: ClusterID(1), tree: store, backend: backend)
    applier = V2Applier(store: store, roster: roster)
  }

  private func put(
    _ path: String, _ value: String = "", exists: Bool? = nil, value previous: String = "", index: UInt64 = 0
  ) -> String {
    let outcome = applier.apply(
      V2Request(
        method: "PUT", path: path, val: value, prevValue: previous, prevIndex: index, prevExist: exists))
    switch outcome {
    case .event(let event): return event.action.rawValue
    case .failure(let error): return String(error.code.rawValue)
    case .done: return "done"
    case .unknownMethod: return "unknown"
    }
  }

  @Test func putChoosesItsActionByItsConditions() {
    #expect(put("/1/a", "x", exists: true) == "100")
    #expect(put("/1/a", "x", exists: false) == "create")
    #expect(put("/1/a", "x", exists: false) == "105")
    #expect(put("/1/a", "y", exists: true) == "update")
    #expect(put("/1/a", "z", exists: true, value: "y") == "compareAndSwap")
    #expect(put("/1/a", "z", value: "y") == "101")
    #expect(put("/1/a", "z", index: 3) == "compareAndSwap")
    #expect(put("/1/a", "z") == "set")
  }

  @Test func theOtherMethodsAreApplied() {
    #expect(applier.apply(V2Request(method: "FOO")) == .unknownMethod)
    guard case .event(let made) = applier.apply(V2Request(method: "POST", path: "/1/q", val: "v")),
      case .event(let read) = applier.apply(V2Request(method: "QGET", path: made.node.key)),
      case .event(let gone) = applier.apply(V2Request(method: "DELETE", path: made.node.key, prevValue: "v"))
    else {
      Issue.record("a request failed")
      return
    }
    #expect(made.action == .create && read.node.value == "v" && gone.action == .compareAndDelete)
    let end: Int64 = 1_900_000_000_000_000_000
    _ = applier.apply(V2Request(method: "PUT", path: "/1/t", val: "v", expiration: end))
    #expect(applier.apply(V2Request(method: "SYNC", time: end - 1)) == .done)
    #expect(store.hasExpiringKeys)
    #expect(applier.apply(V2Request(method: "SYNC", time: end)) == .done)
    #expect(!store.hasExpiringKeys)
  }

  @Test func aMemberPublishesItselfAndTheVersionIsSetThroughV2Paths() throws {
    let id = MemberID(0xef68_2e59_c713_f921)
    roster.add(MemberRecord(id: id, peerURLs: ["http://127.0.0.1:42192"]))
    let attributes = #"{"name":"m2","clientURLs":["http://127.0.0.1:42172"]}"#
    #expect(put("/0/members/ef682e59c713f921/attributes", attributes) == "done")
    #expect(roster[id]?.name == "m2" && roster[id]?.clientURLs == ["http://127.0.0.1:42172"])
    #expect(try store.get("/0/members/ef682e59c713f921/attributes").node.value == attributes)
    #expect(
      backend.get(.members, "ef682e59c713f921".bytes).map { String(utf8: $0) }
        == #"{"id":17251089335769626913,"peerURLs":["http://127.0.0.1:42192"],"name":"m2","clientURLs":["http://127.0.0.1:42172"]}"#
    )
    // The replicated request of a Go leader.
    let request = try V2Request(
      decoding: #require(
        bytes(
          hex:
            "0884989ec5fbc0a8fe4b12035055541a0a2f302f76657273696f6e2205332e342e3028003200380048005000580060006800700078 00800100"
        )))
    #expect(applier.apply(request) == .done)
    #expect(roster.version == SemanticVersion(major: 3, minor: 4))
    #expect(backend.get(.cluster, "clusterVersion".bytes) == "3.4.0".bytes)
    #expect(store.index == 3)
  }

  @Test func unknownMembersAndUnreadableValuesChangeNothing() throws {
    let before = store.save()
    #expect(put("/0/members/77/attributes", #"{"name":"x"}"#) == "done")
    #expect(put("/0/members/77/attributes", "nonsense") == "done")
    #expect(put("/0/version", "nonsense") == "done")
    #expect(store.save() == before)
    #expect(put("/1/0/members/77/attributes", "a key") == "set")
    #expect(put("/0/members/12345678901234567/attributes", "a key") == "set")
  }
}
