import Base
import Event
import Raft
import Wire

/// One question whether a linearizable read goes through, answered once and in time.
final class HealthProbe {
  private var timer: Timer?
  private var done: ((RPCStatus?) -> Void)?

  /// - Parameter done: hears nil, or why not; within `Limits.healthProbeTime`.
  @discardableResult
  init(_ member: Member, _ done: @escaping (RPCStatus?) -> Void) {
    self.done = done
    guard member.node.lead != 0 else {
      end(.noLeader)
      return
    }
    let timer = Timer(member.loop) { [self] in end(.timeout) }
    timer.once(after: Limits.healthProbeTime)
    self.timer = timer
    member.probe { [self] in end($0) }
  }

  private func end(_ status: RPCStatus?) {
    guard let done else { return }
    self.done = nil
    timer?.cancel()
    // The timer's own call may be under way: it lets go of this object only after it.
    timer = nil
    done(status)
  }
}
