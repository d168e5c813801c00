import Base
import Client
import Event
import Wire

/// Where each member of the cluster can be reached from here: by an endpoint that was given, or else by one the member
/// advertises.
enum ClusterPlaces {
  struct Place {
    var member: ClusterMember
    /// Nil with `problem`.
    var answer: (endpoint: String, status: StatusResponse)?
    var problem = ""
    var endpoint: String { answer?.endpoint ?? member.clientURLs.first ?? "" }
    var isLeader: Bool { answer.map { $0.status.leader == member.id } ?? false }
  }

  /// By member ID.
  static func find(_ invocation: Invocation) throws(Failure) -> [Place] {
    var known: [UInt64: (endpoint: String, status: StatusResponse)] = [:]
    for endpoint in try invocation.endpoints() {
      guard case .success(let status) = try status(invocation, endpoint) else { continue }
      let id = status.header?.memberID ?? 0
      if known[id] == nil { known[id] = (endpoint, status) }
    }
    var places: [Place] = []
    for member in try invocation.reply(EtcdRPC.memberList, MemberListRequest()).members {
      var place = Place(member: member, answer: known[member.id])
      if place.answer == nil { try look(for: &place, invocation) }
      places.append(place)
    }
    return places.sorted { $0.member.id < $1.member.id }
  }

  private static func look(for place: inout Place, _ invocation: Invocation) throws(Failure) {
    place.problem = "it has not started yet"
    for url in place.member.clientURLs {
      switch try status(invocation, url) {
      case .success(let status) where status.header?.memberID == place.member.id:
        place.answer = (url, status)
        return
      case .success: place.problem = "another member answers at \(url)"
      case .failure(let failure): place.problem = failure.description
      }
    }
  }

  static func status(
    _ invocation: Invocation, _ endpoint: String
  ) throws(Failure) -> Result<StatusResponse, RPCFailure> {
    let client = try invocation.client(for: [endpoint])
    return try invocation.call(EtcdRPC.status, StatusRequest(), on: client, deadline: invocation.deadline)
  }

  /// Its own metrics tell a member's quota; no call does. Nil where they cannot be had.
  static func quota(_ invocation: Invocation, _ endpoint: String) throws(Failure) -> Int64? {
    try metric("etcd_server_quota_backend_bytes", of: endpoint, invocation)
  }

  /// A metric without labels, as the member's own page tells it now.
  static func metric(_ name: String, of endpoint: String, _ invocation: Invocation) throws(Failure) -> Int64? {
    let settings = try invocation.settings(for: [endpoint])
    var fetch: PageFetch?
    var problem: ClientError?
    let page = invocation.wait { (done: @escaping (Bytes?) -> Void) in
      do throws(ClientError) {
        fetch = try PageFetch(
          invocation.loop, settings, endpoint, "/metrics",
          timeout: invocation.flags.duration("command-timeout"),
          done)
      } catch {
        problem = error
        done(nil)
      }
    }
    withExtendedLifetime(fetch) {}
    if let problem { throw Failure(.badConnection, problem.description) }
    return page.flatMap { metric(name, in: $0) }
  }

  /// The value of a metric without labels.
  static func metric(_ name: String, in page: Bytes) -> Int64? {
    for line in page.split(separator: 0x0A) where line.starts(with: name.utf8) {
      let rest = line.dropFirst(name.utf8.count)
      guard rest.first == 0x20, let value = Double(trimmed(String(utf8: rest))), value.magnitude < 0x1p62 else {
        continue
      }
      return Int64(value)
    }
    return nil
  }
}
