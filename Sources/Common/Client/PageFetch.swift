import Base
import Event
import HTTP
import TLS
import Wire

/// Gets one page of a member's web side over HTTP/1.1: its metrics tell what no call does, the quota among it.
package final class PageFetch {
  private let resolver: Resolver
  private let channel: Channel
  private let request: Request
  private let timer: Timer
  private var body = Bytes()
  /// Nil for a page that could not be had. Cleared when it was called.
  private var done: ((Bytes?) -> Void)?
  private var call: Call?
  private let owner = Owner()

  /// `done` comes once, never from here.
  package init(
    _ loop: EventLoop, _ settings: ClientSettings, _ endpoint: String, _ path: String, timeout: TimeSpan,
    _ done: @escaping (Bytes?) -> Void
  ) throws(ClientError) {
    let endpoint = ClientEndpoint(endpoint)
    let tls = try Client.context(settings, endpoint, protocols: ["http/1.1"])
    self.done = done
    resolver = Resolver(loop)
    request = Request(
      "GET", path, authority: endpoint.requestAuthority,
      scheme: tls == nil ? "http" : "https", headers: ["connection": "close"])
    channel = Channel(
      0, endpoint, loop, resolver, tls: tls,
      keepalive: Keepalive(interval: .zero, timeout: timeout, onlyWithStreams: true), version: .http1,
      owner: owner)
    let owner = owner
    timer = Timer(loop) { owner.fetch?.end(nil) }
    owner.fetch = self
    timer.once(after: timeout)
    channel.connect()
  }

  private func begin() {
    call = channel.open(request, self)
    if call == nil { end(nil) }
  }

  private func end(_ page: Bytes?) {
    let done = done
    self.done = nil
    call = nil
    timer.cancel()
    channel.close()
    done?(page)
  }

  /// Stands for the fetch before it is whole.
  private final class Owner: ChannelOwner {
    weak var fetch: PageFetch?
    func channelReady(_ channel: Channel) { fetch?.begin() }
    func channelEnded(_ channel: Channel, wasReady: Bool, reason: String) { fetch?.end(nil) }
  }
}

extension PageFetch: CallHandler {
  package func callBegan(_ call: Call) {}

  package func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    call.consumed(bytes.count)
    guard body.count + bytes.count <= Limits.fetchedPageBytes else { return end(nil) }
    body += bytes
  }

  package func callEnded(_ call: Call) { end(call.status == 200 ? body : nil) }
  package func callFailed(_ call: Call, _ failure: CallFailure) { end(nil) }
  package func callDrained(_ call: Call) {}
}
