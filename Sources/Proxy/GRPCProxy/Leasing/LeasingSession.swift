import Base
import Event
import Glibc
import HTTP
import Wire

/// The lease of the leasing keys, and until when it is certain that it lasts.
///
/// What we own others may write as soon as the lease has ended at the members. So it counts from when a renewal was asked for,
/// not from when it was answered, and less a margin. Go's counts from the answer and looks every half second.
final class LeasingSession {
  private unowned let proxy: GRPCProxy
  private let hear: (Int64?) -> Void
  private(set) var id: Int64 = 0
  private var ttl: Int64 = 0
  private var validUntil = Instant(nanoseconds: 0)
  private var timer: Timer?
  private var isOver = false
  private var isAsking = false
  /// What others want of us would be heard. Without that nothing may be owned: they would wait for us in vain.
  private var isHearing = false

  /// `hear` is told the lease of a session that begins, and nil when it has ended.
  init(_ proxy: GRPCProxy, _ hear: @escaping (Int64?) -> Void) {
    self.proxy = proxy
    self.hear = hear
  }

  /// The clock that goes on while the machine sleeps, read now: a process that was stopped must not believe an old reading.
  private static var clock: Instant {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Whether what is owned may be answered now. Ends the session when its time is over.
  var isValid: Bool {
    guard id != 0 else { return false }
    if Self.clock < validUntil { return true }
    end("the session's lease was not renewed in time", isGone: false)
    return false
  }

  func start() {
    isHearing = true
    begin()
  }

  /// What others want of us is not heard any more; `start` comes when it is again.
  func stop(_ reason: String) {
    isHearing = false
    end(reason, isGone: false)
  }

  private func begin() {
    guard id == 0, isHearing, !isAsking, !isOver else { return }
    isAsking = true
    let asked = Self.clock
    BackUnary(
      proxy, "/etcdserverpb.Lease/LeaseGrant", LeaseGrantRequest(ttl: Limits.leasingSessionSeconds),
      timeout: Limits.leasingCallTime
    ) { [weak self] result in
      guard let self else { return }
      isAsking = false
      guard case .success(let bytes) = result, let reply = try? LeaseGrantResponse(decoding: bytes),
        reply.id != 0
      else { return later(Limits.leasingRetryWait) { $0.begin() } }
      guard isHearing, !isOver else { return revoke(reply.id) {} }
      id = reply.id
      ttl = reply.ttl
      extend(from: asked)
      proxy.log(.info, "leasing session began", LogField("lease", String(id, radix: 16)))
      hear(id)
      renewLater()
    }
  }

  private func extend(from asked: Instant) {
    validUntil = asked + TimeSpan.seconds(ttl) - Limits.leasingMargin
  }

  private func renewLater() { later(.milliseconds(ttl * 1_000 / 3)) { $0.renew() } }

  private func renew() {
    let id = id
    guard isValid else { return }
    let asked = Self.clock
    // A stream of one question, to a member that has a leader behind it.
    BackUnary(
      proxy, "/etcdserverpb.Lease/LeaseKeepAlive", LeaseKeepAliveRequest(id: id),
      metadata: ["hasleader": "true"], timeout: Limits.leasingRenewTime
    ) { [weak self] result in
      guard let self, self.id == id else { return }
      guard case .success(let bytes) = result, let reply = try? LeaseKeepAliveResponse(decoding: bytes) else {
        if isValid { later(Limits.leasingRetryWait) { $0.renew() } }
        return
      }
      guard reply.ttl > 0 else { return end("the session's lease is gone", isGone: true) }
      ttl = reply.ttl
      extend(from: asked)
      renewLater()
    }
  }

  /// A member said that the lease is not there.
  func leaseIsGone(_ lease: Int64) { if lease == id { end("the session's lease is gone", isGone: true) } }

  /// Nothing vouches for what is owned any more.
  func end(_ reason: String, isGone: Bool) {
    guard id != 0 else { return }
    let lease = id
    id = 0
    timer = nil
    proxy.log(.warning, "leasing session ended", LogField("reason", reason))
    hear(nil)
    // Others need not wait for its end.
    if !isGone { revoke(lease) {} }
    later(Limits.leasingRetryWait) { $0.begin() }
  }

  private func revoke(_ lease: Int64, _ done: @escaping () -> Void) {
    BackUnary(
      proxy, "/etcdserverpb.Lease/LeaseRevoke", LeaseRevokeRequest(id: lease), timeout: Limits.leasingRevokeTime
    ) { _ in done() }
  }

  /// The last word: gives everything back. `done` comes once.
  func leave(_ done: @escaping () -> Void) {
    isOver = true
    timer = nil
    let lease = id
    id = 0
    guard lease != 0 else { return proxy.loop.post(done) }
    hear(nil)
    revoke(lease, done)
  }

  private func later(_ span: TimeSpan, _ work: @escaping (LeasingSession) -> Void) {
    let timer = Timer(proxy.loop) { [weak self] in
      if let self { work(self) }
    }
    timer.once(after: span)
    self.timer = timer
  }
}
