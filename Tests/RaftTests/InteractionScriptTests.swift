import Base
import Golden
import Synchronization
import Testing
import Wire

@testable import Raft

@Suite struct InteractionScriptTests {
  @Test(
    "The Go core's scripts about whole clusters hold here, unchanged, down to the log lines",
    arguments: GoScripts.paths(in: "testdata"))
  func script(path: String) {
    let stage = Stage()
    GoScripts.run(path) { stage.handle($0) }
  }
}

/// Takes the log lines and the harness's own words in one stream, as the scripts expect them.
private final class ScriptOutput: LogSink {
  static let levels = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE"]
  private let state = Mutex((text: "", level: 0))

  var level: Int {
    get { state.withLock { $0.level } }
    set { state.withLock { $0.level = newValue } }
  }
  var isQuiet: Bool { level == 5 }

  private func rank(_ level: LogLevel) -> Int {
    switch level {
    case .debug: 0
    case .info, .notice: 1
    case .warning: 2
    case .error: 3
    case .critical: 4
    }
  }

  func accepts(_ level: LogLevel, package: String) -> Bool { rank(level) >= self.level }
  func write(_ level: LogLevel, package: String, message: String, fields: [LogField]) {
    add("\(Self.levels[rank(level)]) \(message)\n")
  }
  func add(_ text: String) { state.withLock { $0.text += text } }
  func take() -> String {
    state.withLock { state in
      defer { state.text = "" }
      return state.text
    }
  }
  /// Runs `body` and indents what it wrote.
  func indented(_ body: () -> Void) {
    let before = take()
    body()
    let lines = take().split(separator: "\n")
    add(before + lines.map { "  \($0)\n" }.joined())
  }
}

/// A store that always offers the newest state, as the Go harness does.
private final class ScriptStore: LogStore {
  let memory = MemoryLog()
  var history: [RaftSnapshot] = []
  var firstIndex: UInt64 { memory.firstIndex }
  var lastIndex: UInt64 { memory.lastIndex }
  func term(at index: UInt64) throws(LogStoreError) -> UInt64 { try memory.term(at: index) }
  func entries(_ range: Range<UInt64>, maxBytes: Int) throws(LogStoreError) -> ArraySlice<Entry> {
    try memory.entries(range, maxBytes: maxBytes)
  }
  func snapshot() throws(LogStoreError) -> RaftSnapshot { history[history.count - 1] }
  func append(_ entries: ArraySlice<Entry>) { memory.append(entries) }
  func apply(_ snapshot: RaftSnapshot) throws(LogStoreError) { try memory.apply(snapshot) }
}

/// The actors of a script: nodes, their stores, and the messages between them.
private final class Stage {
  private let output = ScriptOutput()
  private var nodes: [Node] = []
  private var stores: [ScriptStore] = []
  private var inFlight: [RaftMessage] = []

  func handle(_ step: TranscriptStep) -> String {
    _ = output.take()
    var failure: String?
    do { try perform(step) } catch { failure = "\(error)" }
    if let failure { output.add(failure) }
    let text = output.take()
    if text.isEmpty { return "ok" }
    if output.isQuiet { return failure ?? "ok (quiet)" }
    return text
  }

  private func perform(_ step: TranscriptStep) throws {
    let place = (step.number ?? 0) - 1
    switch step.command {
    case "_breakpoint": break
    case "add-nodes": try addNodes(step)
    case "campaign": nodes[place].campaign()
    case "compact":
      try stores[place].memory.compact(through: UInt64(step.arguments[1].key)!)
      printLog(place)
    case "deliver-msgs": deliver(step)
    case "process-ready": processReady(place)
    case "log-level":
      output.level = ScriptOutput.levels.firstIndex(of: step.arguments[0].key.uppercased())!
    case "raft-log": printLog(place)
    case "stabilize": stabilize(step.arguments.compactMap { Int($0.key).map { $0 - 1 } })
    case "status": output.add(nodes[place].progress.map { "\($0.id): \($0)\n" }.joined())
    case "tick-heartbeat": nodes[place].tick()
    case "propose": try nodes[place].propose(step.arguments[1].key.bytes)
    case "propose-conf-change": try proposeChange(step, place)
    default: output.add("unknown command")
    }
  }

