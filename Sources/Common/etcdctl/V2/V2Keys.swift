import Base

/// Commands on keys and directories. As etcd 3.4: etcdctl/ctlv2/command and client/keys.go.
enum V2Keys {
  private static let form = "application/x-www-form-urlencoded"

  /// The request path of a key. As etcd 3.4: pkg/pathutil, CanonicalURLPath.
  static func path(_ key: Argument) -> String {
    let text = key.text
    let path = canonical("/v2/keys" + (text.isEmpty || text.hasPrefix("/") ? text : "/" + text))
    return text.hasSuffix("/") && !path.hasSuffix("/") ? path + "/" : path
  }

  /// A path without empty parts, `.` and `..`. As Go: path.Clean.
  static func canonical(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  // MARK: Reading

  @Sendable static func get(_ run: V2Invocation) throws(V2Failure) {
    let response = try read(run, try run.key(), isRecursive: false)
    if response.node.isDirectory { throw .plain("\(response.node.key): is a directory") }
    response.show(as: run.global.text("output"))
  }

  @Sendable static func list(_ run: V2Invocation) throws(V2Failure) {
    let response = try read(run, run.arguments.first ?? "/", isRecursive: run.flags.bool("recursive"))
    let format = run.global.text("output")
    guard format == "simple" else { return response.show(as: format) }
    if !response.node.isDirectory { Output.line(response.node.key) }
    for node in response.node.nodes { show(node, marksDirectories: run.flags.bool("p")) }
  }

  private static func show(_ node: V2Node, marksDirectories: Bool) {
    Output.line(node.isDirectory && marksDirectories ? node.key + "/" : node.key)
    for child in node.nodes { show(child, marksDirectories: marksDirectories) }
  }

  private static func read(
    _ run: V2Invocation, _ key: Argument, isRecursive: Bool
  ) throws(V2Failure) -> V2Response {
    let parameters = [
      ("quorum", "\(run.flags.bool("quorum"))"), ("recursive", "\(isRecursive)"),
      ("sorted", "\(run.flags.bool("sort"))"),
    ]
    return try response(run, V2Client.Query(method: "GET", path: path(key), parameters: parameters))
  }

  // MARK: Writing

  @Sendable static func set(_ run: V2Invocation) throws(V2Failure) {
    let key = try run.key()
    var parameters: [(name: String, value: String)] = []
    let value = run.flags.text("swap-with-value")
    if !value.isEmpty { parameters.append(("prevValue", value)) }
    let index = run.flags.integer("swap-with-index")
    if index != 0 { parameters.append(("prevIndex", String(UInt64(bitPattern: index)))) }
    try write(run, key, parameters, try run.valueOrInput(1))
  }

  @Sendable static func make(_ run: V2Invocation) throws(V2Failure) {
    let key = try run.key()
    let value = try run.valueOrInput(1)
    guard run.flags.bool("in-order") else {
      return try write(run, key, [("prevExist", "false")], value, isOneShot: true)
    }
    let query = V2Client.Query(
      method: "POST", path: path(key), body: body(value, ttl: run.flags.integer("ttl")), contentType: form)
    try response(run, query).show(as: run.global.text("output"))
  }

  @Sendable static func update(_ run: V2Invocation) throws(V2Failure) {
    let key = try run.key()
    try write(run, key, [("prevExist", "true")], try run.valueOrInput(1))
  }

  private static func write(
    _ run: V2Invocation, _ key: Argument, _ parameters: [(name: String, value: String)], _ value: Bytes,
    isOneShot: Bool = false
  ) throws(V2Failure) {
    let query = V2Client.Query(
      method: "PUT", path: path(key), parameters: parameters, body: body(value, ttl: run.flags.integer("ttl")),
      contentType: form, isOneShot: isOneShot)
    try response(run, query).show(as: run.global.text("output"))
  }

  @Sendable static func makeDirectory(_ run: V2Invocation) throws(V2Failure) {
    try writeDirectory(run, [("prevExist", "false")], isOneShot: true)
  }

  @Sendable static func setDirectory(_ run: V2Invocation) throws(V2Failure) { try writeDirectory(run, []) }

  @Sendable static func updateDirectory(_ run: V2Invocation) throws(V2Failure) {
    try writeDirectory(run, [("prevExist", "true")])
  }

  private static func writeDirectory(
    _ run: V2Invocation, _ parameters: [(name: String, value: String)], isOneShot: Bool = false
  ) throws(V2Failure) {
    let query = V2Client.Query(
      method: "PUT", path: path(try run.key()), parameters: [("dir", "true")] + parameters,
      body: body(nil, ttl: run.flags.integer("ttl")), contentType: form, isOneShot: isOneShot)
    let response = try response(run, query)
    let format = run.global.text("output")
    if format != "simple" { response.show(as: format) }
  }

  private static func body(_ value: Bytes?, ttl: Int64) -> Bytes {
    var fields: [(name: String, value: String)] = []
    if let value { fields.append(("value", String(utf8: value))) }
    if ttl > 0 { fields.append(("ttl", "\(ttl)")) }
    return V2Client.form(fields)
  }

  // MARK: Removing

  @Sendable static func remove(_ run: V2Invocation) throws(V2Failure) {
    var parameters: [(name: String, value: String)] = []
    let value = run.flags.text("with-value")
    if !value.isEmpty { parameters.append(("prevValue", value)) }
    let index = run.flags.integer("with-index")
    if index != 0 { parameters.append(("prevIndex", String(UInt64(bitPattern: index)))) }
    if run.flags.bool("dir") { parameters.append(("dir", "true")) }
    if run.flags.bool("recursive") { parameters.append(("recursive", "true")) }
    try remove(run, parameters)
  }

  @Sendable static func removeDirectory(_ run: V2Invocation) throws(V2Failure) {
    try remove(run, [("dir", "true")])
  }

  private static func remove(
    _ run: V2Invocation, _ parameters: [(name: String, value: String)]
  ) throws(V2Failure) {
    let query = V2Client.Query(
      method: "DELETE", path: path(try run.key()), parameters: parameters, contentType: form, isOneShot: true)
    let response = try response(run, query)
    let format = run.global.text("output")
    if !response.node.isDirectory || format != "simple" { response.show(as: format) }
  }

  private static func response(_ run: V2Invocation, _ query: V2Client.Query) throws(V2Failure) -> V2Response {
    let client = try run.client()
    do throws(V2Fault) { return try V2Response(try client.ask(query)) } catch {
      throw .error(.serverError, error)
    }
  }
}
