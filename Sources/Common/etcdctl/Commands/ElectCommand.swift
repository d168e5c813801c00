import Base
import Client
import Wire

extension Command {
  static let elect: Command = Command(
    use: "elect <election-name> [proposal]", short: "Observes and participates in leader election",
    flags: [.bool("listen", "observation mode", shorthand: "l")]
  ) { invocation throws(Failure) in
    let words = invocation.arguments
    guard words.count == 1 || words.count == 2 else {
      throw .badArguments("elect takes one election name argument and an optional proposal argument")
    }
    let listens = invocation.flags.bool("listen")
    _ = try invocation.client()
    if words.count == 1 {
      guard listens else { throw .badArguments("no proposal argument but -l not set") }
      try observe(words[0].bytes, invocation)
    } else {
      if listens { throw .badArguments("proposal given but -l is set") }
      try campaign(words[0].bytes, words[1].bytes, invocation)
    }
  }

  /// Stands for election, shows the key once elected, and resigns at a signal.
  private static func campaign(_ name: Bytes, _ value: Bytes, _ invocation: Invocation) throws(Failure) {
    let session = try Session(invocation)
    let interruption = Interruption(invocation.loop)
    var standing = Standing(invocation, name: name, session)
    do throws(Failure) {
      try standing.enter(value, interruption)
      try standing.wait(interruption)
      try standing.look(interruption, ifLost: "election: not leader")
    } catch {
      standing.leaveQuietly()
      throw error
    }
    try invocation.printer().get(try standing.pair(interruption))
    invocation.turn { interruption.isRaised || session.isExpired }
    guard interruption.isRaised else { throw Failure(.error, "elect: session expired") }
    try standing.leave()
  }

  /// Shows each leader and each value it announces until a signal comes.
  private static func observe(_ name: Bytes, _ invocation: Invocation) throws(Failure) {
    // The original makes a session here as well; it is of no use to an observer.
    let interruption = Interruption(invocation.loop)
    let printer = try invocation.printer()
    let prefix = name + [0x2F]
    while true {
      do throws(Failure) {
        guard var shown = try leader(prefix, invocation, interruption) else { return }
        try printer.get(RangeResponse(header: shown.header, kvs: shown.kvs))
        try follow(&shown, printer, invocation, interruption)
      } catch {
        if interruption.isRaised { return }
        throw Failure(.error, "elect: observer lost")
      }
      if interruption.isRaised { return }
    }
  }

  /// Who leads, or the first to come; nil when interrupted.
  private static func leader(
    _ prefix: Bytes, _ invocation: Invocation, _ interruption: Interruption
  ) throws(Failure) -> RangeResponse? {
    var reply = try invocation.reply(EtcdRPC.range, Standing.oldest(prefix), interruption)
    if !reply.kvs.isEmpty { return reply }
    let request = WatchCreateRequest(
      key: prefix, rangeEnd: KeyRange.end(ofPrefix: prefix), startRevision: reply.header?.revision ?? 0)
    let follower = try Follower(invocation, request)
    while let news = try follower.next(interruption) {
      guard let first = news.events.first(where: { $0.type == .put })?.kv else { continue }
      reply.header = news.header
      reply.header?.revision = first.modRevision
      reply.kvs = [first]
      return reply
    }
    return nil
  }

  /// Shows the values of a leader until it goes. They carry the count of the first reply, as the original's do.
  private static func follow(
    _ shown: inout RangeResponse, _ printer: any Printer, _ invocation: Invocation, _ interruption: Interruption
  ) throws(Failure) {
    guard let leader = shown.kvs.first else { return }
    let request = WatchCreateRequest(key: leader.key, startRevision: (shown.header?.revision ?? 0) + 1)
    let follower = try Follower(invocation, request)
    while let news = try follower.next(interruption) {
      for event in news.events {
        if event.type == .delete { return }
        shown.header = news.header
        shown.kvs = event.kv.map { [$0] } ?? []
        try printer.get(shown)
      }
    }
  }
}
