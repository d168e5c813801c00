import Base
import Config

/// The conversation with a discovery service: takes answers, says what to do next. It asks nobody and knows no clock.
///
/// A member asks for the size and the registrations, registers itself, waits until its registration is there, asks
/// again, and waits for one registration after the other until there are as many as the size. An observer (a proxy, or a
/// member that is registered already) only reads. As etcd 3.4: etcdserver/api/v2discovery/discovery.go.
package struct DiscoveryProtocol {
  package enum Role: Hashable, Sendable {
    /// `registration` is `name=url,name=url` of the member's own peer URLs.
    case member(id: MemberID, registration: String)
    case observer
  }

  package enum Step: Hashable, Sendable {
    case ask(FetchQuestion)
    /// Do nothing for so long, then say `rested`.
    case rest(TimeSpan)
    /// The first members: `name=url,…`, as `--initial-cluster` lists them.
    case found(String)
    case failed(DiscoveryFailure)
  }

  private enum State {
    case size
    case directory(size: Int)
    case registering
    /// Waits for the own registration to be there.
    case own(createdIndex: UInt64)
    case others(size: Int, nodes: [RegistryNode], next: UInt64)
    case ended
  }

  private let url: DiscoveryURL
  private let role: Role
  private let log: Log
  private var state = State.size
  private var isRegistered = false
  private var attempts = 0

  package init(_ url: DiscoveryURL, as role: Role, log: Log) {
    self.url = url
    self.role = role
    self.log = log
  }

  package mutating func start() -> Step { askForSize() }

  /// The pause is over.
  package mutating func rested() -> Step {
    if case .own(let index) = state { return wait(ownKey, index, recursive: false) }
    return askForSize()
  }

  package mutating func received(_ answer: FetchAnswer) -> Step {
    switch answer {
    case .cancelled: return fail(.cancelled)
    case .unreachable(let reason): return hearNothing(reason)
    case .answered(let status, let index, let body):
      let reply = RegistryReply(status: status, index: index, body: body, service: url.service)
      if case .unavailable(let reason) = reply { return hearNothing(reason) }
      return hear(reply)
    }
  }

  // MARK: Answers

  private mutating func hear(_ reply: RegistryReply) -> Step {
    switch (state, reply) {
    case (.size, .node(let node, _, _)): return takeSize(node.value)
    case (.directory(let size), .node(let node, _, let index)):
      return take(node.children, size: size, index: index)
    case (.registering, .node(let node, _, _)):
      state = .own(createdIndex: node.createdIndex)
      return wait(ownKey, node.createdIndex, recursive: false)
    case (.registering, .error(105, _)): return fail(.duplicateID)
    case (.own, .node):
      isRegistered = true
      return askForSize()
    case (.others(let size, let nodes, let next), .node(let node, let action, _)):
      return take(node, action, size: size, nodes, next: next)
    // What was waited for is so long ago that the service has forgotten it: look at what is there now.
    case (.own, .error(401, _)), (.others, .error(401, _)):
      isRegistered = true
      return askForSize()
    case (.own, .empty), (.others, .empty):
      return retry("waiting for other nodes", "the service ended the wait")
    case (_, .error(_, let text)): return fail(.refused(text))
    case (_, .empty): return fail(.badEndpoint("an empty answer"))
    case (_, .foreign(let text)): return fail(.badEndpoint(text))
    case (.ended, _), (_, .unavailable): broken("an answer to no question of discovery")
    }
  }

  private mutating func takeSize(_ value: String) -> Step {
    guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let size = Int(value),
      (1...Limits.discoveryMembers).contains(size)
    else { return fail(.badSize(value)) }
    state = .directory(size: size)
    return get(url.path)
  }

  private mutating func take(_ children: [RegistryNode], size: Int, index: UInt64) -> Step {
    let nodes = children.filter { $0.name != "_config" }.sorted { $0.createdIndex < $1.createdIndex }
    let isFull = nodes.count >= size && !nodes.prefix(size).contains { $0.name == ownName }
    switch role {
    case .member(_, let registration):
      if isFull { return fail(.full) }
      guard isRegistered else {
        state = .registering
        return put(registration)
      }
    case .observer:
      if isFull { return finish(Array(nodes.prefix(size)), size: size) }
    }
    for node in nodes.prefix(size) { announce(node) }
    return waitOrFinish(Array(nodes.prefix(size)), size: size, next: index &+ 1)
  }

  /// One thing happened under the token. 3.4 takes whatever it is for a registration; we look.
  private mutating func take(
    _ node: RegistryNode, _ action: String, size: Int, _ nodes: [RegistryNode], next: UInt64
  ) -> Step {
    guard node.modifiedIndex >= next else {
      return fail(.badEndpoint("an event with index \(node.modifiedIndex), where \(next) was waited for"))
    }
    var nodes = nodes
    let isNew = ["create", "set"].contains(action) && node.directory == url.token && node.name != "_config"
    if isNew, !node.value.isEmpty, !nodes.contains(where: { $0.name == node.name }) {
      announce(node)
      nodes.append(node)
    }
    return waitOrFinish(nodes, size: size, next: node.modifiedIndex &+ 1)
  }

  private mutating func waitOrFinish(_ nodes: [RegistryNode], size: Int, next: UInt64) -> Step {
    guard nodes.count < size else { return finish(nodes, size: size) }
    log(
      .notice, "found \(nodes.count) peer(s), waiting for \(size - nodes.count) more",
      zap: ZapLine(
        .info, "found peers from discovery server; waiting for more", service,
        LogField("found-peers", nodes.count), LogField("needed-peers", size - nodes.count)))
    state = .others(size: size, nodes: nodes, next: next)
    return wait(url.path, next, recursive: true)
  }

  /// As etcd 3.4: v2discovery/discovery.go, nodesToCluster.
  private mutating func finish(_ nodes: [RegistryNode], size: Int) -> Step {
    log(
      .notice, "found \(nodes.count) needed peer(s)",
      zap: ZapLine(
        .info, "found all needed peers from discovery server", service, LogField("found-peers", nodes.count)))
    let text = nodes.map(\.value).joined(separator: ",")
    let cluster: InitialCluster
    do throws(ConfigFailure) { cluster = try InitialCluster(parsing: text) } catch {
      return fail(.invalidURL("among the registrations: \(error.text)"))
    }
    guard cluster.members.count == size else { return fail(.duplicateName) }
    state = .ended
    return .found(text)
  }

  private func announce(_ node: RegistryNode) {
    let isOwn = node.name == ownName
    log(
      .notice, "found \(isOwn ? "self" : "peer") \(node.name) in the cluster",
      zap: ZapLine(
        .info, "found \(isOwn ? "self" : "peer") from discovery server", service,
        LogField(isOwn ? "self" : "peer", node.name)))
  }

  private var service: LogField { LogField("discovery-url", url.service) }

  // MARK: Silence

  /// No answer, or one that only says that there is none now. A registration that was not answered may have been heard:
  /// it is not repeated, as in 3.4.
  private mutating func hearNothing(_ reason: String) -> Step {
    switch state {
    case .registering: return fail(.refused(reason))
    case .size, .directory: return retry("cluster status check", reason)
    case .own, .others: return retry("waiting for other nodes", reason)
    case .ended: broken("an answer to no question of discovery")
    }
  }

  /// Where the question that was not answered went.
  private var path: String {
    switch state {
    case .size: url.path + "/_config/size"
    case .own, .registering: ownKey
    case .directory, .others, .ended: url.path
    }
  }

  private mutating func retry(_ step: String, _ reason: String) -> Step {
    attempts += 1
    let pause = TimeSpan.seconds(Int64(1) << Int64(min(attempts, Limits.discoveryDoublings)))
    let detail = "error #0: \(reason)\n"
    log(
      .error, "error #0: \(reason)",
      zap: ZapLine(
        .warning, "failed to get from discovery server", service, LogField("path", path),
        LogField("error", "client: etcd cluster is unavailable or misconfigured; " + detail),
        LogField("err-detail", detail)))
    log(
      .info, "\(step): error connecting to \(url.service), retrying in \(GoDuration.text(pause))",
      zap: ZapLine(
        .info, "retry connecting to discovery service", LogField("url", url.service), LogField("reason", step),
        LogField("backoff", pause)))
    return .rest(pause)
  }

  private mutating func fail(_ failure: DiscoveryFailure) -> Step {
    state = .ended
    return .failed(failure)
  }

  // MARK: Questions

  private var ownName: String {
    if case .member(let id, _) = role { return id.hex }
    return ""
  }
  private var ownKey: String { url.path + "/" + ownName }

  private mutating func askForSize() -> Step {
    state = .size
    return get(url.path + "/_config/size")
  }

  private func get(_ path: String) -> Step {
    .ask(
      FetchQuestion(
        method: "GET", url: url.service + path + "?quorum=false&recursive=false&sorted=false", body: nil,
        timeout: Limits.discoveryRequest))
  }

  private func put(_ registration: String) -> Step {
    .ask(
      FetchQuestion(
        method: "PUT", url: url.service + ownKey + "?prevExist=false",
        body: "value=" + PercentEncoding.component(registration.utf8), timeout: Limits.discoveryRequest))
  }

  private func wait(_ path: String, _ index: UInt64, recursive: Bool) -> Step {
    .ask(
      FetchQuestion(
        method: "GET", url: "\(url.service)\(path)?recursive=\(recursive)&wait=true&waitIndex=\(index)",
        body: nil,
        timeout: nil))
  }
}
