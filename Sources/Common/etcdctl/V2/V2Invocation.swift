import Base
import Client
import Doors
import Event
import Glibc
import HTTP
import TLS

/// One run of a v2 command: its flags and words, and the members it may ask.
final class V2Invocation {
  let global: V2Flags
  let flags: V2Flags
  let arguments: [Argument]
  let loop = EventLoop()

  init(global: V2Flags, flags: V2Flags, arguments: [Argument]) {
    self.global = global
    self.flags = flags
    self.arguments = arguments
  }

  var words: [String] { arguments.map(\.text) }

  /// The value at this place of the line, or all of standard input.
  func valueOrInput(_ place: Int) throws(V2Failure) -> Bytes {
    if place < arguments.count { return arguments[place].bytes }
    let input = Terminal.readAll()
    if input.isEmpty { throw .badArguments("value required") }
    return input
  }

  func key() throws(V2Failure) -> Argument {
    guard let key = arguments.first else { throw .badArguments("key required") }
    return key
  }

  // MARK: Where to

  /// A client that knows the members' own addresses, unless `--no-sync` says otherwise.
  func client() throws(V2Failure) -> V2Client {
    let client = try unsyncedClient()
    if global.bool("no-sync") { return said(client) }
    if isDebugging {
      Output.errorLine("start to sync cluster using endpoints(\(client.endpoints.joined(separator: ",")))")
    }
    do throws(V2Fault) { try client.sync() } catch {
      if case .other(V2Fault.noEndpoints.description) = error {
        throw V2Failure(
          code: .serverError,
          text:
            "etcd cluster has no published client endpoints.\nTry '--no-sync' if you want to access non-published "
            + "client endpoints(\(client.endpoints.joined(separator: ","))).\nError:  \(error)\n")
      }
      if error.isConnection { throw .error(.badConnection, error) }
    }
    if isDebugging {
      Output.errorLine("got endpoints(\(client.endpoints.joined(separator: ","))) after sync")
    }
    return said(client)
  }

  private func said(_ client: V2Client) -> V2Client {
    if isDebugging { Output.errorLine("Cluster-Endpoints: \(client.endpoints.joined(separator: ", "))") }
    return client
  }

  private var isDebugging: Bool { global.bool("debug") }

  /// A client of the endpoints as given.
  func unsyncedClient() throws(V2Failure) -> V2Client {
    let endpoints = try endpoints()
    let total = global.duration("total-timeout")
    let dialTimeout = total > .zero ? min(total, V2Client.dialTimeout) : V2Client.dialTimeout
    let dialer = PeerCall.Dialer(
      loop: loop, resolver: Resolver(loop), tls: try tls(isNeeded: endpoints.contains { $0.scheme.isSecure }),
      dialTimeout: dialTimeout)
    let client = V2Client(dialer, endpoints, headerTimeout: global.duration("timeout"), totalTimeout: total)
    client.isDebugging = isDebugging
    client.credentials = try credentials()
    return client
  }

  private func endpoints() throws(V2Failure) -> [EndpointURL] {
    let discovered = try discoveredEndpoints()
    let given =
      discovered.isEmpty
      ? ["endpoints", "endpoint", "peers"].lazy.map { self.setting($0) }.first { !$0.isEmpty }
      : discovered.joined(separator: ",")
    let text = given ?? "http://127.0.0.1:2379,http://127.0.0.1:4001"
    var endpoints: [EndpointURL] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let written = part.contains("://") ? String(part) : "http://\(part)"
      do throws(EndpointURL.Failure) { endpoints.append(try EndpointURL(parsing: written)) } catch {
        throw .plain(error.text)
      }
    }
    return endpoints
  }

  /// What DNS names; nothing without `--discovery-srv`. As etcd 3.4: ctlv2/command/util.go, getDomainDiscoveryFlagValue.
  private func discoveredEndpoints() throws(V2Failure) -> [String] {
    let domain = setting("discovery-srv")
    if domain.isEmpty { return [] }
    let acceptsInsecure =
      global.bool("insecure-discovery") || getenv("ETCDCTL_INSECURE_DISCOVERY").map { $0[0] != 0 } == true
    let suffix = getenv("ETCDCTL_DISCOVERY_SRV_NAME").map { String(cString: $0) } ?? ""
    do throws(Failure) {
      return try DNSEndpoints.find(domain: domain, serviceName: suffix, acceptsInsecure: acceptsInsecure)
    } catch { throw .plain(error.text) }
  }

  /// A global flag, or its variable.
  private func setting(_ name: String) -> String {
    let value = global.text(name)
    if !value.isEmpty { return value }
    return getenv(Environment.variable(name)).map { String(cString: $0) } ?? ""
  }

  private func tls(isNeeded: Bool) throws(V2Failure) -> TLSContext? {
    var settings = TLSSettings()
    settings.certFile = setting("cert-file")
    settings.keyFile = setting("key-file")
    settings.trustedCAFile = setting("ca-file")
    settings.protocols = []
    guard isNeeded || !settings.isEmpty || !settings.trustedCAFile.isEmpty else { return nil }
    do throws(TLSError) { return try TLSContext(.client, settings) } catch { throw .plain("\(error)") }
  }

  private func credentials() throws(V2Failure) -> String? {
    let user = setting("username")
    if user.isEmpty { return nil }
    if user.contains(":") { return user }
    return "\(user):\(Terminal.password("Password: "))"
  }
}
