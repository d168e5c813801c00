import Base

/// Which endpoint to use next, and when to try again those that failed. It decides and does nothing else.
///
/// All endpoints are connected at once, calls go round those that are ready. As etcd 3.4: clientv3/balancer with
/// grpc's waits between attempts (1 s, growing by 1.6 up to 2 min, give or take a fifth).
package struct EndpointRing: Sendable {
  private enum State: Equatable {
    case idle, connecting, ready
    case waiting(until: Instant)
  }
  private struct Place {
    var state = State.idle
    /// Failures since the last success.
    var failures = 0
  }

  private var places: [Place]
  private var last = -1

  /// Waits between attempts: the first one, and the longest.
  private let firstWaitSeconds: Double
  private let longestWaitSeconds: Double

  package init(
    count: Int, firstWaitSeconds: Double = 1, longestWaitSeconds: Double = Limits.clientBackoffSeconds
  ) {
    places = [Place](repeating: Place(), count: count)
    self.firstWaitSeconds = firstWaitSeconds
    self.longestWaitSeconds = longestWaitSeconds
  }

  package var count: Int { places.count }
  package var hasReady: Bool { places.contains { $0.state == .ready } }
  /// Every endpoint has failed and none is being tried.
  package var hasFailed: Bool {
    places.allSatisfy {
      if case .waiting = $0.state { return true }
      return false
    }
  }

  /// Another list of endpoints: for each the place it had before, nil for one that is new.
  package mutating func replace(by former: [Int?]) {
    places = former.map { $0.map { places[$0] } ?? Place() }
    last = -1
  }

  /// The next ready endpoint in turn.
  package mutating func next() -> Int? {
    for step in 1...max(1, places.count) where !places.isEmpty {
      let index = (last + step) % places.count
      if places[index].state == .ready {
        last = index
        return index
      }
    }
    return nil
  }

  /// Endpoints to connect now; they count as connecting from here on.
  package mutating func takeDue(at now: Instant) -> [Int] {
    var due: [Int] = []
    for index in places.indices {
      switch places[index].state {
      case .idle: break
      case .waiting(let until) where until <= now: break
      default: continue
      }
      places[index].state = .connecting
      due.append(index)
    }
    return due
  }

  /// When `takeDue` will have something again; nil for not by itself.
  package var nextDeadline: Instant? {
    places.compactMap { place -> Instant? in
      if case .waiting(let until) = place.state { return until }
      return nil
    }.min()
  }

  package mutating func connected(_ index: Int) {
    places[index] = Place(state: .ready)
  }

  /// A connection that was good has ended: it is made again at once.
  package mutating func disconnected(_ index: Int) {
    places[index].state = .idle
  }

  /// An attempt failed; the next one comes after a wait. `dice` spreads the waits of many clients.
  package mutating func failed(_ index: Int, at now: Instant, _ dice: inout Dice) {
    var seconds = firstWaitSeconds
    for _ in 0..<min(places[index].failures, 16) { seconds *= 1.6 }
    seconds = min(seconds, longestWaitSeconds)
    let factor = 0.8 + 0.4 * Double(dice.below(1_000)) / 1_000
    places[index].failures += 1
    places[index].state = .waiting(
      until: now + TimeSpan(nanoseconds: Int64(seconds * factor * 1_000_000_000)))
  }
}
