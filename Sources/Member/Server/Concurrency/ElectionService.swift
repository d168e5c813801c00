import Base
import HTTP
import Machine
import Wire

/// Elections for clients that bring no code of their own for it. As etcd 3.4: etcdserver/api/v3election/election.go.
final class ElectionService: Service {
  static let name = "v3electionpb.Election"
  private unowned let member: Member
  private var desk: ConcurrencyDesk { member.concurrency }
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "Campaign":
      let request = try decode(CampaignRequest.self, bytes)
      desk.begin(Contender(.campaign(request.value), name: request.name, lease: request.lease), for: call)
    case "Proclaim": try proclaim(decode(ProclaimRequest.self, bytes), call)
    case "Leader": leader(try decode(LeaderRequest.self, bytes), call)
    case "Observe": observe(try decode(LeaderRequest.self, bytes), call)
    case "Resign": try resign(decode(ResignRequest.self, bytes), call)
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  func gone(_ call: Call) {
    if let observation = call.state as? Observation { return observation.gone() }
    desk.gone(call)
  }

  func drained(_ call: Call) { (call.state as? Observation)?.drained() }

  // MARK: Leaders

  /// A new value for the leader's key. Without a lease the key gets one of 60 seconds, as in 3.4.
  private func proclaim(_ request: ProclaimRequest, _ call: Call) throws(RPCStatus) {
    guard let leader = request.leader else { throw .leaderMissing }
    if leader.lease != 0 { return proclaim(request.value, leader, lease: leader.lease, call) }
    desk.grantLease(Contention.sessionSeconds, for: call) { [self] lease, failure in
      if let failure { return call.fail(Contention.inner(failure)) }
      proclaim(request.value, leader, lease: lease, call)
    }
  }

  private func proclaim(_ value: Bytes, _ leader: LeaderKey, lease: Int64, _ call: Call) {
    let txn = Contention.proclamation(key: leader.key, revision: leader.rev, value: value, lease: lease)
    desk.propose(txn, for: call) { response, header, failure in
      if let failure { return call.fail(Contention.inner(failure)) }
      guard response.succeeded else { return call.fail(.electionNotLeader) }
      call.reply(ProclaimResponse(header: header))
    }
  }

  /// The leader steps down. A key that is not the leader's any more is fine.
  private func resign(_ request: ResignRequest, _ call: Call) throws(RPCStatus) {
    guard let leader = request.leader else { throw .leaderMissing }
    desk.propose(Contention.removal(key: leader.key, revision: leader.rev), for: call) { _, header, failure in
      if let failure { return call.fail(Contention.inner(failure)) }
      call.reply(ResignResponse(header: header))
    }
  }

  private func leader(_ request: LeaderRequest, _ call: Call) {
    desk.findOldest(request.name, for: call) { leader, header, failure in
      if let failure { return call.fail(Contention.inner(failure)) }
      guard let leader else { return call.fail(.electionNoLeader) }
      call.reply(LeaderResponse(header: header, kv: leader))
    }
  }

  private func observe(_ request: LeaderRequest, _ call: Call) {
    let observation = Observation(Observer(name: request.name), call, member)
    call.state = observation
    observation.start()
  }
}

/// An Observe call and its watch: carries out what its `Observer` says.
private final class Observation {
  private var observer: Observer
  private unowned let call: Call
  private unowned let member: Member
  private var watch: Int64?

  init(_ observer: Observer, _ call: Call, _ member: Member) {
    self.observer = observer
    self.call = call
    self.member = member
  }

  func start() { perform(observer.start()) }
  func gone() { perform(observer.callerGone()) }
  func drained() { perform(observer.drained()) }

  private func perform(_ effects: [Observer.Effect]) {
    for effect in effects {
      switch effect {
      case .read: read()
      case .watch(let key, let end, let from, let putsOnly): watch(key, end, from, putsOnly)
      case .unwatch: unwatch()
      case .send(let response): call.send(response)
      case .refuse(let status): call.fail(status)
      }
    }
  }

  private func read() {
    member.concurrency.findOldest(observer.name, for: call) { [self, call] leader, header, failure in
      if call.isAnswered { return }
      if let failure { return perform(observer.failed(failure)) }
      perform(observer.leaderRead(leader, header: header))
    }
  }

  private func watch(_ key: Bytes, _ end: Bytes, _ from: Int64, _ putsOnly: Bool) {
    unwatch()
    watch = member.concurrency.subscriptions.watch(key, end, from: from, options: putsOnly ? .noDeletes : []) {
      [weak self] event in self?.received(event)
    }
  }

  private func unwatch() {
    if let watch { member.concurrency.subscriptions.cancel(watch) }
    watch = nil
  }

  private func received(_ event: Subscriptions.Event) {
    guard case .changes(let changes, let revision) = event else {
      watch = nil
      return perform(observer.watchLost())
    }
    // A watch that takes this one's place begins behind the change that brought it.
    let current = watch
    for change in changes where watch == current {
      guard let pair = try? KeyValue(decoding: change.record) else { broken("a change without its record") }
      // As etcd 3.4: the first leader comes with the revision that made it, later values with that of the watch.
      let header = member.filled(ResponseHeader(revision: observer.isAwaiting ? pair.modRevision : revision))
      perform(
        observer.changed(pair, isDelete: change.isDelete, header: header, hasRoom: call.exchange.canSend))
    }
  }
}
