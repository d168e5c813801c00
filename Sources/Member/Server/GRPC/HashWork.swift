import Base
import Event
import Machine
import Wire

/// A HashKV that is computed a slice a turn.
final class HashWork {
  private let computation: HashComputation
  private let call: Call
  private unowned let member: Member
  private let began: Instant

  init(_ computation: HashComputation, _ call: Call, _ member: Member) {
    self.computation = computation
    self.call = call
    self.member = member
    began = member.loop.now
  }

  /// Goes on by a slice; true when the call is answered.
  func step() -> Bool {
    if call.isAnswered { return true }
    do throws(RPCStatus) {
      guard let hash = try computation.step(budgetRows: Limits.hashSliceRows) else { return false }
      member.metrics.hashAtRevision.observe(member.loop.now - began)
      var reply = HashKVResponse()
      reply.header = member.filled(ResponseHeader(revision: hash.currentRevision))
      reply.hash = hash.hash
      reply.compactRevision = hash.compactRevision
      call.reply(reply)
    } catch { call.fail(error) }
    return true
  }
}
