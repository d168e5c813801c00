import Base
import Discovery
import Event

/// The peer URLs that DNS names, for as long as the HTTP proxy runs.
final class SeedSource {
  private let domain: String
  private let log: Log
  private let answers: Mailbox<SRVFollower.Answer>
  private let wake = Wake()
  private var watch: WakeWatch?
  private let follower: SRVFollower
  private var seeds: [EndpointURL] = []
  private var silence = ""

  /// `found` hears of other seeds, never of none: what DNS does not say it does not take back.
  init(
    _ loop: EventLoop, domain: String, serviceName: String, log: Log,
    _ found: @escaping ([EndpointURL]) -> Void
  ) {
    self.domain = domain
    self.log = log
    answers = Mailbox { [wake] in wake.signal() }
    follower = SRVFollower(.members, domain: domain, serviceName: serviceName) { [answers] in
      answers.post($0)
    }
    watch = wake.watch(on: loop) { [unowned self] in
      for answer in answers.takeAll() { take(answer, found) }
    }
  }

  private func take(_ answer: SRVFollower.Answer, _ found: ([EndpointURL]) -> Void) {
    switch answer {
    case .failure(let failure): keep("\(failure)")
    case .success(let records):
      // Half an answer takes nobody's place away.
      if let silence = records.silence, !seeds.isEmpty { return keep(silence) }
      let urls = Self.urls(records)
      guard !urls.isEmpty else { return keep("there are no records") }
      if !silence.isEmpty {
        log(.info, "SRV records of \(domain) can be read again")
        silence = ""
      }
      guard urls != seeds else { return }
      seeds = urls
      log(.info, "DNS names the peers [\(urls.map(\.text).joined(separator: " "))]")
      found(urls)
    }
  }

  /// Each place once: who stands there in both ways is called by https, which comes first.
  static func urls(_ records: SRVEndpoints) -> [EndpointURL] {
    var places: Set<String> = []
    return records.endpoints.filter { places.insert($0.authority).inserted }
      .compactMap { try? EndpointURL(parsing: $0.url) }
  }

  private func keep(_ reason: String) {
    guard reason != silence else { return }
    silence = reason
    log(.warning, "SRV records of \(domain) cannot be used, those known before stay in use: \(reason)")
  }
}
