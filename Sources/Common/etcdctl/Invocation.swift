import Base
import Client
import Event
import Glibc
import TLS
import Wire

/// One run of a command: its words and flags, and what it needs to reach a cluster.
final class Invocation {
  let path: CommandPath
  private(set) var flags: FlagValues
  let arguments: [Argument]
  /// All words of the line, before flags were taken out.
  let words: [Argument]
  let loop: EventLoop
  private var isEnvironmentRead = false
  private var made: Client?

  init(
    _ path: CommandPath, _ flags: FlagValues, _ arguments: [Argument], words: [Argument],
    loop: EventLoop = EventLoop()
  ) {
    self.loop = loop
    self.path = path
    self.flags = flags
    self.arguments = arguments
    self.words = words
  }

  /// Takes `ETCDCTL_` variables for global flags that were not given.
  func readEnvironment() throws(Failure) {
    guard !isEnvironmentRead else { return }
    isEnvironmentRead = true
    try Environment.apply(
      Environment.ofThisProcess(), to: &flags, path.inheritedFlags,
      known: path.command.name == "watch" ? ["ETCDCTL_WATCH_KEY", "ETCDCTL_WATCH_RANGE_END"] : [])
    if flags.bool("debug") {
      for flag in path.inheritedFlags.sorted(by: { $0.name < $1.name }) {
        let value =
          flag.kind == .list ? "[\(flags.list(flag.name).joined(separator: ","))]" : flags.text(flag.name)
        Output.errorLine("\(Environment.variable(flag.name))=\(value)")
      }
    }
  }

  // MARK: Printing

  func printer() throws(Failure) -> any Printer {
    try readEnvironment()
    switch flags.text("write-out") {
    case "simple": return SimplePrinter(isHex: flags.bool("hex"))
    case "fields": return FieldsPrinter()
    case "json": return GoJSONPrinter()
    case "protobuf": return ProtobufPrinter()
    case "table": return TablePrinter()
    default: throw Failure(.badFeature, "unsupported output format")
    }
  }

  // MARK: Reaching the cluster

  /// When a short command has to be over.
  var deadline: Instant {
    // The loop's reading may be from before a prompt.
    Instant(nanoseconds: loop.now.nanoseconds) + flags.duration("command-timeout")
  }

  func endpoints() throws(Failure) -> [String] {
    try readEnvironment()
    let domain = flags.text("discovery-srv")
    guard !domain.isEmpty else { return flags.list("endpoints").map { trimmed($0) } }
    if let discovered { return discovered }
    var found = try DNSEndpoints.find(
      domain: domain, serviceName: flags.text("discovery-srv-name"),
      acceptsInsecure: flags.bool("insecure-discovery"))
    if found.isEmpty {
      // 3.4 goes to the default endpoint then, which nobody named.
      guard flags.isChanged("endpoints") else {
        throw Failure(
          .error,
          "no encrypted endpoint among the SRV records of \(domain); use --insecure-discovery or --endpoints")
      }
      found = flags.list("endpoints").map { trimmed($0) }
    }
    discovered = found
    return found
  }

  /// What DNS said: asked once in a run.
  private var discovered: [String]?

  /// The client of this run, signed in.
  func client() throws(Failure) -> Client {
    if let made { return made }
    let endpoints = try endpoints()
    // As the original, find a wrong format before anything is sent.
    _ = try printer()
    let client = try client(for: endpoints)
    made = client
    return client
  }

  /// A client of other endpoints with the same settings. `signsIn` false for calls that need no user.
  func client(for endpoints: [String], signsIn: Bool = true) throws(Failure) -> Client {
    var settings = try settings(for: endpoints)
    if signsIn { (settings.user, settings.password) = try credentials() }
    let client: Client
    do throws(ClientError) { client = try Client(loop, settings) } catch {
      if case .tls = error { throw .badArguments(error.description) }
      throw Failure(.badConnection, error.description)
    }
    let limit = settings.dialTimeout > .zero ? loop.now + settings.dialTimeout : nil
    if let failure = wait({ client.signIn(deadline: limit, $0) }) {
      throw Failure(.badConnection, failure.description)
    }
    return client
  }

  func settings(for endpoints: [String]) throws(Failure) -> ClientSettings {
    try readEnvironment()
    var settings = ClientSettings(endpoints: endpoints)
    settings.keepaliveTime = flags.duration("keepalive-time")
    settings.keepaliveTimeout = flags.duration("keepalive-timeout")
    settings.dialTimeout = flags.duration("dial-timeout")
    settings.tls = try tls()
    settings.seed = UInt64(bitPattern: loop.wallNanoseconds)
    settings.onFailedAttempt = { [loop] in Notices.failedAttempt($0, $1, $2, at: loop.wallNanoseconds) }
    return settings
  }

  private func tls() throws(Failure) -> TLSSettings? {
    var settings = TLSSettings()
    for name in ["cert", "key", "cacert"] where flags.isChanged(name) && flags.text(name).isEmpty {
      throw .badArguments("empty string is passed to --\(name) option")
    }
    settings.certFile = flags.text("cert")
    settings.keyFile = flags.text("key")
    settings.trustedCAFile = flags.text("cacert")
    // Who trusts DNS no further than that must find the domain in the certificate.
    if !flags.bool("insecure-discovery") { settings.serverName = flags.text("discovery-srv") }
    let isGiven = !settings.isEmpty || !settings.trustedCAFile.isEmpty || !settings.serverName.isEmpty
    guard isGiven || !flags.bool("insecure-transport") else { return nil }
    settings.insecureSkipVerify = flags.bool("insecure-skip-tls-verify")
    return settings
  }

  private var knownCredentials: (String, String)?

  private func credentials() throws(Failure) -> (String, String) {
    if let knownCredentials { return knownCredentials }
    let user = flags.text("user")
    let password = flags.text("password")
    let result: (String, String)
    if user.isEmpty || !password.isEmpty {
      result = user.isEmpty ? ("", "") : (user, password)
    } else if let colon = user.firstIndex(of: ":") {
      result = (String(user[..<colon]), String(user[user.index(after: colon)...]))
    } else {
      result = (user, Terminal.password("Password: "))
    }
    knownCredentials = result
    return result
  }

  // MARK: Waiting

  /// Runs the loop until `start`'s callback is called.
  func wait<Result>(_ start: (@escaping (Result) -> Void) -> Void) -> Result {
    var result: Result?
    start { result = $0 }
    while true {
      if let result { return result }
      loop.turn(waits: true)
    }
  }

  /// Calls and waits; no deadline means as long as it takes, as the original's own exceptions have it.
  func call<Query, Reply>(
    _ unary: Unary<Query, Reply>, _ query: Query, on client: Client? = nil, deadline: Instant?
  ) throws(Failure) -> Result<Reply, RPCFailure> {
    let client = if let client { client } else { try self.client() }
    return wait { client.call(unary, query, deadline: deadline, $0) }
  }

  /// The same for commands that end with `Error: …` and `code` when the call fails.
  func reply<Query, Reply>(
    _ unary: Unary<Query, Reply>, _ query: Query, code: ExitCode = .error, isTimed: Bool = true
  ) throws(Failure) -> Reply {
    _ = try client()
    switch try call(unary, query, deadline: isTimed ? deadline : nil) {
    case .success(let reply): return reply
    case .failure(let failure): throw Failure(code, failure.description)
    }
  }
}

/// Without blanks at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while let first = rest.first, first.isWhitespace { rest.removeFirst() }
  while let last = rest.last, last.isWhitespace { rest.removeLast() }
  return String(rest)
}
