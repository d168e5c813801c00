import Base
import Config
import HTTP
import Wire

/// Receives the exchanges of the proxy's port and finds who deals with each. What is no gRPC goes to the pages.
final class ServiceDesk: ExchangeHandler {
  private unowned let proxy: GRPCProxy
  private let pages: any ExchangeHandler
  private var routes: [Key: Wire.Method] = [:]
  /// Calls by method.
  private(set) var counts: [UInt64]

  /// As etcd 3.4: etcdmain/grpc_proxy.go, newGRPCProxyServer.
  private static let services: Set<String> = [
    "etcdserverpb.KV", "etcdserverpb.Watch", "etcdserverpb.Cluster", "etcdserverpb.Lease",
    "etcdserverpb.Maintenance", "etcdserverpb.Auth", "v3electionpb.Election", "v3lockpb.Lock",
  ]

  init(_ proxy: GRPCProxy, pages: any ExchangeHandler) {
    self.proxy = proxy
    self.pages = pages
    counts = Array(repeating: 0, count: Wire.Method.all.count)
    for method in Wire.Method.all where Self.services.contains(method.service) {
      routes[Key(method.path)] = method
    }
  }

  var methods: [Wire.Method] { routes.values.sorted { $0.id < $1.id } }

  func requestBegan(_ exchange: Exchange) {
    guard exchange.isGRPC else { return pages.requestBegan(exchange) }
    guard exchange.method == .post else {
      return exchange.replyError(13, "http2Server.operateHeaders parsed a :method field which should be POST")
    }
    guard let method = routes[Key(exchange.target)] else { return refuseUnknown(exchange) }
    counts[method.id] += 1
    exchange.userData = conversation(exchange, method)
  }

  private func conversation(_ exchange: Exchange, _ method: Wire.Method) -> any Conversation {
    let rewriting = proxy.namespace.rewriting(of: method)
    func call(_ kind: KVCall.Kind) -> any Conversation {
      if let leasing = proxy.leasing { return LeasingCall(exchange, proxy, leasing, method, kind) }
      return KVCall(exchange, proxy, method, kind, rewriting)
    }
    switch method.path {
    case "/etcdserverpb.KV/Range": return call(.range)
    case "/etcdserverpb.KV/Put": return call(.put)
    case "/etcdserverpb.KV/DeleteRange": return call(.deleteRange)
    case "/etcdserverpb.KV/Txn": return call(.txn)
    case "/etcdserverpb.Cluster/MemberList" where !proxy.settings.advertiseClientURL.isEmpty:
      return MemberListCall(exchange, proxy)
    // Who shows a token watches in a name of its own: it shares nothing.
    case "/etcdserverpb.Watch/Watch" where !exchange.headers.contains("token"):
      return WatchFront(exchange, proxy)
    // A token goes with each call; what is shared has none.
    case "/etcdserverpb.Lease/LeaseKeepAlive" where !exchange.headers.contains("token"):
      return KeepAliveFront(
        exchange, proxy, proxy.keepAlives(requiresLeader: exchange.headers.has("hasleader", "true")))
    default: break
    }
    let relay = Relay(exchange, proxy.pool, method, limits: proxy.limits, rewriting)
    if method.service == "etcdserverpb.Auth", method.name != "Authenticate" {
      // Rights may be others from now on.
      relay.onEnd = { [proxy] in proxy.cache.clear() }
    } else if ["/etcdserverpb.Lease/LeaseRevoke", "/etcdserverpb.Lease/LeaseGrant"].contains(method.path) {
      relay.onEnd = { [proxy] in proxy.doubtLeases() }
    }
    relay.begin()
    return relay
  }

  private func refuseUnknown(_ exchange: Exchange) {
    // The texts of grpc-go 1.26: server.go, handleStream.
    let path = exchange.path
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex, path.first == "/" else {
      return exchange.replyError(8, "malformed method name: \"\(path)\"")
    }
    let service = String(path[path.index(after: path.startIndex)..<slash])
    let method = String(path[path.index(after: slash)...])
    exchange.replyError(
      12,
      Self.services.contains(service)
        ? "unknown method \(method) for service \(service)" : "unknown service \(service)")
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    guard let conversation = exchange.userData as? any Conversation else {
      return pages.requestBody(exchange, bytes)
    }
    conversation.received(bytes)
  }

  func requestEnded(_ exchange: Exchange) {
    guard let conversation = exchange.userData as? any Conversation else { return pages.requestEnded(exchange) }
    conversation.ended()
  }

  func requestCancelled(_ exchange: Exchange) {
    guard let conversation = exchange.userData as? any Conversation else {
      return pages.requestCancelled(exchange)
    }
    conversation.cancelled()
  }

  func exchangeDrained(_ exchange: Exchange) {
    (exchange.userData as? any Conversation)?.drained()
  }

  func awaitsBody(_ exchange: Exchange) -> Bool {
    (exchange.userData as? any Conversation)?.awaitsBody ?? pages.awaitsBody(exchange)
  }

  func requestStalled(_ exchange: Exchange) {
    guard let conversation = exchange.userData as? any Conversation else {
      return pages.requestStalled(exchange)
    }
    conversation.cancelled()
    exchange.fail(RPCStatus(.deadlineExceeded, "etcdproxy: the request did not arrive in time"))
  }
}

/// The list of members is the list of proxies: clients that follow it stay with them.
/// As etcd 3.4: proxy/grpcproxy/cluster.go, MemberList.
private final class MemberListCall: Conversation {
  private let exchange: Exchange
  private unowned let proxy: GRPCProxy
  private var hasBody = false

  init(_ exchange: Exchange, _ proxy: GRPCProxy) {
    self.exchange = exchange
    self.proxy = proxy
  }

  var awaitsBody: Bool { !exchange.didReceiveAll }
  func received(_ bytes: UnsafeRawBufferPointer) { exchange.consumed(bytes.count) }
  func cancelled() {}
  func drained() {}

  func ended() {
    var reply = MemberListResponse()
    reply.members = (proxy.registration?.proxies ?? []).map {
      ClusterMember(name: $0.name, clientURLs: [$0.address])
    }
    if reply.members.isEmpty {
      reply.members = [ClusterMember(name: hostName(), clientURLs: [proxy.settings.advertiseClientURL])]
    }
    exchange.replyUnary(reply.encoded())
  }
}
