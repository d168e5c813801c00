import Base
import Doors
import Event
import Machine
import Raft
import Storage
import Wire

/// Maintenance RPCs. As etcd 3.4: etcdserver/api/v3rpc/maintenance.go.
final class MaintenanceService: Service {
  static let name = "etcdserverpb.Maintenance"
  private unowned let member: Member
  /// Calls that wait for the defragmentation under way.
  private var defragmenting: [Call] = []
  private var defragmentBegan = Instant(nanoseconds: 0)

  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    try authorize(call)
    switch call.method.name {
    case "Status": status(call)
    case "Alarm": try alarm(decode(AlarmRequest.self, bytes), call)
    case "Defragment": defragment(call)
    case "Hash": hash(call)
    case "HashKV": try hashKV(decode(HashKVRequest.self, bytes), call)
    case "Snapshot": snapshot(call)
    case "MoveLeader": try moveLeader(decode(MoveLeaderRequest.self, bytes), call)
    default:
      throw RPCStatus(
        .unimplemented, "etcdserver: \(call.method.name) is not built yet")
    }
  }

  func gone(_ call: Call) {
    (call.state as? SnapshotSending)?.isCancelled = true
    defragmenting.removeAll { $0 === call }
  }

  func drained(_ call: Call) { (call.state as? SnapshotSending)?.send(call, member.loop) }

  /// Who is known may look at the state, root may do the rest. As etcd 3.4.45: authMaintenanceServer; but with the codes
  /// of the table for all refusals, and with Status for everyone known, as later versions have it.
  private func authorize(_ call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "Status": try member.requireUser(call)
    case "Alarm": break
    default: try member.requireAdmin(call)
    }
  }

  // MARK: Status and alarms

  private func status(_ call: Call) {
    var reply = StatusResponse()
    reply.header = member.header()
    reply.version = etcdVersion
    reply.dbSize = member.backend.sizeBytes
    reply.dbSizeInUse = member.backend.sizeInUseBytes
    reply.leader = member.node.lead
    reply.raftIndex = member.node.committedIndex
    reply.raftAppliedIndex = member.node.appliedIndex
    reply.raftTerm = member.node.hardState.term
    reply.isLearner = member.isLearner
    if member.node.lead == 0 { reply.errors.append(RPCStatus.noLeader.message) }
    for alarm in member.machine.alarms.active() {
      // As Go prints the message, blank at the end included.
      reply.errors.append(
        "memberID:\(alarm.memberID) alarm:\(alarm.alarm == .nospace ? "NOSPACE" : "CORRUPT") ")
    }
    call.reply(reply)
  }

  private func alarm(_ request: AlarmRequest, _ call: Call) throws(RPCStatus) {
    if request.action == .get { try member.requireUser(call) } else { try member.requireAdmin(call) }
    try member.propose(.alarm(request), for: call)
  }

  // MARK: Defragmentation

  /// Rewrites the store beside the running one. Writes go on; calls that come meanwhile share the result.
  private func defragment(_ call: Call) {
    defragmenting.append(call)
    guard member.backend.beginDefragment() else { return }
    defragmentBegan = member.loop.now
    member.metrics.defragmentsUnderWay = 1
    member.log(.notice, "starting to defragment the storage backend...")
  }

  func defragmentProgress() {
    guard let result = member.backend.takeDefragmentResult() else { return }
    let calls = defragmenting
    defragmenting = []
    member.metrics.defragmentsUnderWay = 0
    member.metrics.backendDefragment.observe(member.loop.now - defragmentBegan)
    switch result {
    case .success:
      member.log(.notice, "finished defragmenting the storage backend")
      for call in calls { call.reply(DefragmentResponse()) }
    case .failure(let error):
      member.log(.error, "failed to defragment the storage backend (\(error))")
      for call in calls { call.fail(.unmapped("\(error)")) }
    }
  }

  // MARK: Hashes

  /// The hash over the whole store, on a thread of its own: it reads everything.
  private func hash(_ call: Call) {
    member.whenDurable { [unowned member] in
      let view = Handed(member.backend.frozenView())
      let waiting = Handed(call)
      let errands = member.errands
      let revision = member.machine.store.currentRevision
      let began = member.loop.now
      _ = Base.Thread(name: "etcd-hash") {
        let hash = StoreHash.maintenance(view.value)
        errands.post { member in
          member.metrics.hash.observe(member.loop.now - began)
          var reply = HashResponse()
          reply.header = member.filled(ResponseHeader(revision: revision))
          reply.hash = hash
          waiting.value.reply(reply)
        }
      }
    }
  }

  private func hashKV(_ request: HashKVRequest, _ call: Call) throws(RPCStatus) {
    let computation = try HashComputation(store: member.machine.store, revision: request.revision)
    member.hashes.append(
      HashWork(computation, member, isVoid: { call.isAnswered }) { [unowned member] result in
        switch result {
        case .success(let hash):
          var reply = HashKVResponse()
          reply.header = member.filled(ResponseHeader(revision: hash.currentRevision))
          reply.hash = hash.hash
          reply.compactRevision = hash.compactRevision
          call.reply(reply)
        case .failure(let status): call.fail(status)
        }
      })
  }

  // MARK: Snapshot

  private func snapshot(_ call: Call) {
    member.whenDurable { [unowned member] in
      guard !call.isAnswered else { return }
      let sending = SnapshotSending(member.backend.frozenView(), member)
      call.state = sending
      sending.send(call, member.loop)
    }
  }

  // MARK: Leadership

  private func moveLeader(_ request: MoveLeaderRequest, _ call: Call) throws(RPCStatus) {
    guard member.isLeader else { throw .notLeader }
    let target = MemberID(request.targetID)
    guard let record = member.machine.roster[target], !record.isLearner else { throw .badLeaderTransferee }
    if target == member.id { return call.reply(MoveLeaderResponse()) }
    member.transferLeadership(to: target) { isDone in
      if isDone { return call.reply(MoveLeaderResponse()) }
      // As etcd 3.4, whose table of codes does not hold this error.
      call.fail(.unmapped("etcdserver: request timed out, leader transfer took too long"))
    }
  }
}
