import Base
import Event
import HTTP
import Machine
import Wire

/// One large range on its way to its reader.
///
/// First its length is computed, then it is written as the reader takes it; `RangeDesk` says when it may do a piece of
/// work.
final class RangeSending {
  private let call: Call
  private let request: RangeRequest
  private let computation: RangeComputation
  /// The loop's time in all steps so far.
  private var took = TimeSpan.zero
  private unowned let member: Member
  /// Length of the message once it is known.
  private var byteCount: Int?
  /// In the desk's queue.
  var isQueued = false
  /// Held rows that the desk has set aside for it.
  var reservedRows = 0

  init(_ request: RangeRequest, _ call: Call, _ member: Member) throws(RPCStatus) {
    self.request = request
    self.call = call
    self.member = member
    computation = try RangeComputation(
      store: member.machine.store, request: request, header: member.header())
  }

  var heldRows: Int { computation.heldRows }

  enum Progress {
    /// It could go on at once.
    case ready
    /// The reader has to take something first; the call's drained event tells.
    case blocked
    /// Answered, or given up.
    case over
  }

  /// Does one small piece of work.
  func step() -> Progress {
    if call.isAnswered { return .over }
    let began = member.loop.clock
    do throws(RPCStatus) {
      let progress = try byteCount == nil ? measure() : write()
      took = took + (member.loop.clock - began)
      if case .over = progress { member.book(request, bytes: byteCount ?? 0, took: took) }
      return progress
    } catch {
      call.fail(error)
      return .over
    }
  }

  private func measure() throws(RPCStatus) -> Progress {
    guard let count = try computation.measure(rows: Limits.rangeStepRows) else { return .ready }
    guard count <= Limits.grpcSendBytes else { throw .sendTooLarge(count) }
    byteCount = count
    call.beginMessage(length: count)
    return .ready
  }

  private func write() throws(RPCStatus) -> Progress {
    guard call.exchange.canSend else { return .blocked }
    var isWhole = false
    try call.sendPiece { (output) throws(RPCStatus) in
      isWhole = try computation.write(
        rows: Limits.rangeStepRows, bytes: Limits.rangeStepBytes, to: &output)
    }
    guard isWhole else { return .ready }
    call.finish(sent: byteCount ?? 0)
    return .over
  }
}

extension RPCStatus {
  /// As grpc-go 1.26: server.go, sendResponse.
  fileprivate static func sendTooLarge(_ count: Int) -> RPCStatus {
    RPCStatus(
      .resourceExhausted, "grpc: trying to send message larger than max (\(count) vs. \(Limits.grpcSendBytes))")
  }
}
