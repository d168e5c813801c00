import Base
import Client
import Event
import Wire

/// Puts of many clients at a time, each over connections of its own and one put after the other.
final class LoadRun {
  /// When puts come into being.
  enum Pace {
    /// So many a second, for so long.
    case rate(Int, TimeSpan)
    /// So many in all, as fast as they are taken.
    case count(Int)
  }

  private let loop: EventLoop
  private let clients: [Client]
  private let pace: Pace
  private let prefix: Bytes
  private let value: Bytes
  private var key: Bytes
  private let onPut: () -> Void
  private var dice: Dice

  private var idle: [Int]
  /// Puts that wait for a client; at most one for each, then no more come into being.
  private var queued = 0
  private var made = 0
  private var underWay = 0
  private var began = Instant(nanoseconds: 0)
  private var nextDue = Instant(nanoseconds: 0)
  private var isMade = false
  private var timer: Timer?

  private var latencies: [Double] = []
  private var errors: [String: Int] = [:]

  /// How far behind its pace a run may fall and still make up for it: timers are not exact. Beyond, what was missed is missed.
  private static let slack = TimeSpan.milliseconds(100)

  init(
    _ loop: EventLoop, _ clients: [Client], _ pace: Pace, prefix: Bytes, keyBytes: Int, valueBytes: Int,
    onPut: @escaping () -> Void = {}
  ) {
    self.loop = loop
    self.clients = clients
    self.pace = pace
    self.prefix = prefix
    self.onPut = onPut
    key = Bytes(repeating: 0, count: keyBytes)
    value = Bytes(repeating: 0, count: valueBytes)
    idle = Array(clients.indices.reversed())
    dice = Dice(seed: UInt64(bitPattern: loop.wallNanoseconds))
  }

  /// Runs to its end.
  func run() -> LoadStats {
    began = loop.now
    nextDue = began
    let timer = Timer(loop) { [unowned self] in make() }
    self.timer = timer
    make()
    while !isMade || queued > 0 || underWay > 0 { loop.turn(waits: true) }
    self.timer = nil
    return LoadStats(seconds: latencies, errors: errors, total: seconds(loop.now - began))
  }

  // MARK: Making puts

  private func make() {
    switch pace {
    case .count(let total):
      while made < total, queued < clients.count { add() }
      isMade = made >= total
    case .rate(let rate, let span):
      makeDue(TimeSpan(nanoseconds: 1_000_000_000 / Int64(rate)), until: began + span)
    }
    start()
  }

  private func makeDue(_ interval: TimeSpan, until end: Instant) {
    let now = loop.now
    while !isMade, nextDue <= now, queued < clients.count {
      add()
      let next = nextDue + interval
      nextDue = now - next > Self.slack ? Instant(nanoseconds: now.nanoseconds - Self.slack.nanoseconds) : next
      isMade = nextDue >= end
    }
    isMade = isMade || now >= end
    if !isMade { timer?.once(after: max(.milliseconds(1), min(nextDue, end) - now)) }
  }

  private func add() {
    made += 1
    queued += 1
  }

  // MARK: Sending them

  private func start() {
    while queued > 0, let client = idle.popLast() {
      queued -= 1
      underWay += 1
      put(client)
    }
  }

  private func put(_ client: Int) {
    let sent = loop.now
    clients[client].call(EtcdRPC.put, PutRequest(key: prefix + nextKey(), value: value), deadline: nil) {
      [unowned self] result in
      underWay -= 1
      idle.append(client)
      switch result {
      case .success: latencies.append(seconds(loop.now - sent))
      case .failure(let failure): errors[failure.description, default: 0] += 1
      }
      onPut()
      make()
    }
  }

  /// As the original: a random number as a varint at the beginning of a key that is long otherwise.
  private func nextKey() -> Bytes {
    var number = (dice.next() >> 1) << 1
    var place = 0
    while number >= 0x80 {
      key[place] = UInt8(truncatingIfNeeded: number) | 0x80
      number >>= 7
      place += 1
    }
    key[place] = UInt8(number)
    return key
  }

  private func seconds(_ span: TimeSpan) -> Double { Double(span.nanoseconds) / 1e9 }
}
