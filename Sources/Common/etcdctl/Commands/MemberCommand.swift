import Base
import Client
import Wire

// member. As etcd 3.4: etcdctl/ctlv3/command/member_command.go.

extension Command {
  static let member: Command = Command(
    use: "member <subcommand>", short: "Membership related commands",
    commands: [
      Command(
        use: "add <memberName> [options]", short: "Adds a member into the cluster",
        flags: [
          .text("peer-urls", "comma separated peer URLs for the new member."),
          .bool("learner", "indicates if the new member is raft learner"),
        ], run: add),
      Command(use: "remove <memberID>", short: "Removes a member from the cluster", run: remove),
      Command(
        use: "update <memberID> [options]", short: "Updates a member in the cluster",
        flags: [.text("peer-urls", "comma separated peer URLs for the updated member.")], run: update),
      Command(
        use: "list", short: "Lists all members in the cluster",
        long:
          "When --write-out is set to simple, this command prints out comma-separated member lists for each "
          + "endpoint.\nThe items in the lists are ID, Status, Name, Peer Addrs, Client Addrs, Is Learner.",
        run: list),
      Command(
        use: "promote <memberID>", short: "Promotes a non-voting member in the cluster",
        long: "Promotes a non-voting learner member to a voting one in the cluster.", run: promote),
    ])
}

private func memberID(_ invocation: Invocation) throws(Failure) -> UInt64 {
  guard invocation.arguments.count == 1 else { throw .badArguments("member ID is not provided") }
  do throws(GoNumber.Failure) { return try GoNumber.uint64(invocation.arguments[0].text, base: 16) } catch {
    throw .badArguments("bad member ID arg (\(error.text)), expecting ID in Hex")
  }
}

private func peerURLs(_ invocation: Invocation) throws(Failure) -> [String] {
  let text = invocation.flags.text("peer-urls")
  if text.isEmpty { throw .badArguments("member peer urls not provided") }
  do throws(EndpointURL.Failure) { _ = try EndpointURL.list(parsing: text) } catch {
    throw Failure(.error, error.text)
  }
  return text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
}

private func list(_ invocation: Invocation) throws(Failure) {
  let reply = try invocation.reply(EtcdRPC.memberList, MemberListRequest())
  try invocation.printer().memberList(reply)
}

private func add(_ invocation: Invocation) throws(Failure) {
  guard let name = invocation.arguments.first?.text else { throw .badArguments("member name not provided") }
  if invocation.arguments.count > 1 {
    let hints = invocation.arguments.map(\.text).filter { $0.lowercased().hasPrefix("http") }
    throw .badArguments("too many arguments" + hints.map { ", did you mean --peer-urls=\($0)" }.joined())
  }
  let query = MemberAddRequest(peerURLs: try peerURLs(invocation), isLearner: invocation.flags.bool("learner"))
  let reply = try invocation.reply(EtcdRPC.memberAdd, query)
  let printer = try invocation.printer()
  try printer.memberAdd(reply)
  guard printer is SimplePrinter else { return }
  let cluster = reply.members.flatMap { member in
    let name = member.id == reply.member?.id ? name : member.name
    return member.peerURLs.map { "\(name)=\($0)" }
  }
  Output.line("\nETCD_NAME=\(goQuoted(name))")
  Output.line("ETCD_INITIAL_CLUSTER=\(goQuoted(cluster.joined(separator: ",")))")
  Output.line("ETCD_INITIAL_ADVERTISE_PEER_URLS=\(goQuoted(invocation.flags.text("peer-urls")))")
  Output.line("ETCD_INITIAL_CLUSTER_STATE=\"existing\"")
}

private func remove(_ invocation: Invocation) throws(Failure) {
  let id = try memberID(invocation)
  let reply = try invocation.reply(EtcdRPC.memberRemove, MemberRemoveRequest(id: id))
  try invocation.printer().memberRemove(id, reply)
}

private func update(_ invocation: Invocation) throws(Failure) {
  let id = try memberID(invocation)
  let query = MemberUpdateRequest(id: id, peerURLs: try peerURLs(invocation))
  let reply = try invocation.reply(EtcdRPC.memberUpdate, query)
  try invocation.printer().memberUpdate(id, reply)
}

private func promote(_ invocation: Invocation) throws(Failure) {
  let id = try memberID(invocation)
  let reply = try invocation.reply(EtcdRPC.memberPromote, MemberPromoteRequest(id: id))
  try invocation.printer().memberPromote(id, reply)
}
