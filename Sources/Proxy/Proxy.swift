import Base
import Config
import Doors
import Event
import Glibc
import HTTP
import TLS

// Proxy: the programs that stand in front of a cluster and store nothing.
//
// `HTTPProxy` is `etcd --proxy on|readonly`: clients of v2, v3 and its JSON form on one side (the front), the members'
// client ports on the other (the back). What is forwarded where is decided by values that touch nothing (`Director`,
// `ReadOnlyRules`); sockets are Doors' and Event's. `Gateway` copies the bytes of connections, `GRPCProxy` forwards calls;
// what they decide stands in `EndpointChoice`, `RangeCache` and `WatchTable`. None of them imports the member, and none sends
// a request again that a member may have carried out.

/// Runs the HTTP proxy until it is told to stop.
///
/// - Parameter discover: finds the peer URLs where the settings name a discovery service and the data directory knows none;
///   it may take its time, since nothing else runs yet.
/// - Returns: the exit code, or the signal by which the process should die.
package func runProxy(
  _ settings: Settings, log: Log, discover: () throws -> [EndpointURL]? = { nil }
) -> ProgramEnd {
  signal(SIGPIPE, SIG_IGN)
  signal(SIGUSR1, SIG_IGN)
  signal(SIGUSR2, SIG_IGN)
  let main = log.named("etcdmain")
  if let problem = Front.tooFewDescriptors() {
    main(.critical, problem)
    return .code(1)
  }
  // A directory of a proxy starts a proxy, also without the flag: `off` is then what the flag happens to be.
  let mode = HTTPProxy.Mode(rawValue: settings.proxy) ?? .on
  main(
    .notice, "proxy: \(mode.rawValue) for the v2 API, the v3 API and its JSON form",
    zap: ZapLine(.info, "v2 API proxy starting", LogField("mode", mode.rawValue)))
  let loop = EventLoop()
  let proxy: HTTPProxy
  do {
    let file = ClusterFile(dataDirectory: settings.dataDirectory)
    try file.prepare()
    let found = try initialPeers(settings, file, main, discover)
    proxy = HTTPProxy(
      mode, settings, peers: found.peers, isFromFile: found.isFromFile, file: file,
      tls: try ProxyTLS(settings, main), loop: loop, log: main)
  } catch {
    main(.critical, "\(error)")
    return .code(1)
  }
  return run(proxy, settings, loop, main)
}

private func run(_ proxy: HTTPProxy, _ settings: Settings, _ loop: EventLoop, _ log: Log) -> ProgramEnd {
  var received: Int32?
  var failure: FrontError?
  var isServing = false
  proxy.findMembers {
    do throws(FrontError) { try proxy.listen() } catch {
      failure = error
      return loop.stop()
    }
    isServing = true
    for url in settings.listenClientURLs {
      log(
        .info, "v2 proxy started listening on client requests on \(goQuoted(url.text))",
        zap: ZapLine(.info, "v2 proxy started listening on client requests", LogField("host", url.text)))
    }
    Notify.ready()
    ProgramPages.release()
  }
  let watches = [SIGTERM, SIGINT].map { number in
    SignalWatch(loop, number) {
      received = number
      Notify.stopping()
      isServing ? proxy.stop() : loop.stop()
    }
  }
  withExtendedLifetime(watches) { loop.run() }
  proxy.close()
  if let failure {
    log(.critical, "\(failure)")
    return .code(1)
  }
  return ProgramEnd(signal: received)
}

/// Where the first peer URLs come from: what was known last, then discovery, then `--initial-cluster`. DNS is followed from then
/// on in either case (`SeedSource`).
private func initialPeers(
  _ settings: Settings, _ file: ClusterFile, _ log: Log, _ discover: () throws -> [EndpointURL]?
) throws -> (peers: [EndpointURL], isFromFile: Bool) {
  if let peers = try file.read() {
    if !settings.discoveryURL.isEmpty {
      log(
        .warning,
        "discovery token ignored since the proxy has already been initialized. Valid cluster file found at \(goQuoted(file.path))",
        zap: ZapLine(
          .warning,
          "discovery token ignored since the proxy has already been initialized; valid cluster file found",
          LogField("cluster-file", file.path)))
    }
    if !settings.discoveryDomain.isEmpty {
      log(
        .warning,
        "DNS SRV records are asked only where no member is reached, since the proxy has already been initialized. Valid cluster file found at \(goQuoted(file.path))"
      )
    }
    log(
      .info,
      "proxy: using peer urls [\(peers.map(\.text).joined(separator: " "))] from cluster file \(goQuoted(file.path))",
      zap: ZapLine(
        .info, "proxy using peer URLS from cluster file", LogField("peer-urls", .texts(peers.map(\.text))),
        LogField("cluster-file", file.path)))
    return (peers, true)
  }
  let peers: [EndpointURL]
  if let found = try discover() {
    peers = found
  } else {
    do throws(ConfigFailure) {
      peers = Set(try InitialCluster(parsing: settings.initialCluster).members.values.flatMap { $0 }).sorted()
    } catch {
      throw ClusterFile.Failure(description: error.text)
    }
  }
  guard !peers.isEmpty else {
    throw ClusterFile.Failure(
      description: "no member is known: name them with --initial-cluster NAME=PEER-URL,...")
  }
  log(
    .info, "proxy: using peer urls [\(peers.map(\.text).joined(separator: " "))]",
    zap: ZapLine(.info, "proxy using peer URLS", LogField("peer-urls", .texts(peers.map(\.text)))))
  return (peers, false)
}
