import Base
import Client
import Event
import TLS
import Wire

// make-mirror. As etcd 3.4: etcdctl/ctlv3/command/make_mirror_command.go and clientv3/mirror/syncer.go; the flags for the
// destination's user are those of 3.5, `--rev` and `--max-txn-ops` those of 3.6.

extension Command {
  static let makeMirror: Command = Command(
    use: "make-mirror [options] <destination>", short: "Makes a mirror at the destination etcd cluster",
    flags: [
      .text("prefix", "Key-value prefix to mirror"),
      .text(
        "dest-prefix",
        "destination prefix to mirror a prefix to a different prefix in the destination cluster"),
      .bool("no-dest-prefix", "mirror key-values to the root of the destination cluster"),
      .text(
        "dest-cert", "Identify secure client using this TLS certificate file for the destination cluster"),
      .text("dest-key", "Identify secure client using this TLS key file"),
      .text("dest-cacert", "Verify certificates of TLS enabled secure servers using this CA bundle"),
      .bool("dest-insecure-transport", "Disable transport security for client connections", standard: true),
      .text(
        "dest-user", "Destination username[:password] for authentication (prompt if password is not supplied)"),
      .text(
        "dest-password",
        "Destination password for authentication (if this option is used, --dest-user option shouldn't include password)"
      ),
      .integer("rev", "Specify the kv revision to start to mirror"),
      .integer(
        "max-txn-ops", "Maximum number of operations permitted in a transaction during syncing updates",
        standard: 128),
    ]
  ) { invocation throws(Failure) in
    guard invocation.arguments.count == 1 else {
      throw .badArguments("make-mirror takes one destination argument")
    }
    let flags = invocation.flags
    if flags.bool("no-dest-prefix"), !flags.text("dest-prefix").isEmpty {
      throw .badArguments("`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one")
    }
    guard flags.integer("max-txn-ops") > 0 else { throw .badArguments("--max-txn-ops must be positive") }
    guard flags.integer("rev") >= 0 else { throw .badArguments("--rev must not be negative") }
    let destination = try MirrorDestination(invocation, invocation.arguments[0].text)
    _ = try invocation.client()
    try Mirror(invocation, destination).run()
  }
}

/// Where a key goes: the first occurrence of the prefix, its own beginning, becomes the destination's prefix.
struct MirrorNames: Equatable {
  let prefix: Bytes
  let target: Bytes

  /// Without a prefix of its own the destination has the same.
  init(prefix: Bytes, destPrefix: Bytes, noDestPrefix: Bool) {
    self.prefix = prefix
    target = destPrefix.isEmpty && !noDestPrefix ? prefix : destPrefix
  }

  func callAsFunction(_ key: Bytes) -> Bytes {
    key.starts(with: prefix) ? target + key.dropFirst(prefix.count) : key
  }
}

/// The cluster that is written to.
struct MirrorDestination {
  let client: Client

  init(_ invocation: Invocation, _ endpoint: String) throws(Failure) {
    try invocation.readEnvironment()
    let flags = invocation.flags
    var settings = ClientSettings(endpoints: [endpoint])
    settings.keepaliveTime = flags.duration("keepalive-time")
    settings.keepaliveTimeout = flags.duration("keepalive-timeout")
    settings.dialTimeout = flags.duration("dial-timeout")
    settings.tls = Self.tls(flags)
    settings.seed = UInt64(bitPattern: invocation.loop.wallNanoseconds)
    (settings.user, settings.password) = Self.credentials(flags)
    do throws(ClientError) { client = try Client(invocation.loop, settings) } catch {
      if case .tls = error { throw .badArguments(error.description) }
      throw Failure(.badConnection, error.description)
    }
    let client = client
    let limit = settings.dialTimeout > .zero ? invocation.loop.now + settings.dialTimeout : nil
    if let failure = invocation.wait({ client.signIn(deadline: limit, $0) }) {
      throw Failure(.badConnection, failure.description)
    }
  }

  private static func tls(_ flags: FlagValues) -> TLSSettings? {
    var settings = TLSSettings()
    settings.certFile = flags.text("dest-cert")
    settings.keyFile = flags.text("dest-key")
    settings.trustedCAFile = flags.text("dest-cacert")
    let isGiven = !settings.isEmpty || !settings.trustedCAFile.isEmpty
    return isGiven || !flags.bool("dest-insecure-transport") ? settings : nil
  }

  private static func credentials(_ flags: FlagValues) -> (user: String, password: String) {
    let user = flags.text("dest-user")
    let password = flags.text("dest-password")
    if user.isEmpty || !password.isEmpty { return user.isEmpty ? ("", "") : (user, password) }
    guard let colon = user.firstIndex(of: ":") else {
      return (user, Terminal.password("Destination Password: "))
    }
    return (String(user[..<colon]), String(user[user.index(after: colon)...]))
  }
}

