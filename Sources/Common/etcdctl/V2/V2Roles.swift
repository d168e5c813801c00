import Base

/// `role` of the v2 mode.
enum V2Roles {
  @Sendable static func list(_ run: V2Invocation) throws(V2Failure) {
    guard run.arguments.isEmpty else { throw .plain("No arguments accepted") }
    let client = try run.client()
    let query = V2Client.Query(method: "GET", path: "/v2/auth/roles")
    let reply = try V2Members.plainly { () throws(V2Fault) in try V2Members.page(client, query, good: [200]) }
    for role in reply["roles"]?.array ?? [] { Output.line(role["role"]?.string ?? "") }
  }

  @Sendable static func add(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    if (try? fetch(client, name)) != nil { throw .plain("Role \(name) already exists") }
    try V2Members.plainly { () throws(V2Fault) in
      _ = try V2Auth.ask(client, "PUT", "roles/" + name, role(name))
    }
    Output.line("Role \(name) created")
  }

  @Sendable static func remove(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    _ = try V2Members.plainly { () throws(V2Fault) in try V2Auth.ask(client, "DELETE", "roles/" + name) }
    Output.line("Role \(name) removed")
  }

  @Sendable static func get(_ run: V2Invocation) throws(V2Failure) {
    let (client, name) = try clientAndName(run)
    let role = try V2Members.plainly { () throws(V2Fault) in try fetch(client, name) }
    let permissions = role["permissions"]?["kv"]
    Output.line("Role: \(role["role"]?.string ?? "")")
    for (title, kind) in [("Read", "read"), ("Write", "write")] {
      Output.line("KV \(title):")
      for path in permissions?[kind]?.array ?? [] { Output.line("\t\(path.string ?? "")") }
    }
  }

  @Sendable static func grant(_ run: V2Invocation) throws(V2Failure) { try change(run, "grant", "granted") }
  @Sendable static func revoke(_ run: V2Invocation) throws(V2Failure) { try change(run, "revoke", "revoked") }

  private static func change(_ run: V2Invocation, _ member: String, _ word: String) throws(V2Failure) {
    let path = run.flags.text("path")
    if path.isEmpty { throw .plain("No path specified; please use `--path`") }
    let rooted = V2Keys.canonical(path)
    let canonical = path.hasSuffix("/") && rooted != "/" ? rooted + "/" : rooted
    if canonical != path { throw .plain("Not canonical path; please use `--path=\(canonical)`") }
    let (reads, writes) = (run.flags.bool("read"), run.flags.bool("write"))
    let both = run.flags.bool("readwrite")
    guard [reads, writes, both].filter({ $0 }).count == 1 else {
      throw .plain("Please specify exactly one of --read, --write or --readwrite")
    }
    let (client, name) = try clientAndName(run)
    let isSame = try V2Members.plainly { () throws(V2Fault) in
      let before = try fetch(client, name)
      let paths = JSONValue.array([.string(path)])
      let kinds = JSONValue.object([
        .init("read", reads || both ? paths : .null), .init("write", writes || both ? paths : .null),
      ])
      let content = role(name, .init(member, .object([.init("kv", kinds)])))
      return try V2Auth.ask(client, "PUT", "roles/" + name, content, good: [200]) == before
    }
    // Without a line's end, as ever.
    if isSame { Output.write("Role unchanged; already \(word)") }
    Output.line("Role \(name) updated")
  }

  private static func fetch(_ client: V2Client, _ name: String) throws(V2Fault) -> JSONValue {
    try V2Auth.ask(client, "GET", "roles/" + name, good: [200])
  }

  private static func role(_ name: String, _ change: JSONValue.Member? = nil) -> JSONValue {
    let nothing = JSONValue.object([.init("kv", .object([.init("read", .null), .init("write", .null)]))])
    var members = [JSONValue.Member("role", .string(name)), JSONValue.Member("permissions", nothing)]
    if let change { members.append(change) }
    return .object(members)
  }

  private static func clientAndName(_ run: V2Invocation) throws(V2Failure) -> (V2Client, String) {
    guard run.arguments.count == 1 else { throw .plain("Please provide a role name") }
    return (try run.client(), run.words[0])
  }
}
