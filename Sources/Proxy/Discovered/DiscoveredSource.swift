import Base
import Discovery
import Event
import TLS

/// The endpoints that DNS names, from the start on and for as long as the front end runs.
final class DiscoveredSource {
  typealias Endpoint = SRVEndpoints.Endpoint

  private let loop: EventLoop
  private let resolver: Resolver
  private let log: Log
  private let domain: String
  private let tls: TLSContext?
  private var state: DiscoveredEndpoints
  private var follower: SRVFollower?
  private let answers: Mailbox<SRVFollower.Answer>
  private let wake = Wake()
  private var watch: WakeWatch?
  private var checks: [String: EndpointCheck] = [:]
  private var again: Timer?
  private var first: ((Result<[Endpoint], GatewayFailure>) -> Void)?
  /// Hears of other endpoints, once there were some.
  var onChange: (([Endpoint]) -> Void)?

  /// - Parameter tls: what the members' certificates are checked with; nil where insecure records are accepted.
  init(_ loop: EventLoop, domain: String, tls: TLSSettings?, log: Log) throws(TLSError) {
    self.loop = loop
    self.domain = domain
    self.log = log
    resolver = Resolver(loop)
    if let tls { self.tls = try TLSContext(.client, tls) } else { self.tls = nil }
    state = DiscoveredEndpoints(acceptsInsecure: tls == nil)
    answers = Mailbox { [wake] in wake.signal() }
    watch = wake.watch(on: loop) { [unowned self] in
      for answer in answers.takeAll() { perform(state.looked(answer)) }
    }
  }

  /// Certificates of members that DNS names: one's own authority vouches for the host or the domain, those of the system
  /// must vouch for the domain, since hosts of that name are anybody's who can change the records. As etcd 3.4:
  /// etcdmain/util.go, where the domain alone is the name that is set.
  static func settings(_ files: TLSSettings, domain: String) -> TLSSettings {
    var tls = files
    if tls.trustedCAFile.isEmpty { tls.serverName = domain } else { tls.alternativeName = domain }
    return tls
  }

  /// Looks for the first endpoints, by running the loop until there are some or it is known why not; nothing else runs yet.
  func waitForFirst(serviceName: String) throws(GatewayFailure) -> [Endpoint] {
    var found: Result<[Endpoint], GatewayFailure>?
    first = { [loop] in
      found = $0
      loop.stop()
    }
    follower = SRVFollower(.clients, domain: domain, serviceName: serviceName) { [answers] in answers.post($0) }
    loop.run()
    guard let found else { throw GatewayFailure("no endpoints found") }
    return try found.get()
  }

  private func perform(_ effects: [DiscoveredEndpoints.Effect]) {
    for effect in effects {
      switch effect {
      case .check(let endpoint): check(endpoint)
      case .use(let endpoints):
        guard let first else {
          onChange?(endpoints)
          break
        }
        self.first = nil
        first(.success(endpoints))
      case .refuse(let reason):
        let first = first
        self.first = nil
        first?(.failure(GatewayFailure(reason)))
      case .log(let level, let text, let endpoints, let error): write(level, text, endpoints, error)
      }
    }
    if state.hasBad, again == nil {
      let timer = Timer(loop) { [unowned self] in
        again = nil
        perform(state.again())
      }
      timer.once(after: Limits.discoveredCheckPause)
      again = timer
    }
  }

  private func write(_ level: LogLevel, _ text: String, _ endpoints: [String], _ error: String) {
    let fields = (LogField("srv-server", domain), LogField("endpoints", .texts(endpoints)))
    if error.isEmpty {
      log(level, text, fields.0, fields.1)
    } else {
      log(level, text, fields.0, fields.1, LogField("error", error))
    }
  }

  private func check(_ endpoint: Endpoint) {
    guard let tls else { return }
    checks[endpoint.url] = EndpointCheck(loop, resolver, tls, host: endpoint.host, port: endpoint.port) {
      [unowned self] problem in
      // Not from inside the check: it is still at work.
      loop.post { [self] in
        checks[endpoint.url] = nil
        perform(state.checked(endpoint, problem))
      }
    }
  }
}