/// Copies what is there, then follows what changes, for as long as it lasts.
private final class Mirror {
  private let invocation: Invocation
  private let destination: Client
  private let names: MirrorNames
  private let maxOperations: Int
  /// Keys written and deleted so far; shown every 30 seconds.
  private var total = 0
  private var failure: RPCFailure?
  private var underWay = 0

  init(_ invocation: Invocation, _ destination: MirrorDestination) {
    self.invocation = invocation
    self.destination = destination.client
    let flags = invocation.flags
    names = MirrorNames(
      prefix: flags.text("prefix").bytes, destPrefix: flags.text("dest-prefix").bytes,
      noDestPrefix: flags.bool("no-dest-prefix"))
    maxOperations = Int(clamping: flags.integer("max-txn-ops"))
  }

  func run() throws(Failure) {
    let timer = Timer(invocation.loop) { [unowned self] in Output.line("\(total)") }
    timer.every(.seconds(30))
    defer { withExtendedLifetime(timer) {} }
    var next = invocation.flags.integer("rev")
    if next <= 1 { next = try copyAll() + 1 }
    try follow(from: next)
  }

  // MARK: What is there

  /// Answers the revision that was copied.
  private func copyAll() throws(Failure) -> Int64 {
    let now = try reply(EtcdRPC.range, RangeRequest(key: "foo".bytes, countOnly: true)).header?.revision ?? 0
    var page = RangeRequest(limit: 1_000, revision: now)
    page.key = names.prefix.isEmpty ? [0] : names.prefix
    page.rangeEnd = names.prefix.isEmpty ? KeyRange.open : KeyRange.end(ofPrefix: names.prefix)
    while true {
      let found = try reply(EtcdRPC.range, page)
      for pair in found.kvs { try put(pair) }
      guard found.more, let last = found.kvs.last else { break }
      page.key = last.key + [0]
    }
    try waitFor { underWay == 0 }
    return now
  }

  /// Keys of one state have no order among each other, so several are on their way at a time.
  private func put(_ pair: KeyValue) throws(Failure) {
    try waitFor { underWay < Limits.mirrorPuts }
    underWay += 1
    destination.call(EtcdRPC.put, PutRequest(key: names(pair.key), value: pair.value), deadline: nil) {
      [unowned self] result in
      underWay -= 1
      switch result {
      case .success: total += 1
      case .failure(let failure): self.failure = self.failure ?? failure
      }
    }
  }

  private func waitFor(_ isSo: () -> Bool) throws(Failure) {
    invocation.turn { failure != nil || isSo() }
    if let failure { throw Failure(.error, failure.description) }
  }

  private func reply<Query, Reply>(_ unary: Unary<Query, Reply>, _ query: Query) throws(Failure) -> Reply {
    try invocation.reply(unary, query, isTimed: false)
  }

  // MARK: What changes

  private func follow(from revision: Int64) throws(Failure) {
    let isWhole = names.prefix.isEmpty
    let follower = try Follower(
      invocation,
      WatchCreateRequest(
        key: isWhole ? [0] : names.prefix,
        rangeEnd: isWhole ? KeyRange.open : KeyRange.end(ofPrefix: names.prefix),
        startRevision: revision))
    while let news = try follower.next(nil) {
      for batch in MirrorBatches.of(news.events, names, limit: maxOperations) { try commit(batch) }
    }
  }

  private func commit(_ operations: [RequestOp]) throws(Failure) {
    let result = try invocation.call(
      EtcdRPC.txn, TxnRequest(success: operations), on: destination, deadline: nil)
    if case .failure(let failure) = result { throw Failure(.error, failure.description) }
    total += operations.count
  }
}

/// Events as the transactions that repeat them: one for each revision, in order, and more than one for a revision that has more
/// operations than a transaction may.
enum MirrorBatches {
  static func of(_ events: [KVEvent], _ names: MirrorNames, limit: Int) -> [[RequestOp]] {
    var batches: [[RequestOp]] = []
    var last: Int64 = 0
    for event in events {
      guard let pair = event.kv else { continue }
      if batches.isEmpty || pair.modRevision != last || batches[batches.count - 1].count >= limit {
        batches.append([])
      }
      last = pair.modRevision
      batches[batches.count - 1].append(operation(event.type == .delete, pair, names))
    }
    return batches
  }

  private static func operation(_ isDelete: Bool, _ pair: KeyValue, _ names: MirrorNames) -> RequestOp {
    isDelete
      ? RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: names(pair.key))))
      : RequestOp(request: .requestPut(PutRequest(key: names(pair.key), value: pair.value)))
  }
}
