import Base
import Client
import Wire

// alarm. As etcd 3.4: etcdctl/ctlv3/command/alarm_command.go.

extension Command {
  static let alarm: Command = Command(
    use: "alarm <subcommand>", short: "Alarm related commands",
    commands: [
      Command(use: "disarm", short: "Disarms all alarms", run: disarm),
      Command(use: "list", short: "Lists all alarms", run: list),
    ])
}

private func list(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.isEmpty else { throw .badArguments("alarm list command accepts no arguments") }
  var reply = try invocation.reply(EtcdRPC.alarm, AlarmRequest(action: .get))
  // The original's printer shows an empty header as none.
  if reply.header == ResponseHeader() { reply.header = nil }
  try invocation.printer().alarm(reply)
}

/// One request for each alarm that is raised. As etcd 3.4: clientv3/maintenance.go, AlarmDisarm.
private func disarm(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.isEmpty else { throw .badArguments("alarm disarm command accepts no arguments") }
  let raised = try invocation.reply(EtcdRPC.alarm, AlarmRequest(action: .get)).alarms
  var disarmed = AlarmResponse()
  for alarm in raised {
    let query = AlarmRequest(action: .deactivate, memberID: alarm.memberID, alarm: alarm.alarm)
    disarmed.alarms += try invocation.reply(EtcdRPC.alarm, query).alarms
  }
  try invocation.printer().alarm(disarmed)
}
