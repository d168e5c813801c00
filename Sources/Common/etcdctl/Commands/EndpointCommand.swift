import Base
import Client
import Event
import Storage
import Wire

// endpoint, defrag, move-leader. As etcd 3.4: etcdctl/ctlv3/command/{ep,defrag,move_leader}_command.go.

private let clusterFlag = Flag.bool("cluster", "use all endpoints from the cluster member list")

extension Command {
  static let endpoint: Command = Command(
    use: "endpoint <subcommand>", short: "Endpoint related commands", persistentFlags: [clusterFlag],
    commands: [
      Command(
        use: "health", short: "Checks the healthiness of endpoints specified in `--endpoints` flag",
        run: endpointHealth),
      Command(
        use: "status", short: "Prints out the status of endpoints specified in `--endpoints` flag",
        long:
          "When --write-out is set to simple, this command prints out comma-separated status lists for each "
          + "endpoint.\nThe items in the lists are endpoint, ID, version, db size, is leader, is learner, raft "
          + "term, raft index, raft applied index, errors.", run: endpointStatus),
      Command(
        use: "hashkv", short: "Prints the KV history hash for each endpoint in --endpoints",
        persistentFlags: [.integer("rev", "maximum revision to hash (default: all revisions)")],
        run: endpointHashKV),
    ])

  static let defrag: Command = Command(
    use: "defrag", short: "Defragments the storage of the etcd members with given endpoints",
    flags: [
      .text("data-dir", "Optional. If present, defragments a data directory not in use by etcd.")
    ], persistentFlags: [clusterFlag], run: runDefrag)

  static let moveLeader: Command = Command(
    use: "move-leader <transferee-member-id>",
    short: "Transfers leadership to another etcd cluster member.", run: runMoveLeader)
}

/// The endpoints that were named, or with `--cluster` those of all members.
private func targets(_ invocation: Invocation) throws(Failure) -> [String] {
  guard invocation.flags.bool("cluster") else { return try invocation.endpoints() }
  // Listing members needs no user; a password is not asked for in vain.
  let client = try invocation.client(for: invocation.endpoints(), signsIn: false)
  let query = MemberListRequest(linearizable: true)
  switch try invocation.call(EtcdRPC.memberList, query, on: client, deadline: invocation.deadline) {
  case .success(let reply): return reply.members.flatMap(\.clientURLs)
  case .failure(let failure):
    throw Failure(.error, "failed to fetch endpoints from etcd cluster member list: \(failure)")
  }
}

/// Calls each endpoint in turn; `failed` says which did not answer and why.
private func callEach<Query, Reply>(
  _ invocation: Invocation, _ unary: Unary<Query, Reply>, _ query: Query,
  failed: (_ endpoint: String, _ failure: RPCFailure) -> Void
) throws(Failure) -> [(endpoint: String, reply: Reply)] {
  var replies: [(endpoint: String, reply: Reply)] = []
  _ = try invocation.printer()
  for endpoint in try targets(invocation) {
    let client = try invocation.client(for: [endpoint])
    switch try invocation.call(unary, query, on: client, deadline: invocation.deadline) {
    case .success(let reply): replies.append((endpoint, reply))
    case .failure(let failure): failed(endpoint, failure)
    }
  }
  return replies
}

private func endpointStatus(_ invocation: Invocation) throws(Failure) {
  var hasFailed = false
  let replies = try callEach(invocation, EtcdRPC.status, StatusRequest()) { endpoint, failure in
    hasFailed = true
    Output.errorLine("Failed to get the status of endpoint \(endpoint) (\(failure))")
  }
  try invocation.printer().status(replies)
  if hasFailed { throw .reported }
}

private func endpointHashKV(_ invocation: Invocation) throws(Failure) {
  var last: RPCFailure?
  let query = HashKVRequest(revision: invocation.flags.integer("rev"))
  let replies = try callEach(invocation, EtcdRPC.hashKV, query) { endpoint, failure in
    last = failure
    Output.errorLine("Failed to get the hash of endpoint \(endpoint) (\(failure))")
  }
  try invocation.printer().hashKV(replies)
  if let last { throw Failure(.error, last.description) }
}

/// All at once, printed as they answer. A refused permission is healthy, too: a quorum has agreed on it.
private func endpointHealth(_ invocation: Invocation) throws(Failure) {
  let printer = try invocation.printer()
  let endpoints = try targets(invocation)
  var clients: [Client] = []
  for endpoint in endpoints { clients.append(try invocation.client(for: [endpoint])) }
  let loop = invocation.loop
  let deadline = invocation.deadline
  var list: [EndpointHealth] = []
  for (endpoint, client) in zip(endpoints, clients) {
    let start = loop.now
    client.call(EtcdRPC.range, RangeRequest(key: "health".bytes), deadline: deadline) { result in
      var health = EndpointHealth(endpoint: endpoint, isHealthy: true, took: GoDuration.text(loop.now - start))
      if case .failure(let failure) = result, !failure.means(.permissionDenied) {
        health.isHealthy = false
        health.error = failure.description
      }
      list.append(health)
    }
  }
  while list.count < endpoints.count { loop.turn(waits: true) }
  try printer.health(list)
  if list.contains(where: { !$0.error.isEmpty }) { throw Failure(.error, "unhealthy cluster") }
}

private func runDefrag(_ invocation: Invocation) throws(Failure) {
  let directory = invocation.flags.text("data-dir")
  if !directory.isEmpty {
    do throws(BackendError) { try OfflineStore.defragment(DataDirectory(directory).snap + "/db") } catch {
      Output.errorLine("Failed to defragment etcd data[\(directory)] (\(error))")
      throw .reported
    }
    return
  }
  var hasFailed = false
  for endpoint in try targets(invocation) {
    let client = try invocation.client(for: [endpoint])
    let result = try invocation.call(
      EtcdRPC.defragment, DefragmentRequest(), on: client, deadline: invocation.deadline)
    switch result {
    case .success: Output.line("Finished defragmenting etcd member[\(endpoint)]")
    case .failure(let failure):
      hasFailed = true
      Output.errorLine("Failed to defragment etcd member[\(endpoint)] (\(failure))")
    }
  }
  if hasFailed { throw .reported }
}

private func runMoveLeader(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count == 1 else { throw .badArguments("move-leader command needs 1 argument") }
  let target: UInt64
  do throws(GoNumber.Failure) { target = try GoNumber.uint64(invocation.arguments[0].text, base: 16) } catch {
    throw .badArguments(error.text)
  }
  let printer = try invocation.printer()
  let endpoints = try invocation.endpoints()
  let deadline = invocation.deadline
  for endpoint in endpoints {
    let client = try invocation.client(for: [endpoint])
    let status = try success(invocation.call(EtcdRPC.status, StatusRequest(), on: client, deadline: deadline))
    guard status.header?.memberID == status.leader else { continue }
    let query = MoveLeaderRequest(targetID: target)
    let reply = try success(invocation.call(EtcdRPC.moveLeader, query, on: client, deadline: deadline))
    return try printer.moveLeader(from: status.leader, to: target, reply)
  }
  throw .badArguments("no leader endpoint given at [\(endpoints.joined(separator: " "))]")
}

private func success<Reply>(_ result: Result<Reply, RPCFailure>) throws(Failure) -> Reply {
  switch result {
  case .success(let reply): return reply
  case .failure(let failure): throw Failure(.error, failure.description)
  }
}
