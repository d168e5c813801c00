import Base
import Client
import Event
import Glibc
import Wire

// check. As etcd 3.4: etcdctl/ctlv3/command/check.go.

extension Command {
  static let check: Command = Command(
    use: "check <subcommand>", short: "commands for checking properties of the etcd cluster",
    commands: [
      Command(
        use: "perf [options]", short: "Check the performance of the etcd cluster",
        flags: checkFlags("performance", "/etcdctl-check-perf/"), run: checkPerf),
      Command(
        use: "datascale [options]",
        short: "Check the memory usage of holding data for different workloads on a given server endpoint.",
        long:
          "If no endpoint is provided, localhost will be used. If multiple endpoints are provided, first endpoint will be used.",
        flags: checkFlags("datascale", "/etcdctl-check-datascale/"), run: checkDatascale),
    ])

  private static func checkFlags(_ what: String, _ prefix: String) -> [Flag] {
    [
      .text(
        "load",
        "The \(what) check's workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)",
        standard: "s"),
      .text("prefix", "The prefix for writing the \(what) check's keys.", standard: prefix),
      .bool("auto-compact", "Compact storage with last revision after test is finished."),
      .bool("auto-defrag", "Defragment storage after test is finished."),
    ]
  }
}

/// The four sizes of load.
enum CheckLoad: String {
  case small = "s"
  case medium = "m"
  case large = "l"
  case extraLarge = "xl"

  init(_ flags: FlagValues) throws(Failure) {
    let word = flags.text("load")
    let long = ["small": CheckLoad.small, "medium": .medium, "large": .large, "xLarge": .extraLarge]
    guard let load = CheckLoad(rawValue: word) ?? long[word] else {
      throw Failure(.badFeature, "unknown load option \(word)")
    }
    self = load
  }

  var clients: Int {
    switch self {
    case .small: 50
    case .medium: 200
    case .large: 500
    case .extraLarge: 1_000
    }
  }

  /// Puts a second that `check perf` aims at.
  var rate: Int {
    switch self {
    case .small: 150
    case .medium: 1_000
    case .large: 8_000
    case .extraLarge: 15_000
    }
  }

  /// Pairs that `check datascale` puts: up to three versions of a million.
  var pairs: Int {
    switch self {
    case .small: 10_000
    case .medium: 100_000
    case .large: 1_000_000
    case .extraLarge: 3_000_000
    }
  }

  static let seconds = 60
}

/// What both checks have in common: clients, a prefix that must be empty before and is after.
private struct Checking {
  let invocation: Invocation
  let clients: [Client]
  let prefix: String

  init(_ invocation: Invocation, clients count: Int) throws(Failure) {
    self.invocation = invocation
    prefix = invocation.flags.text("prefix")
    Self.allowDescriptors()
    let endpoints = try invocation.endpoints()
    var clients: [Client] = []
    for _ in 0..<count { clients.append(try invocation.client(for: endpoints)) }
    self.clients = clients
  }

  /// Each client has a connection to each endpoint.
  private static func allowDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private var everything: (key: Bytes, end: Bytes) {
    prefix.isEmpty ? ([0], KeyRange.open) : (prefix.bytes, KeyRange.end(ofPrefix: prefix.bytes))
  }

  private func reply<Query, Reply>(_ unary: Unary<Query, Reply>, _ query: Query, seconds: Int) throws(Failure)
    -> Reply
  {
    let deadline = invocation.loop.now + .seconds(Int64(seconds))
    switch try invocation.call(unary, query, on: clients[0], deadline: deadline) {
    case .success(let reply): return reply
    case .failure(let failure): throw Failure(.error, failure.description)
    }
  }

  func requireNoKeys() throws(Failure) {
    let found = try reply(
      EtcdRPC.range, RangeRequest(key: everything.key, rangeEnd: everything.end, limit: 1, keysOnly: true),
      seconds: CheckLoad.seconds)
    if !found.kvs.isEmpty {
      throw Failure(
        .invalidInput,
        "prefix \(goQuoted(prefix)) has keys. Delete with etcdctl del --prefix \(prefix) first")
    }
  }

