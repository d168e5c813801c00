import Base
import Doors
import Event
import HTTP

/// The members of a cluster as v2 clients see them: asked one after the other until one answers.
///
/// As etcd 3.4: client/client.go, httpClusterClient; each request has a connection of its own.
final class V2Client {
  /// As etcd 3.4: etcdctl/ctlv2/command/util.go, defaultDialTimeout.
  static let dialTimeout = TimeSpan.seconds(30)

  struct Query {
    var method: String
    /// Decoded; escaped when it is sent.
    var path: String
    var parameters: [(name: String, value: String)] = []
    var body: Bytes?
    var contentType = ""
    /// Changes the store in a way that must not be tried twice.
    var isOneShot = false
    /// Waits as long as it takes.
    var isWait = false
  }

  typealias Reply = PeerFetch.Reply

  private let dialer: PeerCall.Dialer
  private var members: [EndpointURL]
  private var pinned = 0
  private let headerTimeout: TimeSpan
  private let totalTimeout: TimeSpan
  var isDebugging = false
  /// `user:password`; nil asks without.
  var credentials: String?

  init(_ dialer: PeerCall.Dialer, _ endpoints: [EndpointURL], headerTimeout: TimeSpan, totalTimeout: TimeSpan) {
    self.dialer = dialer
    members = endpoints.shuffled()
    self.headerTimeout = headerTimeout
    self.totalTimeout = totalTimeout
  }

  var endpoints: [String] { members.map(\.text) }

  /// Takes the client addresses that the cluster says of itself.
  func sync() throws(V2Fault) {
    var found: [EndpointURL] = []
    for member in try V2Members.fetch(self) {
      for text in member.clientURLs {
        do throws(EndpointURL.Failure) { found.append(try EndpointURL(parsing: text)) } catch {
          throw .other(error.text)
        }
      }
    }
    if found.isEmpty { throw .noEndpoints }
    guard Set(found) != Set(members) else { return }
    members = found.shuffled()
    pinned = 0
  }

  /// The first answer of a member that can answer; what the status means is the caller's.
  func ask(_ query: Query) throws(V2Fault) -> Reply {
    let limit = query.isWait || totalTimeout <= .zero ? nil : dialer.loop.clock + totalTimeout
    var reasons: [String] = []
    var isConnection = true
    for place in pinned..<(pinned + members.count) {
      let place = place % members.count
      let member = members[place]
      let outcome = send(query, to: member, limit: limit)
      if let limit, dialer.loop.clock >= limit { throw .deadline }
      switch outcome {
      case .success(let reply) where reply.status / 100 != 5:
        pinned = place
        return reply
      case .success(let reply):
        isConnection = false
        reasons.append(
          reply.status == 500 || reply.status == 503
            ? "client: etcd member \(member.text) has no leader"
            : "client: etcd member \(member.text) returns server error [\(HTTP1Writer.reason(reply.status))]")
      case .failure(let failure):
        // As the original judges it: dials and reads that fail are the connection's fault, anything else is not.
        isConnection = isConnection && (failure.text.hasPrefix("dial ") || failure.text.hasPrefix("read"))
        reasons.append(
          failure.text == "i/o timeout"
            ? "client: endpoint \(member.text) exceeded header timeout" : failure.text)
      }
      if query.isOneShot {
        pinned = (place + 1) % members.count
        throw .other(reasons[0])
      }
    }
    throw .unavailable(reasons, isConnection: isConnection)
  }

  private func send(
    _ query: Query, to member: EndpointURL, limit: Instant?
  ) -> Result<Reply, PeerFetchFailure> {
    let request = request(query, to: member)
    var timeout: TimeSpan?
    if !query.isWait, headerTimeout > .zero { timeout = headerTimeout }
    if let limit { timeout = min(timeout ?? .seconds(3600), limit - dialer.loop.clock) }
    if isDebugging { describe(request, member) }
    return get(member, request, timeout: timeout)
  }

  /// Any page of any member.
  func get(_ member: EndpointURL, _ request: Request, timeout: TimeSpan?) -> Result<Reply, PeerFetchFailure> {
    var result: Result<Reply, PeerFetchFailure>?
    let fetch = PeerFetch(dialer, member, request, timeout: timeout, limit: Limits.v2ReplyBytes) { result = $0 }
    defer { withExtendedLifetime(fetch) {} }
    while true {
      if let result { return result }
      dialer.loop.turn(waits: true)
    }
  }

  private func request(_ query: Query, to member: EndpointURL) -> Request {
    var path = PercentEncoding.path(query.path.utf8)
    if !query.parameters.isEmpty { path += "?" + String(utf8: Self.form(query.parameters)) }
    var request = Request(query.method, path, authority: member.authority, scheme: member.scheme.rawValue)
    if !query.contentType.isEmpty { request.headers.add("content-type", query.contentType) }
    if let credentials { request.headers.add("authorization", "Basic \(Base64.encode(credentials.bytes))") }
    if let body = query.body { request.body = .bytes(body) }
    return request
  }

  private func describe(_ request: Request, _ member: EndpointURL) {
    var text = "cURL Command: curl -X \(request.method) \(member.text)\(request.path)"
    if case .bytes(let body) = request.body { text += " -d \(goQuoted(String(utf8: body)))" }
    Output.errorLine(text)
  }

  /// Fields by name, as Go's url.Values writes them.
  static func form(_ fields: [(name: String, value: String)]) -> Bytes {
    fields.sorted { $0.name < $1.name }.map { name, value in
      "\(name)=\(PercentEncoding.component(value.utf8).replacing("%20", with: "+"))"
    }.joined(separator: "&").bytes
  }
}
