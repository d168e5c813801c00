import Base

/// Which addresses names have and which names addresses: answers are kept for a while, and a question that is open already is
/// not put again, however many callers wait for its answer.
///
/// For judging callers by their certificates, so that one that is refused and calls again at once costs no look-up each time.
/// What lets a caller in serves for a minute; an answer that would keep one out is asked again after ten seconds, so that a
/// member that moved is not kept out for long. Who dials asks the resolver itself.
package final class NameBook {
  enum Question: Hashable {
    /// The addresses of this host, as texts.
    case addresses(String)
    /// The names of this address.
    case names(SocketAddress)
  }

  private struct Known {
    var answer: [String]
    var since: Instant
  }

  private struct Waiter {
    let suits: ([String]) -> Bool
    let done: (Bool) -> Void
  }

  private unowned let loop: EventLoop
  private let ask: (Question, @escaping ([String]) -> Void) -> Void
  private var known: [Question: Known] = [:]
  /// Each waiter is a caller's connection, whose number is bounded.
  private var open: [Question: [Waiter]] = [:]

  package convenience init(_ loop: EventLoop) {
    let resolver = Resolver(loop)
    self.init(loop) { question, done in
      switch question {
      case .names(let address): resolver.names(of: address, done)
      case .addresses(let host):
        resolver.addresses(of: host, port: 0) { result in
          if case .success(let found) = result { done(found.map(\.host)) } else { done([]) }
        }
      }
    }
  }

  /// - Parameter ask: must answer later, and once.
  init(_ loop: EventLoop, ask: @escaping (Question, @escaping ([String]) -> Void) -> Void) {
    self.loop = loop
    self.ask = ask
  }

  /// Whether the name leads to this address (as `SocketAddress.host` writes it). `done` runs on the loop, never from here.
  package func doesName(_ name: String, leadTo host: String, _ done: @escaping (Bool) -> Void) {
    find(.addresses(name), Waiter(suits: { $0.contains(host) }, done: done))
  }

  /// Whether the names that the address has in reverse (none perhaps) suit. `done` runs on the loop, never from here.
  package func doNames(
    of address: SocketAddress, suit: @escaping ([String]) -> Bool, _ done: @escaping (Bool) -> Void
  ) {
    var address = address
    if case .ip(let bytes, _, let scope) = address.kind { address.kind = .ip(bytes, port: 0, scope: scope) }
    find(.names(address), Waiter(suits: suit, done: done))
  }

  private func find(_ question: Question, _ waiter: Waiter) {
    if let known = known[question] {
      let isSuited = waiter.suits(known.answer)
      if loop.now - known.since < (isSuited ? Limits.keptLookupTime : Limits.keptRefusalTime) {
        return loop.post { waiter.done(isSuited) }
      }
    }
    open[question, default: []].append(waiter)
    guard open[question]?.count == 1 else { return }
    ask(question) { [weak self] answer in self?.take(answer, to: question) }
  }

  private func take(_ answer: [String], to question: Question) {
    makeRoom()
    known[question] = Known(answer: answer, since: loop.now)
    for waiter in open.removeValue(forKey: question) ?? [] { waiter.done(waiter.suits(answer)) }
  }

  private func makeRoom() {
    guard known.count >= Limits.keptLookups else { return }
    let now = loop.now
    known = known.filter { now - $0.value.since < Limits.keptLookupTime }
    guard known.count >= Limits.keptLookups, let oldest = known.min(by: { $0.value.since < $1.value.since })
    else {
      return
    }
    known[oldest.key] = nil
  }
}
