import Base
import Client
import Event
import Glibc
import Wire

/// A proxy's entry under `--resolver-prefix`, kept alive by a lease, and the entries of all proxies there.
/// As etcd 3.4: proxy/grpcproxy/register.go and cluster.go, with the values of clientv3/naming.
final class Registration {
  struct Proxy: Equatable {
    var address: String
    var name: String
  }

  private let client: Client
  private let loop: EventLoop
  private let prefix: Bytes
  private let address: String
  private let ttl: Int64
  private let log: Log
  private var lease: Int64 = 0
  private var keeper: LeaseKeeper?
  private var timer: Timer?
  private var watch: WatchStream?
  private var known: [Key: Proxy] = [:]
  private var isOver = false

  /// `prefix` with the name space in front.
  init(_ client: Client, prefix: Bytes, address: String, ttl: Int, log: Log) {
    self.client = client
    loop = client.loop
    self.prefix = prefix
    self.address = address
    self.ttl = Int64(ttl)
    self.log = log
  }

  /// Every proxy that is registered now, by address.
  var proxies: [Proxy] { known.values.sorted { $0.address < $1.address } }

  func start() {
    register()
    follow()
  }

  func replace(_ endpoints: [String]) throws(ClientError) { try client.replace(endpoints) }

  // MARK: The own entry

  private func register() {
    client.call(EtcdRPC.leaseGrant, LeaseGrantRequest(ttl: ttl), deadline: deadline) { [weak self] result in
      guard let self, !isOver else { return }
      switch result {
      case .success(let reply): put(reply.id)
      case .failure(let failure): again("failed to create a session", failure.description)
      }
    }
  }

  private func put(_ lease: Int64) {
    self.lease = lease
    let request = PutRequest(key: prefix + "/\(address)".bytes, value: value.bytes, lease: lease)
    client.call(EtcdRPC.put, request, deadline: deadline) { [weak self] result in
      guard let self, !isOver else { return }
      switch result {
      case .success:
        log(.info, "registered \(goQuoted(address)) with \(ttl)-second lease")
        keeper = LeaseKeeper(
          client, lease, onReply: { _ in },
          onEnd: { [weak self] in
            self?.again("session expired; possible network partition or server restart", "")
          })
      case .failure(let failure): again("failed to register", failure.description)
      }
    }
  }

  private func again(_ what: String, _ reason: String) {
    guard !isOver else { return }
    log(.warning, what, LogField("error", reason))
    keeper = nil
    let timer = Timer(loop) { [weak self] in self?.register() }
    timer.once(after: Limits.proxyRegisterWait)
    self.timer = timer
  }

  private var deadline: Instant { loop.now + Limits.proxyConnectWait }

  /// As clientv3/naming writes it.
  private var value: String {
    let name = "{\"name\":\(goQuoted(hostName()))}"
    return "{\"Op\":0,\"Addr\":\(goQuoted(address)),\"Metadata\":\(goQuoted(name))}"
  }

  /// Takes the entry back, so that nobody is sent here any more. `done` comes once.
  func revoke(_ done: @escaping () -> Void) {
    isOver = true
    keeper?.cancel()
    keeper = nil
    timer = nil
    watch = nil
    guard lease != 0 else { return loop.post(done) }
    client.call(EtcdRPC.leaseRevoke, LeaseRevokeRequest(id: lease), deadline: loop.now + .seconds(1)) { _ in
      done()
    }
  }

  // MARK: All entries

  private func follow() {
    let (key, end) = (prefix + [0x2F], Namespace.end(of: prefix + [0x2F]))
    client.call(EtcdRPC.range, RangeRequest(key: key, rangeEnd: end), deadline: deadline) {
      [weak self] result in
      guard let self, !isOver else { return }
      guard case .success(let reply) = result else {
        let timer = Timer(loop) { [weak self] in self?.follow() }
        timer.once(after: Limits.proxyRegisterWait)
        return followTimer = timer
      }
      known = [:]
      for pair in reply.kvs { known[Key(pair.key)] = Self.proxy(pair.value) }
      watch(key, end, from: (reply.header?.revision ?? 0) + 1)
    }
  }
  private var followTimer: Timer?

  private func watch(_ key: Bytes, _ end: Bytes, from revision: Int64) {
    let stream = WatchStream(client) { [weak self] _, news in
      guard let self, !isOver else { return }
      switch news {
      case .reply(let reply):
        for event in reply.events {
          guard let pair = event.kv else { continue }
          known[Key(pair.key)] = event.type == .delete ? nil : Self.proxy(pair.value)
        }
      case .ended: loop.post { [weak self] in self?.follow() }
      }
    }
    _ = stream.watch(WatchCreateRequest(key: key, rangeEnd: end, startRevision: revision))
    watch = stream
  }

  static func proxy(_ value: Bytes) -> Proxy? {
    guard let json = try? JSONValue(parsing: value), case .string(let address)? = json["Addr"] else {
      return nil
    }
    guard case .string(let text)? = json["Metadata"], let inner = try? JSONValue(parsing: text),
      case .string(let name)? = inner["name"]
    else { return Proxy(address: address, name: "") }
    return Proxy(address: address, name: name)
  }
}

/// What the machine calls itself.
func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "" }
  return String(utf8: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
}
