import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Raft
import Wire

/// Decides as leader which version the cluster agrees on: the lowest of its members', without the patch.
/// As etcd 3.4: etcdserver/server.go, monitorVersions, and etcdserver/cluster_util.go, decideClusterVersion.
final class ClusterVersion {
  private unowned let member: Member
  private var fetches: [PeerFetch] = []
  /// What the members answered in this round; one that could not be asked is missing.
  private var found: [MemberID: SemanticVersion] = [:]
  private var pending = 0
  private var nextRound = Instant(nanoseconds: 0)
  private var isProposing = false

  init(_ member: Member) { self.member = member }

  /// To be called every second or so.
  func step(now: Instant) {
    guard member.isLeader, now >= nextRound, pending == 0, !isProposing else { return }
    nextRound = now + Limits.versionInterval
    found = [member.id: PeerIdentity.version]
    let others = member.machine.roster.members.filter { $0.id != member.id }
    pending = others.count
    fetches = []
    for other in others { ask(other) }
    if pending == 0 { decide() }
  }

  /// The first entry of our term is committed: look at once.
  func becameLeader() { nextRound = Instant(nanoseconds: 0) }

  private func ask(_ other: MemberRecord) {
    guard let url = Member.urls(other.peerURLs).first else {
      pending -= 1
      return
    }
    let request = Request("GET", "/version", authority: url.authority, scheme: url.scheme.rawValue)
    fetches.append(
      PeerFetch(member.transport.dialer, url, request, timeout: .seconds(2), isRepeatable: true) {
        [unowned self] result in
        found[other.id] = Self.version(result)
        pending -= 1
        if pending == 0 { decide() }
      })
  }

  private static func version(_ result: Result<PeerFetch.Reply, PeerFetchFailure>) -> SemanticVersion? {
    guard case .success(let reply) = result, reply.status == 200,
      let json = try? JSONValue(parsing: reply.body)
    else { return nil }
    return json["etcdserver"]?.string.flatMap { SemanticVersion($0) }
  }

  private func decide() {
    guard member.isLeader else { return }
    let isComplete = found.count == member.machine.roster.members.count
    let lowest = isComplete ? found.values.min()?.clusterVersion : nil
    guard let current = member.machine.roster.version else {
      return propose(lowest ?? PeerIdentity.oldest)
    }
    if let lowest, current < lowest { propose(lowest) }
  }

  private func propose(_ version: SemanticVersion) {
    isProposing = true
    let words = member.machine.roster.version == nil ? "setting up the initial" : "updating the"
    member.log(.info, "\(words) cluster version to \(version.major).\(version.minor)")
    member.put(path: RosterPath.version, value: version.text) { [unowned self] _ in isProposing = false }
  }
}
