import Base
import Client
import Event
import Glibc
import Wire

// watch. As etcd 3.4: etcdctl/ctlv3/command/watch_command.go.

extension Command {
  static let watch: Command = Command(
    use: "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
    short: "Watches events stream on keys or prefixes",
    flags: [
      .bool("interactive", "Interactive mode", shorthand: "i"),
      .bool("prefix", "Watch on a prefix if prefix is set"),
      .integer("rev", "Revision to start watching"),
      .bool("prev-kv", "get the previous key-value pair before the event happens"),
      .bool("progress-notify", "get told now and then how far the watch is, also without events"),
    ]
  ) { invocation throws(Failure) in
    let key = getenv("ETCDCTL_WATCH_KEY").map { Argument(String(cString: $0)) }
    let end = getenv("ETCDCTL_WATCH_RANGE_END").map { Argument(String(cString: $0)) }
    if key == nil, let end {
      throw .badArguments(
        "ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END=\(goQuoted(end.text))")
    }
    let given = [key, end].compactMap { $0 }
    if invocation.flags.bool("interactive") {
      try Watcher(invocation).converse(given)
    } else {
      let words = try WatchWords(line: invocation.words, arguments: invocation.arguments, environment: given)
      try Watcher(invocation).watch(words, invocation.flags)
    }
  }
}

/// What `watch` was told: what to watch, and the command to run for each event.
struct WatchWords: Equatable {
  var range: [Argument] = []
  var command: [Argument] = []

  /// `line` is all words from the program's on, `arguments` those that are no flags, `environment` the key and the
  /// range's end by variables; a key may not come both ways.
  init(line: [Argument], arguments: [Argument], environment: [Argument]) throws(Failure) {
    let name = line.firstIndex { $0.text == "watch" }.map { $0 + 1 } ?? 0
    let rest = line[name...]
    if let mark = rest.firstIndex(of: "--") {
      command = Array(rest[(mark + 1)...])
      if command.isEmpty {
        throw .badArguments("bad number of arguments (found separator --, but no commands)")
      }
    } else if rest.isEmpty, environment.isEmpty {
      throw .badArguments("bad number of arguments")
    }
    range = Array(arguments.dropLast(command.count))
    if !environment.isEmpty {
      if !range.isEmpty {
        throw .badArguments("bad number of arguments (found conflicting environment key)")
      }
      range = environment
    }
  }

  func request(_ flags: FlagValues) throws(Failure) -> WatchCreateRequest {
    guard let key = range.first?.bytes else { throw .badArguments("bad number of arguments") }
    var request = WatchCreateRequest(
      key: key, startRevision: flags.integer("rev"), prevKv: flags.bool("prev-kv"))
    request.progressNotify = flags.bool("progress-notify")
    if range.count == 2 { request.rangeEnd = range[1].bytes }
    if flags.bool("prefix") {
      if range.count == 2 { throw .badArguments("`range_end` and `--prefix` are mutually exclusive") }
      request.rangeEnd = key.isEmpty ? KeyRange.open : KeyRange.end(ofPrefix: key)
      if key.isEmpty { request.key = [0] }
    }
    return request
  }
}

/// Shows what watches tell, one or, in a conversation, many.
private final class Watcher {
  private let invocation: Invocation
  private let printer: any Printer
  private let loop: EventLoop
  private var commands: [Int: [Argument]] = [:]
  private var news: [(Int, WatchStream.News)] = []
  private var stream: WatchStream?

  init(_ invocation: Invocation) throws(Failure) {
    self.invocation = invocation
    printer = try invocation.printer()
    loop = invocation.loop
  }

  private func open() throws(Failure) -> WatchStream {
    let stream = WatchStream(try invocation.client()) { [unowned self] in news.append(($0, $1)) }
    self.stream = stream
    return stream
  }

  func watch(_ words: WatchWords, _ flags: FlagValues) throws(Failure) {
    let stream = try open()
    let number = stream.watch(try words.request(flags))
    commands[number] = words.command
    while true {
      let isOver = try show()
      if isOver { throw Failure(.interrupted, "watch is canceled by the server") }
      loop.turn(waits: true)
    }
  }

