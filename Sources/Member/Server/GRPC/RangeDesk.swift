import Base
import Event
import HTTP
import Machine
import Wire

/// Shares the loop's time among large ranges, so that all of them together hold it for a fraction of a millisecond a
/// turn, however many there are and however large.
final class RangeDesk {
  private unowned let member: Member
  /// Those that can go on, the longest waiting first.
  private var queue: [RangeSending] = []
  /// Those that wait until fewer rows are held for sorting, with their number of rows.
  private var waiting: [(sending: RangeSending, rows: Int)] = []
  private var heldRows = 0
  /// Ranges that are not over.
  private(set) var openCount = 0

  init(_ member: Member) { self.member = member }

  /// Begins to answer; the revision is that of now.
  func begin(_ request: RangeRequest, _ call: Call) throws(RPCStatus) {
    let sending = try RangeSending(request, call, member)
    call.state = sending
    openCount += 1
    let rows = sending.heldRows
    if rows > 0, heldRows > 0, heldRows + rows > Limits.sortedRangeRows {
      return waiting.append((sending, rows))
    }
    admit(sending, rows)
  }

  private func admit(_ sending: RangeSending, _ rows: Int) {
    sending.reservedRows = rows
    heldRows += rows
    goOn(sending)
  }

  /// The reader has taken something.
  func goOn(_ sending: RangeSending) {
    guard !sending.isQueued else { return }
    sending.isQueued = true
    queue.append(sending)
    member.loop.post {}
  }

  /// The reader has gone; what waits in the queue is dropped when it comes up.
  func giveUp(_ sending: RangeSending) {
    let count = waiting.count
    waiting.removeAll { $0.sending === sending }
    if waiting.count < count { return openCount -= 1 }
    // After the call is marked as gone, one more step ends it.
    goOn(sending)
  }

  /// One turn's share, round and round.
  func step() {
    guard !queue.isEmpty else { return }
    let end = member.loop.clock + Limits.rangeTurnTime
    var place = 0
    repeat {
      let sending = queue[place]
      place += 1
      switch sending.step() {
      case .ready: queue.append(sending)
      case .blocked: sending.isQueued = false
      case .over: close(sending)
      }
    } while place < queue.count && member.loop.clock < end
    queue.removeSubrange(..<place)
    if !queue.isEmpty { member.loop.post {} }
  }

  private func close(_ sending: RangeSending) {
    sending.isQueued = false
    openCount -= 1
    heldRows -= sending.reservedRows
    guard sending.reservedRows > 0 else { return }
    while let next = waiting.first, heldRows == 0 || heldRows + next.rows <= Limits.sortedRangeRows {
      waiting.removeFirst()
      admit(next.sending, next.rows)
    }
  }
}
