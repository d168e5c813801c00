import Base
import Doors

/// `auth`, `user` and `role` of the v2 mode. As etcd 3.4: client/auth_user.go, auth_role.go.
enum V2Auth {
  @Sendable static func enable(_ run: V2Invocation) throws(V2Failure) {
    try change(run, "PUT")
    Output.line("Authentication Enabled")
  }

  @Sendable static func disable(_ run: V2Invocation) throws(V2Failure) {
    try change(run, "DELETE")
    Output.line("Authentication Disabled")
  }

  private static func change(_ run: V2Invocation, _ method: String) throws(V2Failure) {
    guard run.arguments.isEmpty else { throw .plain("No arguments accepted") }
    let client = try run.client()
    _ = try V2Members.plainly { () throws(V2Fault) in try ask(client, method, "enable") }
  }

  /// A request below `/v2/auth`; throws the server's own message where it refuses.
  static func ask(
    _ client: V2Client, _ method: String, _ place: String, _ content: JSONValue? = nil,
    good: Set<Int> = [200, 201]
  ) throws(V2Fault) -> JSONValue {
    var query = V2Client.Query(method: method, path: V2Keys.canonical("/v2/auth/" + place))
    if let content {
      var out = JSONWriter()
      out.value(content)
      query.body = out.bytes
      query.contentType = "application/json"
    }
    let reply = try client.ask(query)
    guard good.contains(reply.status) else { throw .refused(try V2Members.message(reply)) }
    guard !reply.body.isEmpty else { return .object([]) }
    do throws(JSONError) { return try JSONValue(parsing: reply.body) } catch { throw .other("\(error)") }
  }
}

enum V2Users {
  @Sendable static func list(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.isEmpty else { throw .plain("No arguments accepted") }
    let client = try run.client()
    let reply = try V2Members.plainly { () throws(V2Fault) in
      try V2Auth.ask(client, "GET", "users", good: [200])
    }
    for user in reply["users"]?.array ?? [] { Output.line(user["user"]?.string ?? "") }
  }

  @Sendable static func add(_ run: V2Invocation) throws(V2Failure) {
    let (client, word) = try clientAndName(run)
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let password = parts.count > 1 ? parts[1] : Terminal.password("New password: ")
    try V2Members.plainly { () throws(V2Fault) in
      _ = try V2Auth.ask(client, "PUT", "users/" + parts[0], user(parts[0], password: password))
    }
    Output.line("User \(parts[0]) created")
  }

  @Sendable static func remove(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    _ = try V2Members.plainly { () throws(V2Fault) in try V2Auth.ask(client, "DELETE", "users/" + name) }
    Output.line("User \(name) removed")
  }

  @Sendable static func get(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    let user = try V2Members.plainly { () throws(V2Fault) in
      try V2Auth.ask(client, "GET", "users/" + name, good: [200])
    }
    // Roles with all they may do, or their names only.
    let roles = (user["roles"]?.array ?? []).compactMap { $0.string ?? $0["role"]?.string }
    Output.line("User: \(user["user"]?.string ?? "")")
    Output.line("Roles: \(roles.joined(separator: " "))")
  }

  @Sendable static func grant(_ run: V2Invocation) throws(V2Failure) { try changeRoles(run, "grant") }
  @Sendable static func revoke(_ run: V2Invocation) throws(V2Failure) { try changeRoles(run, "revoke") }

  private static func changeRoles(_ run: V2Invocation, _ member: String) throws(V2Failure) {
    let roles = run.flags.list("roles")
    if roles.isEmpty { throw .plain("No roles specified; please use `--roles`") }
    let (client, name) = try clientAndName(run)
    try V2Members.plainly { () throws(V2Fault) in
      let change = JSONValue.Member(member, .array(roles.map { .string($0) }))
      _ = try V2Auth.ask(client, "PUT", "users/" + name, user(name, change: change), good: [200])
    }
    Output.line("User \(name) updated")
  }

  @Sendable static func changePassword(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    let password = Terminal.password("New password: ")
    try V2Members.plainly { () throws(V2Fault) in
      _ = try V2Auth.ask(client, "PUT", "users/" + name, user(name, password: password), good: [200])
    }
    Output.line("Password updated")
  }

  private static func user(_ name: String, password: String = "", change: JSONValue.Member? = nil) -> JSONValue
  {
    var members = [JSONValue.Member("user", .string(name))]
    if !password.isEmpty { members.append(.init("password", .string(password))) }
    members.append(.init("roles", .null))
    if let change { members.append(change) }
    return .object(members)
  }

  private static func clientAndName(_ run: V2Invocation) throws(V2Failure) -> (V2Client, String) {
    guard run.arguments.count == 1 else { throw .plain("Please provide a username") }
    return (try run.client(), run.words[0])
  }
}
