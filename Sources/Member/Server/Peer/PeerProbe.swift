import Base
import Doors
import Event
import HTTP
import Machine

/// Asks another member for a sign of life every few seconds: is the link sound, how long is the way, do the clocks agree.
/// As etcd 3.4: etcdserver/api/rafthttp/probing_status.go and xiang90/probing, prober.go. Go asks over two connections, as
/// its streams and its posts dial differently; ours dial alike.
final class PeerProbe {
  private unowned let peer: Peer
  private(set) var health = LinkHealth()
  private var picked = 0
  private var question: PeerFetch?
  private var asks: Timer?
  private var looks: Timer?

  init(_ peer: Peer) { self.peer = peer }

  private var transport: PeerTransport { peer.transport }

  func start() {
    let asks = Timer(transport.dialer.loop) { [unowned self] in ask() }
    asks.every(Limits.peerProbe)
    self.asks = asks
    let looks = Timer(transport.dialer.loop) { [unowned self] in look() }
    // The first one early: what is wrong from the start should not take long to be told.
    looks.once(after: Limits.peerProbeLookAtTrouble)
    self.looks = looks
  }

  func stop() {
    asks = nil
    looks = nil
    question?.cancel()
    question = nil
  }

  private func ask() {
    guard question == nil else { return }
    let url = peer.urls[picked % peer.urls.count]
    let request = Request("GET", "/raft/probing", authority: url.authority, scheme: url.scheme.rawValue)
    let loop = transport.dialer.loop
    let began = loop.clock
    question = PeerFetch(transport.dialer, url, request, isRepeatable: true) { [unowned self] result in
      question = nil
      judge(result, url, took: loop.clock - began)
    }
  }

  private func judge(_ result: Result<PeerFetch.Reply, PeerFetchFailure>, _ url: EndpointURL, took: TimeSpan) {
    switch result {
    case .failure(let failure): health.failed(failure.text)
    case .success(let reply):
      guard reply.status == 200 else {
        health.failed("got unexpected HTTP status code \(reply.status) from \(url.text)/raft/probing")
        break
      }
      guard let json = try? JSONValue(parsing: reply.body), json["OK"]?.bool == true else {
        health.failed("\(url.text)/raft/probing did not answer OK")
        break
      }
      let now = json["Now"]?.string.flatMap { V2Time.nanoseconds($0) }
      return health.answered(after: took, theirs: now, ours: transport.dialer.loop.wallNanoseconds)
    }
    picked += 1
  }

  /// Says what the probes found, and notes it for the metric.
  private func look() {
    let log = transport.log
    let id = peer.id.hex
    if !health.isHealthy { log(.warning, "health check for peer \(id) could not connect: \(health.failure)") }
    if health.clockDifference > Limits.peerClockDifference {
      let words = (health.clockDifference, Limits.peerClockDifference)
      log(
        .warning,
        "the clock difference against peer \(id) is too high [\(GoDuration.text(words.0)) > \(GoDuration.text(words.1))]"
      )
    }
    if let trip = health.roundTrip {
      transport.figures[peer.id, default: PeerFigures()].roundTrip.observe(trip)
    }
    looks?.once(after: health.isHealthy ? Limits.peerProbeLook : Limits.peerProbeLookAtTrouble)
  }
}
