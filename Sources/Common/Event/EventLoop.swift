import Base
import CLibevent
import CShim

/// One thread's loop. A turn waits for events, runs their callbacks, then the work posted for this turn,
/// then `onTurnEnd`.
package final class EventLoop {
  let base: OpaquePointer
  /// One read buffer for all sockets of the loop; its bytes are valid during a callback only.
  let scratch: UnsafeMutableRawBufferPointer
  /// Runs once after each batch of callbacks: the place to propose, write and flush what was gathered.
  package var onTurnEnd: (() -> Void)?

  private var posted: [() -> Void] = []
  private var isStopping = false
  private var cachedNow = Instant(nanoseconds: 0)
  private var isNowStale = true
  /// Turns run so far.
  package private(set) var turns: UInt64 = 0

  package init() {
    guard let base = event_base_new() else { broken("libevent gave no event base") }
    self.base = base
    scratch = .allocate(byteCount: Limits.readChunkBytes, alignment: 16)
  }

  deinit {
    event_base_free(base)
    scratch.deallocate()
  }

  /// The monotonic clock, read once per turn.
  package var now: Instant {
    if isNowStale {
      cachedNow = Instant(nanoseconds: cshim_monotonic_now())
      isNowStale = false
    }
    return cachedNow
  }

  /// The monotonic clock, read now: for work that watches how long it holds the loop.
  package var clock: Instant { Instant(nanoseconds: cshim_monotonic_now()) }

  /// The wall clock in nanoseconds since 1970, read now.
  package var wallNanoseconds: Int64 { cshim_realtime_now() }

  /// Runs until `stop`. The loop stays alive without events, waiting for a wake or a signal that may be added.
  package func run() {
    isStopping = false
    while !isStopping { turn(waits: true) }
  }

  /// One turn; with `waits` it sleeps until something happens.
  package func turn(waits: Bool) {
    let flags =
      EVLOOP_ONCE | (waits && posted.isEmpty && !isStopping ? 0 : EVLOOP_NONBLOCK) | EVLOOP_NO_EXIT_ON_EMPTY
    isNowStale = true
    event_base_loop(base, flags)
    runPosted()
    onTurnEnd?()
    turns &+= 1
  }

  /// Ends `run` after the current turn. From another thread: post a letter and use a `Wake`.
  package func stop() { isStopping = true }

  /// Runs `work` in the next turn at the latest, before its end.
  package func post(_ work: @escaping () -> Void) { posted.append(work) }

  private func runPosted() {
    guard !posted.isEmpty else { return }
    var work: [() -> Void] = []
    swap(&work, &posted)
    for each in work { each() }
  }
}

/// A libevent event and its memory. `target` is called back unretained: the object that owns the handle
/// cancels it in its own `deinit`.
struct EventHandle: ~Copyable {
  private let event: OpaquePointer
  private(set) var isAdded = false

  init(
    _ loop: EventLoop, _ descriptor: Int32, _ flags: Int32, _ callback: @escaping event_callback_fn,
    _ target: AnyObject
  ) {
    let context = Unmanaged.passUnretained(target).toOpaque()
    guard let made = event_new(loop.base, descriptor, Int16(flags), callback, context) else {
      broken("libevent gave no event for descriptor \(descriptor)")
    }
    event = made
  }

  deinit { event_free(event) }

  mutating func add() {
    guard !isAdded else { return }
    event_add(event, nil)
    isAdded = true
  }

  mutating func add(after span: TimeSpan) {
    let microseconds = max(0, (span.nanoseconds + 999) / 1000)
    var time = timeval(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    event_add(event, &time)
    isAdded = true
  }

  mutating func remove() {
    guard isAdded else { return }
    event_del(event)
    isAdded = false
  }

  /// A one-shot event has run.
  mutating func didFire() { isAdded = false }
}

/// Lends the object behind a callback's context for the length of the call.
func withTarget<T: AnyObject>(_ context: UnsafeMutableRawPointer?, _ type: T.Type, _ body: (T) -> Void) {
  guard let context else { broken("an event lost its \(type)") }
  // Retained while it runs: a callback may drop the last reference to its own object.
  body(Unmanaged<T>.fromOpaque(context).takeUnretainedValue())
}
