import Base
import Client
import Event
import Wire

/// Makes room in a cluster, and tells each step.
func recoverSpace(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.isEmpty else { throw .badArguments("space recover command accepts no arguments") }
  guard try invocation.printer() is SimplePrinter else {
    throw Failure(.badFeature, "\(try invocation.printer().name) not supported as output format")
  }
  try SpaceRecovery(invocation).run()
}

private final class SpaceRecovery {
  private let invocation: Invocation
  private let isDry: Bool
  /// Members whose file was rewritten, with what it takes now.
  private var done: [UInt64: StatusResponse] = [:]
  private var hasFailed = false

  init(_ invocation: Invocation) {
    self.invocation = invocation
    isDry = invocation.flags.bool("dry-run")
  }

  func run() throws(Failure) {
    let places = try ClusterPlaces.find(invocation)
    try compact()
    // A leader that is busy with its file would hold up the others' work.
    for place in places.filter({ !$0.isLeader }) + places.filter(\.isLeader) { try defragment(place) }
    try disarm(places)
    if hasFailed { throw .reported }
  }

  /// Work on a whole store has no end set, unless one was asked for.
  private var deadline: Instant? {
    invocation.flags.isChanged("command-timeout") ? invocation.deadline : nil
  }

  private func fail(_ text: String) {
    hasFailed = true
    Output.errorLine(text)
  }

  private func compact() throws(Failure) {
    let query = RangeRequest(key: [0], keysOnly: true)
    let revision = try invocation.reply(EtcdRPC.range, query).header?.revision ?? 0
    if isDry { return Output.line("would compact at revision \(revision)") }
    let request = CompactionRequest(revision: revision, physical: true)
    switch try invocation.call(EtcdRPC.compact, request, deadline: deadline) {
    case .success: Output.line("compacted at revision \(revision)")
    case .failure(let failure) where failure.means(.compacted):
      Output.line("revision \(revision) was compacted before")
    case .failure(let failure): throw Failure(.error, "failed to compact at revision \(revision) (\(failure))")
    }
    Output.flush()
  }

  private func defragment(_ place: ClusterPlaces.Place) throws(Failure) {
    guard let (endpoint, before) = place.answer else {
      return fail("Failed to defragment etcd member[\(place.endpoint)] (\(place.problem))")
    }
    let size = "\(sizeText(before.dbSize)), \(sizeText(before.dbSizeInUse)) in use"
    if isDry { return Output.line("would defragment \(endpoint): \(size)") }
    let client = try invocation.client(for: [endpoint])
    let result = try invocation.call(EtcdRPC.defragment, DefragmentRequest(), on: client, deadline: deadline)
    guard case .success = result, case .success(let after) = try ClusterPlaces.status(invocation, endpoint)
    else {
      if case .failure(let failure) = result {
        return fail("Failed to defragment etcd member[\(endpoint)] (\(failure))")
      }
      return fail("etcd member[\(endpoint)] was defragmented and does not answer since")
    }
    done[place.member.id] = after
    Output.line("defragmented \(endpoint): \(size); now \(sizeText(after.dbSize))")
    Output.flush()
  }

  private func disarm(_ places: [ClusterPlaces.Place]) throws(Failure) {
    let raised = try invocation.reply(EtcdRPC.alarm, AlarmRequest(action: .get)).alarms
    let alarms = raised.filter { $0.alarm == .nospace }
    if alarms.isEmpty { return Output.line("no NOSPACE alarm is raised") }
    for alarm in alarms {
      let id = hexText(alarm.memberID)
      if isDry {
        Output.line("would disarm the NOSPACE alarm of member \(id)")
        continue
      }
      if let objection = try objection(to: alarm.memberID, places) {
        fail("the NOSPACE alarm of member \(id) stays: \(objection)")
        continue
      }
      let query = AlarmRequest(action: .deactivate, memberID: alarm.memberID, alarm: alarm.alarm)
      _ = try invocation.reply(EtcdRPC.alarm, query)
      Output.line("disarmed the NOSPACE alarm of member \(id)")
    }
  }

  /// Why an alarm would only come back.
  private func objection(to id: UInt64, _ places: [ClusterPlaces.Place]) throws(Failure) -> String? {
    // An alarm may outlive its member.
    guard let place = places.first(where: { $0.member.id == id }) else { return nil }
    guard let status = done[id] else { return "the member was not defragmented" }
    guard let quota = try ClusterPlaces.quota(invocation, place.endpoint), quota > 0, status.dbSize >= quota
    else { return nil }
    return
      "\(sizeText(status.dbSize)) still reach its quota of \(sizeText(quota)); delete keys or raise the quota"
  }
}
