import Base

/// How many appends of how many bytes there were a second, of late. As etcd 3.4: api/v2stats/queue.go.
struct RateQueue {
  private var items: [(at: Instant, bytes: Int)] = []
  /// The oldest once the ring is full.
  private var front = 0
  private var bytes = 0

  mutating func add(_ count: Int, at now: Instant) {
    if items.count < Limits.statsQueue {
      items.append((now, count))
    } else {
      bytes -= items[front].bytes
      items[front] = (now, count)
      front = (front + 1) % Limits.statsQueue
    }
    bytes += count
  }

  /// Appends and bytes a second; nothing once there was none for a second.
  mutating func rates(now: Instant) -> (appends: Double, bytes: Double) {
    guard !items.isEmpty else { return (0, 0) }
    let last = items[(front + items.count - 1) % items.count].at
    guard now - last <= .seconds(1) else {
      self = RateQueue()
      return (0, 0)
    }
    let seconds = (last - items[front].at).seconds
    guard seconds > 0 else { return (0, 0) }
    return (Double(items.count) / seconds, Double(bytes) / seconds)
  }
}
