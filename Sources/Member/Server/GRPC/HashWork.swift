import Base
import Doors
import Event
import Machine
import Wire

/// A HashKV that is computed a slice a turn.
final class HashWork {
  private let computation: HashComputation
  private let done: (Result<KVHash, RPCStatus>) -> Void
  private let isVoid: () -> Bool
  private unowned let member: Member
  private let began: Instant

  /// - Parameter isVoid: nobody waits for the answer any more.
  init(
    _ computation: HashComputation, _ member: Member, isVoid: @escaping () -> Bool = { false },
    _ done: @escaping (Result<KVHash, RPCStatus>) -> Void
  ) {
    self.computation = computation
    self.member = member
    self.isVoid = isVoid
    self.done = done
    began = member.loop.now
  }

  /// Goes on by a slice; true when the call is answered.
  func step() -> Bool {
    if isVoid() { return true }
    do throws(RPCStatus) {
      guard let hash = try computation.step(budgetRows: Limits.hashSliceRows) else { return false }
      member.metrics.hashAtRevision.observe(member.loop.now - began)
      done(.success(hash))
    } catch { done(.failure(error)) }
    return true
  }
}