  /// Deletes the keys; compacts and defragments if that was asked for.
  func cleanUp() throws(Failure) {
    let range = DeleteRangeRequest(key: everything.key, rangeEnd: everything.end)
    let revision = try reply(EtcdRPC.deleteRange, range, seconds: 30).header?.revision ?? 0
    if invocation.flags.bool("auto-compact") {
      Output.line("Compacting with revision \(revision)")
      Output.flush()
      _ = try reply(EtcdRPC.compact, CompactionRequest(revision: revision, physical: true), seconds: 30)
      Output.line("Compacted with revision \(revision)")
    }
    guard invocation.flags.bool("auto-defrag") else { return }
    for endpoint in try invocation.endpoints() {
      Output.line("Defragmenting \(goQuoted(endpoint))")
      Output.flush()
      let client = try invocation.client(for: [endpoint])
      let deadline = invocation.loop.now + .seconds(30)
      let result = try invocation.call(EtcdRPC.defragment, DefragmentRequest(), on: client, deadline: deadline)
      if case .failure(let failure) = result { throw Failure(.error, failure.description) }
      Output.line("Defragmented \(goQuoted(endpoint))")
    }
  }
}

private func checkPerf(_ invocation: Invocation) throws(Failure) {
  let load = try CheckLoad(invocation.flags)
  let checking = try Checking(invocation, clients: load.clients)
  try checking.requireNoKeys()
  let bar = ProgressBar(invocation.loop, total: CheckLoad.seconds)
  let timer = Timer(invocation.loop) { if bar.current < CheckLoad.seconds { bar.add(1) } }
  timer.every(.seconds(1))
  let run = LoadRun(
    invocation.loop, checking.clients, .rate(load.rate, .seconds(Int64(CheckLoad.seconds))),
    prefix: checking.prefix.bytes, keyBytes: 256, valueBytes: 1_024)
  let stats = run.run()
  timer.cancel()
  bar.add(CheckLoad.seconds - bar.current)
  bar.finish()
  try checking.cleanUp()
  let verdict = PerfVerdict(stats, limit: load.rate)
  for line in verdict.lines { Output.line(line) }
  if !verdict.isPassed { throw .reported }
}

private func checkDatascale(_ invocation: Invocation) throws(Failure) {
  let load = try CheckLoad(invocation.flags)
  let checking = try Checking(invocation, clients: load.clients)
  try checking.requireNoKeys()
  let before = try residentBytes(invocation, "before")
  Output.line(
    "Start data scale check for work load [\(load.pairs) key-value pairs, 1024 bytes per key-value, "
      + "\(load.clients) concurrent clients].")
  let bar = ProgressBar(invocation.loop, total: load.pairs)
  let run = LoadRun(
    invocation.loop, checking.clients, .count(load.pairs), prefix: checking.prefix.bytes, keyBytes: 512,
    valueBytes: 512, onPut: { bar.add(1) })
  let stats = run.run()
  bar.finish()
  let after = try residentBytes(invocation, "after")
  try checking.cleanUp()
  guard stats.errors.isEmpty else {
    Output.line("FAIL: too many errors")
    for line in PerfVerdict.errorLines(stats.errors) { Output.line(line) }
    throw .reported
  }
  let used = DecimalText.fixed(Double(after - before) / (1024 * 1024), digits: 2)
  Output.line("PASS: Approximate system memory used : \(used) MB.")
}

/// Memory of the first endpoint's member, as its metrics tell.
private func residentBytes(_ invocation: Invocation, _ when: String) throws(Failure) -> Int64 {
  let failure = "FAIL: Could not read process_resident_memory_bytes \(when) the put operations."
  guard let endpoint = try invocation.endpoints().first,
    let bytes = try ClusterPlaces.metric("process_resident_memory_bytes", of: endpoint, invocation)
  else {
    Output.line(failure)
    throw .reported
  }
  return bytes
}
