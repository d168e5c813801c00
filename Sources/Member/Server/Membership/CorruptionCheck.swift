import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Wire

/// Compares this member's keys with those of the others, by the hash at one revision: as leader from time to time, and
/// before a restarted member serves anybody. As etcd 3.4: etcdserver/corrupt.go.
final class CorruptionCheck {
  private unowned let member: Member
  private var nextLook: Instant?
  private var fetches: [PeerFetch] = []
  private var pending = 0
  /// The newest revision as of the round before. That one is compared: others that follow a little behind, for good where
  /// their data is not the same, have reached it.
  private var formerRevision: Int64 = 0

  init(_ member: Member) { self.member = member }

  /// To be called every second or so.
  func step(now: Instant) {
    let interval = member.settings.corruptCheckTime
    guard interval > .zero else { return }
    guard let due = nextLook else { return nextLook = now + interval }
    guard now >= due, pending == 0 else { return }
    nextLook = now + interval
    if member.isLeader { begin() }
  }

  private func begin() {
    let store = member.machine.store
    let revision = formerRevision > store.compactRevision ? formerRevision : 0
    formerRevision = store.currentRevision
    let computation: HashComputation
    do throws(RPCStatus) { computation = try HashComputation(store: store, revision: revision) } catch {
      return
    }
    pending = 1
    member.hashes.append(
      HashWork(computation, member) { [unowned self] result in
        pending -= 1
        if case .success(let own) = result { ask(own) }
      })
  }

  private func ask(_ own: KVHash) {
    fetches = []
    for other in member.machine.roster.members where other.id != member.id {
      guard let url = Member.urls(other.peerURLs).first else { continue }
      pending += 1
      fetches.append(
        PeerFetch(
          member.transport.dialer, url, Self.question(url, revision: own.hashRevision),
          timeout: member.requestTimeout, isRepeatable: true
        ) { [unowned self] result in
          pending -= 1
          guard case .success(let reply) = result, let found = PeerHash(reply) else { return }
          compare(own, found, other.id)
        })
    }
  }

  private func compare(_ own: KVHash, _ found: PeerHash, _ other: MemberID) {
    guard found.differs(from: own) else { return }
    member.log(
      .error,
      "\(member.id.hex)'s hash \(own.hash) != \(other.hex)'s hash \(found.hash) at revision \(own.hashRevision), "
        + "compacted at \(own.compactRevision): the members do not hold the same data")
    // Nobody can tell which of the two is wrong, so the alarm names no member. As etcd 3.4.23.
    member.proposeQuietly(.alarm(AlarmRequest(action: .activate, memberID: 0, alarm: .corrupt)))
  }

  static func question(_ url: EndpointURL, revision: Int64) -> Request {
    Request(
      "GET", "/members/hashkv", authority: url.authority, scheme: url.scheme.rawValue,
      body: .bytes("{\"revision\":\(revision)}".bytes))
  }
}

/// The hash that another member answers.
struct PeerHash {
  var hash: UInt32
  var compactRevision: Int64

  /// Nil where the reply holds none: the revision is compacted or in the future there, and nothing can be compared.
  init?(_ reply: PeerFetch.Reply) {
    guard reply.status == 200, let json = try? JSONValue(parsing: reply.body),
      let hash = json["hash"]?.uint64.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    self.hash = hash
    compactRevision = json["compact_revision"]?.int64 ?? 0
  }

  /// Only hashes behind the same compaction can be compared.
  func differs(from own: KVHash) -> Bool { compactRevision == own.compactRevision && hash != own.hash }
}
