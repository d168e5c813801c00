import Base
import Client
import Wire

// lock, elect. As etcd 3.4: etcdctl/ctlv3/command/{lock,elect}_command.go.

extension Command {
  static let lock: Command = Command(
    use: "lock <lockname> [exec-command arg1 arg2 ...]", short: "Acquires a named lock",
    flags: [.integer("ttl", "timeout for session", standard: 10)]
  ) { invocation throws(Failure) in
    guard let name = invocation.arguments.first else {
      throw .badArguments("lock takes a lock name argument and an optional command to execute")
    }
    let session = try Session(invocation, ttl: invocation.flags.integer("ttl"))
    let interruption = Interruption(invocation.loop)
    var standing = Standing(invocation, name: name.bytes, session)
    do throws(Failure) {
      try standing.enter([], interruption)
      try standing.wait(interruption)
      try standing.look(interruption, ifLost: "mutex: session is expired")
    } catch {
      standing.leaveQuietly()
      throw error
    }
    let command = Array(invocation.arguments.dropFirst())
    if command.isEmpty {
      try hold(standing, session, interruption)
    } else {
      try run(command, standing, invocation)
    }
  }

  /// Shows the key and keeps it until a signal comes.
  private static func hold(
    _ standing: Standing, _ session: Session, _ interruption: Interruption
  ) throws(Failure) {
    let reply = try standing.pair(interruption)
    if reply.kvs.isEmpty { throw Failure(.error, "lock lost on init") }
    try standing.invocation.printer().get(reply)
    standing.invocation.turn { interruption.isRaised || session.isExpired }
    guard interruption.isRaised else { throw Failure(.error, "session expired") }
    try standing.leave()
  }

  /// Runs a command while the lock is held. A signal reaches the command only if it was sent to it, too.
  private static func run(
    _ command: [Argument], _ standing: Standing, _ invocation: Invocation
  ) throws(Failure) {
    let fault = Child.run(
      command, on: invocation.loop,
      environment: [
        ("ETCD_LOCK_KEY", standing.key), ("ETCD_LOCK_REV", "\(standing.header.revision)".bytes),
      ])
    if let fault {
      standing.leaveQuietly()
      throw Failure(.error, fault)
    }
    try standing.leave()
  }
}