  private func addNodes(_ step: TranscriptStep) throws {
    var snapshot = RaftSnapshot()
    snapshot.metadata.confState.voters = (step["voters"] ?? []).compactMap { UInt64($0) }
    snapshot.metadata.confState.learners = (step["learners"] ?? []).compactMap { UInt64($0) }
    snapshot.metadata.index = step["index"].flatMap { UInt64($0[0]) } ?? 0
    snapshot.data = step["content"].map { $0[0].bytes }
    for _ in 0..<(step.number ?? 0) {
      let store = ScriptStore()
      if snapshot != RaftSnapshot() {
        snapshot.metadata.term = 1
        try store.apply(snapshot)
      }
      store.history = [snapshot]
      var config = Node.Config(id: UInt64(nodes.count + 1), dice: Dice(seed: 1))
      config.electionTicks = 3
      config.applied = snapshot.metadata.index
      config.maxMessageBytes = .max
      config.maxInflightMessages = Int(Int32.max)
      config.checksQuorum = false
      config.writing = .withReady
      config.log = Log(output, package: "raft")
      nodes.append(Node(config, store: store, confState: snapshot.metadata.confState))
      stores.append(store)
    }
  }

  private func printLog(_ place: Int) {
    let memory = stores[place].memory
    let (first, last) = (memory.firstIndex, memory.lastIndex)
    guard last >= first, let entries = try? memory.entries(first..<last + 1, maxBytes: .max) else {
      return output.add("log is empty: first index=\(first), last index=\(last)")
    }
    output.add(entries.map { $0.described + "\n" }.joined())
  }

  private func processReady(_ place: Int) {
    let ready = nodes[place].ready() ?? Ready()
    output.add(ready.described)
    for entry in ready.committed {
      var update = entry.data ?? []
      var state: ConfState?
      if let change = MemberChange(entry) {
        update = change.asV2.context ?? []
        state = nodes[place].applyConfigChange(change)
      }
      var snapshot = stores[place].history.last!
      snapshot.data = (snapshot.data ?? []) + update
      snapshot.metadata.index = entry.index
      snapshot.metadata.term = entry.term
      if let state { snapshot.metadata.confState = state }
      stores[place].history.append(snapshot)
    }
    inFlight += ready.messages
    nodes[place].advance(ready)
    Invariants.check(nodes[place])
  }

  private func deliver(_ step: TranscriptStep) {
    var count = 0
    for argument in step.arguments where argument.values.isEmpty {
      count += deliver(to: UInt64(argument.key)!, isDropped: false)
    }
    for id in step["drop"] ?? [] { count += deliver(to: UInt64(id)!, isDropped: true) }
    if count == 0 { output.add("no messages\n") }
  }

  private func deliver(to id: UInt64, isDropped: Bool) -> Int {
    let messages = inFlight.filter { $0.to == id }
    inFlight.removeAll { $0.to == id }
    for message in messages {
      output.add((isDropped ? "dropped: " : "") + message.described + "\n")
      if isDropped { continue }
      do { try nodes[Int(id) - 1].step(message) } catch { output.add("\(error)") }
    }
    return messages.count
  }

  private func stabilize(_ chosen: [Int]) {
    let places = chosen.isEmpty ? Array(nodes.indices) : chosen
    var isDone = false
    while !isDone {
      isDone = true
      for place in places where nodes[place].hasReady {
        isDone = false
        output.add("> \(place + 1) handling Ready\n")
        output.indented { processReady(place) }
      }
      for place in places where inFlight.contains(where: { $0.to == UInt64(place + 1) }) {
        isDone = false
        output.add("> \(place + 1) receiving messages\n")
        output.indented { _ = deliver(to: UInt64(place + 1), isDropped: false) }
      }
    }
  }

  private func proposeChange(_ step: TranscriptStep, _ place: Int) throws {
    let changes = try ScriptedChange.parse(step.input)
    if step["v1"] == ["true"] {
      let change = ConfChange(type: changes[0].type, nodeID: changes[0].nodeID)
      return try nodes[place].propose(.single(change))
    }
    var transition = ConfChangeTransition.auto
    switch step["transition"]?[0] {
    case "implicit": transition = .jointImplicit
    case "explicit": transition = .jointExplicit
    default: break
    }
    try nodes[place].propose(.several(ConfChangeV2(transition: transition, changes: changes)))
  }
}
