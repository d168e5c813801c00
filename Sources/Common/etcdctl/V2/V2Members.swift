import Base
import Doors

/// `member` of the v2 mode, and what a client knows of members. As etcd 3.4: client/members.go.
enum V2Members {
  struct Member {
    var id: String
    var name: String
    var peerURLs: [String]
    var clientURLs: [String]

    init(_ json: JSONValue) {
      id = json["id"]?.string ?? ""
      name = json["name"]?.string ?? ""
      peerURLs = json["peerURLs"]?.array?.compactMap(\.string) ?? []
      clientURLs = json["clientURLs"]?.array?.compactMap(\.string) ?? []
    }
  }

  static func fetch(_ client: V2Client) throws(V2Fault) -> [Member] {
    let json = try page(client, V2Client.Query(method: "GET", path: "/v2/members"), good: [200])
    return json["members"]?.array?.map(Member.init) ?? []
  }

  @Sendable static func list(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.isEmpty else { throw .plain("No arguments accepted") }
    let client = try run.client()
    let members = try plainly { () throws(V2Fault) in try fetch(client) }
    let leader: String
    do throws(V2Fault) {
      leader =
        Member(try page(client, V2Client.Query(method: "GET", path: "/v2/members/leader"), good: [200])).id
    } catch { throw .plain("Failed to get leader:  \(error)") }
    for member in members {
      let peers = member.peerURLs.joined(separator: ",")
      if member.name.isEmpty {
        Output.line("\(member.id)[unstarted]: peerURLs=\(peers)")
      } else {
        let clients = member.clientURLs.joined(separator: ",")
        Output.line(
          "\(member.id): name=\(member.name) peerURLs=\(peers) clientURLs=\(clients) isLeader=\(member.id == leader)"
        )
      }
    }
  }

  @Sendable static func add(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.count == 2 else { throw .plain("Provide a name and a single member peerURL") }
    let client = try run.client()
    let name = run.words[0]
    let (added, members) = try plainly { () throws(V2Fault) in
      let query = V2Client.Query(
        method: "POST", path: "/v2/members", body: try body([run.words[1]]), contentType: "application/json")
      return (Member(try page(client, query, good: [201], refused: [409])), try fetch(client))
    }
    Output.line("Added member named \(name) with ID \(added.id) to cluster")
    let cluster = members.flatMap { member in
      member.peerURLs.map { "\(member.id == added.id ? name : member.name)=\($0)" }
    }
    Output.line("")
    Output.line("ETCD_NAME=\(goQuoted(name))")
    Output.line("ETCD_INITIAL_CLUSTER=\(goQuoted(cluster.joined(separator: ",")))")
    Output.line("ETCD_INITIAL_CLUSTER_STATE=\"existing\"")
  }

  @Sendable static func remove(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.count == 1 else { throw .plain("Provide a single member ID") }
    let id = run.words[0]
    let client = try run.client()
    let members: [Member]
    do throws(V2Fault) { members = try fetch(client) } catch {
      throw .plain("Error while verifying ID against known members: \(error)")
    }
    for member in members where member.name == id {
      Output.errorLine(
        "Found a member named \(member.name); if this is correct, please use its ID, eg:\n"
          + "\tetcdctl member remove \(member.id)")
    }
    guard members.contains(where: { $0.id == id }) else {
      throw .plain("Couldn't find a member in the cluster with an ID of \(id).")
    }
    do throws(V2Fault) {
      let reply = try client.ask(V2Client.Query(method: "DELETE", path: "/v2/members/" + id))
      guard reply.status == 204 || reply.status == 410 else {
        throw .other("unexpected status code \(reply.status)")
      }
    } catch { throw .plain("Received an error trying to remove member \(id): \(error)") }
    Output.line("Removed member \(id) from cluster")
  }

  @Sendable static func update(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.count == 2 else {
      throw .plain(
        "Provide an ID and a list of comma separated peerURL (0xabcd http://example.com,http://example1.com)")
    }
    let client = try run.client()
    let id = run.words[0]
    try plainly { () throws(V2Fault) in
      let urls = run.words[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let query = V2Client.Query(
        method: "PUT", path: "/v2/members/" + id, body: try body(urls), contentType: "application/json")
      _ = try page(client, query, good: [204], refused: [404, 409])
    }
    Output.line("Updated member with ID \(id) in cluster")
  }

  /// `{"peerURLs":[...]}`; throws where one is none.
  private static func body(_ urls: [String]) throws(V2Fault) -> Bytes {
    var checked: [EndpointURL] = []
    for url in urls {
      do throws(EndpointURL.Failure) { checked.append(try EndpointURL(parsing: url)) } catch {
        throw .other(error.text)
      }
    }
    var out = JSONWriter()
    out.value(.object([.init("peerURLs", .array(checked.sorted().map { .string($0.text) }))]))
    return out.bytes
  }

  // MARK: Pages

  /// A page in JSON with one of the statuses; an empty one for what has no body.
  static func page(
    _ client: V2Client, _ query: V2Client.Query, good: Set<Int>, refused: Set<Int> = []
  ) throws(V2Fault) -> JSONValue {
    let reply = try client.ask(query)
    guard good.contains(reply.status) else {
      guard refused.contains(reply.status) else { throw .other("unexpected status code \(reply.status)") }
      throw .refused(try message(reply))
    }
    return reply.body.isEmpty ? .object([]) : try json(reply)
  }

  /// What a refusal says of itself.
  static func message(_ reply: V2Client.Reply) throws(V2Fault) -> String {
    try json(reply)["message"]?.string ?? ""
  }

  private static func json(_ reply: V2Client.Reply) throws(V2Fault) -> JSONValue {
    do throws(JSONError) { return try JSONValue(parsing: reply.body) } catch { throw .other("\(error)") }
  }

  /// Faults as bare lines.
  static func plainly<Result>(_ body: () throws(V2Fault) -> Result) throws(V2Failure) -> Result {
    do throws(V2Fault) { return try body() } catch { throw .plain("\(error)") }
  }
}
