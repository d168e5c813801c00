import Base
import Doors
import Event
import Glibc

/// `watch` and `exec-watch`: each change as a long poll, the next from the index behind it.
enum V2Watch {
  @Sendable static func run(_ run: V2Invocation) throws(V2Failure) {
    let isRecursive = run.flags.bool("recursive")
    let isForever = run.flags.bool("forever")
    try watch(run, try run.key(), isRecursive: isRecursive) { response throws(V2Failure) in
      if response.node.isDirectory { return true }
      if isRecursive { Output.line("[\(response.action)] \(response.node.key)") }
      response.show(as: run.global.text("output"))
      Output.flush()
      return isForever
    }
  }

  @Sendable static func runCommands(_ run: V2Invocation) throws(V2Failure) {
    let words = run.arguments
    guard words.count >= 2 else { throw .badArguments("key and command to exec required") }
    // Where flags were given their parser has turned the line round, and taken the `--`: then the key stands last.
    let isSeparated = words.dropFirst().contains("--")
    let key = isSeparated ? words[0] : words[words.count - 1]
    let command = isSeparated ? Array(words.dropFirst(2)) : Array(words.dropLast())
    guard !command.isEmpty else { throw .badArguments("key and command to exec required") }
    // Commands are not waited for: several may run at a time.
    signal(SIGCHLD, SIG_IGN)
    try watch(run, key, isRecursive: run.flags.bool("recursive")) { response throws(V2Failure) in
      guard !response.node.isDirectory else {
        Output.errorLine("Ignored dir \(response.node.key) change")
        return true
      }
      let variables = [
        "ETCD_WATCH_ACTION=\(response.action)", "ETCD_WATCH_MODIFIED_INDEX=\(response.node.modifiedIndex)",
        "ETCD_WATCH_KEY=\(response.node.key)", "ETCD_WATCH_VALUE=\(response.node.value)",
      ]
      if let fault = Child.launch(command, environment: variables) {
        throw V2Failure(code: .badArguments, text: fault)
      }
      return true
    }
  }

  /// - Parameter take: hears each change, and says whether there is to be another.
  private static func watch(
    _ run: V2Invocation, _ key: Argument, isRecursive: Bool, _ take: (V2Response) throws(V2Failure) -> Bool
  ) throws(V2Failure) {
    let client = try run.client()
    let interrupt = SignalWatch(run.loop, SIGINT) {
      Output.flush()
      exit(0)
    }
    defer { withExtendedLifetime(interrupt) {} }
    let after = UInt64(bitPattern: run.flags.integer("after-index"))
    var index = after > 0 ? after + 1 : 0
    while true {
      let query = V2Client.Query(
        method: "GET", path: V2Keys.path(key),
        parameters: [("recursive", "\(isRecursive)"), ("wait", "true"), ("waitIndex", "\(index)")], isWait: true
      )
      let response: V2Response
      do throws(V2Fault) {
        let reply = try client.ask(query)
        // A long poll that ends without an event is asked again.
        if reply.status == 200, reply.body.isEmpty { continue }
        response = try V2Response(reply)
      } catch { throw .error(.serverError, error) }
      index = response.node.modifiedIndex + 1
      guard try take(response) else { return }
    }
  }
}