  /// Prints what has come; true when a watch has ended.
  private func show() throws(Failure) -> Bool {
    var isOver = false
    while !news.isEmpty {
      let (number, item) = news.removeFirst()
      switch item {
      case .reply(let reply): try show(reply, commands[number] ?? [])
      case .ended(let reason):
        isOver = true
        if let reason { try showEnd(reason, WatchResponse(canceled: true)) }
      }
    }
    Output.flush()
    return isOver
  }

  private func showEnd(_ reason: String, _ reply: WatchResponse) throws(Failure) {
    Output.errorLine("watch was canceled (\(reason))")
    try printer.watch(reply)
  }

  private func show(_ reply: WatchResponse, _ command: [Argument]) throws(Failure) {
    if reply.canceled { return try showEnd(RPCStatus.compacted.message, reply) }
    if reply.events.isEmpty { Output.line("progress notify: \(reply.header?.revision ?? 0)") }
    try printer.watch(reply)
    guard !command.isEmpty else { return }
    for event in reply.events {
      Output.flush()
      let kv = event.kv ?? KeyValue()
      try Child.run(
        command,
        environment: [
          "ETCD_WATCH_REVISION=\(reply.header?.revision ?? 0)",
          "ETCD_WATCH_EVENT_TYPE=\(goQuoted(event.typeName))",
          "ETCD_WATCH_KEY=\(GoText.quoted(kv.key))", "ETCD_WATCH_VALUE=\(GoText.quoted(kv.value))",
        ])
    }
  }

  // MARK: Conversation

  /// Lines of standard input: `watch …` begins another watch, `progress` asks how far they are.
  func converse(_ environment: [Argument]) throws(Failure) {
    let stream = try open()
    let lines = LineReader(loop)
    while true {
      for line in lines.take() {
        guard let line else {
          throw Failure(.invalidInput, "Error reading watch request line: EOF")
        }
        try obey(line, stream, environment)
      }
      _ = try show()
      loop.turn(waits: true)
    }
  }

  private func obey(_ line: String, _ stream: WatchStream, _ environment: [Argument]) throws(Failure) {
    let words = try Words.split(line)
    switch words.first?.text {
    case nil: Output.errorLine("Invalid command: \(line) (watch and progress supported)")
    case "watch" where words.count < 2 && environment.isEmpty:
      Output.errorLine("Invalid command \(line) (command type or key is not provided)")
    case "watch":
      var flags = FlagValues(Command.watch.flags)
      let arguments = try readFlags(Array(words.dropFirst()), &flags)
      let told = try WatchWords(line: words, arguments: arguments, environment: environment)
      if told.range.isEmpty, told.command.isEmpty { throw .badArguments("bad number of arguments") }
      do throws(Failure) {
        let number = stream.watch(try told.request(flags))
        commands[number] = told.command
      } catch { Output.errorLine("Invalid command \(line) (\(error.text))") }
    case "progress": stream.requestProgress()
    default: Output.errorLine("Invalid command \(line) (only support watch)")
    }
  }

  private func readFlags(_ words: [Argument], _ flags: inout FlagValues) throws(Failure) -> [Argument] {
    do throws(Failure) { return try CommandLineParser.readFlags(words, &flags) } catch {
      throw .badArguments(error.text)
    }
  }
}

/// Reads lines of standard input on a thread of its own; nil stands for the end.
private final class LineReader {
  private let lines = Mailbox<String?>()
  private let watch: WakeWatch
  private let thread: Base.Thread

  init(_ loop: EventLoop) {
    let wake = Wake()
    watch = wake.watch(on: loop) {}
    thread = Base.Thread(name: "lines") { [lines] in
      while let line = Terminal.line() {
        lines.post(line)
        wake.signal()
      }
      lines.post(nil)
      wake.signal()
    }
  }

  func take() -> [String?] { lines.takeAll() }
}
