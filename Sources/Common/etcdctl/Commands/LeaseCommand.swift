import Base
import Client
import Event
import Wire

// lease. As etcd 3.4: etcdctl/ctlv3/command/lease_command.go.

extension Command {
  static let lease: Command = Command(
    use: "lease <subcommand>", short: "Lease related commands",
    commands: [
      Command(use: "grant <ttl>", short: "Creates leases", run: grant),
      Command(use: "revoke <leaseID>", short: "Revokes leases", run: revoke),
      Command(
        use: "timetolive <leaseID> [options]", short: "Get lease information",
        flags: [.bool("keys", "Get keys attached to this lease")], run: timeToLive),
      Command(use: "list", short: "List all active leases", run: list),
      Command(
        use: "keep-alive [options] <leaseID>", short: "Keeps leases alive (renew)",
        flags: [
          .bool("once", "Resets the keep-alive time to its original value and exits immediately")
        ], run: keepAlive),
    ])
}

private func leaseID(_ word: Argument) throws(Failure) -> Int64 {
  do throws(GoNumber.Failure) { return try GoNumber.int64(word.text, base: 16) } catch {
    throw .badArguments("bad lease ID arg (\(error.text)), expecting ID in Hex")
  }
}

private func only(_ invocation: Invocation, _ usage: String) throws(Failure) -> Argument {
  guard invocation.arguments.count == 1 else { throw .badArguments(usage) }
  return invocation.arguments[0]
}

private func grant(_ invocation: Invocation) throws(Failure) {
  let word = try only(invocation, "lease grant command needs TTL argument")
  let ttl: Int64
  do throws(GoNumber.Failure) { ttl = try GoNumber.int64(word.text, base: 10) } catch {
    throw .badArguments("bad TTL (\(error.text))")
  }
  _ = try invocation.client()
  let query = LeaseGrantRequest(ttl: ttl)
  switch try invocation.call(EtcdRPC.leaseGrant, query, deadline: invocation.deadline) {
  case .success(let reply): try invocation.printer().grant(reply)
  case .failure(let failure): throw Failure(.error, "failed to grant lease (\(failure))")
  }
}

private func revoke(_ invocation: Invocation) throws(Failure) {
  let id = try leaseID(only(invocation, "lease revoke command needs 1 argument"))
  _ = try invocation.client()
  switch try invocation.call(EtcdRPC.leaseRevoke, LeaseRevokeRequest(id: id), deadline: invocation.deadline) {
  case .success(let reply): try invocation.printer().revoke(id, reply)
  case .failure(let failure): throw Failure(.error, "failed to revoke lease (\(failure))")
  }
}

private func timeToLive(_ invocation: Invocation) throws(Failure) {
  let id = try leaseID(only(invocation, "lease timetolive command needs lease ID as argument"))
  let keys = invocation.flags.bool("keys")
  let query = LeaseTimeToLiveRequest(id: id, keys: keys)
  let reply = try invocation.reply(EtcdRPC.leaseTimeToLive, query, code: .badConnection, isTimed: false)
  try invocation.printer().timeToLive(reply, keys: keys)
}

private func list(_ invocation: Invocation) throws(Failure) {
  let reply = try invocation.reply(
    EtcdRPC.leaseLeases, LeaseLeasesRequest(), code: .badConnection, isTimed: false)
  try invocation.printer().leases(reply)
}

private func keepAlive(_ invocation: Invocation) throws(Failure) {
  let id = try leaseID(only(invocation, "lease keep-alive command needs lease ID as argument"))
  let printer = try invocation.printer()
  let client = try invocation.client()
  if invocation.flags.bool("once") {
    switch invocation.wait({ LeaseKeeper.once(client, id, $0) }) {
    case .success(let reply): return try printer.keepAlive(reply)
    case .failure(let failure): throw Failure(.badConnection, failure.description)
    }
  }
  var replies: [LeaseKeepAliveResponse] = []
  var isOver = false
  let keeper = LeaseKeeper(client, id, onReply: { replies.append($0) }, onEnd: { isOver = true })
  while true {
    for reply in replies { try printer.keepAlive(reply) }
    replies = []
    Output.flush()
    if isOver { break }
    invocation.loop.turn(waits: true)
  }
  withExtendedLifetime(keeper) {}
  if printer is SimplePrinter { Output.line("lease \(leaseText(id)) expired or revoked.") }
}
