import Base
import HTTP
import Wire

/// Holds a transaction until all of it is here, so that a readonly proxy can look at it.
///
/// What goes on is not what came but what was understood, written anew: a body that two readers take for two different
/// transactions cannot pass as the harmless one.
final class TxnInspection: Errand {
  /// What came of it.
  enum Outcome {
    /// It only reads; the body to send on.
    case passes(Bytes)
    case refused
    case fault(GRPC.Fault)
  }

  private let isGRPC: Bool
  private let limit: Int
  private var body = Bytes()
  private var isTooLong = false
  private let done: (TxnInspection, Outcome) -> Void

  /// - Parameter limit: longest message, as `--max-request-bytes` allows it on a member.
  init(_ exchange: Exchange, isGRPC: Bool, limit: Int, _ done: @escaping (TxnInspection, Outcome) -> Void) {
    self.isGRPC = isGRPC
    self.limit = isGRPC ? limit + 5 : limit * Limits.gatewayBytesPerByte
    self.done = done
    super.init(exchange)
  }

  override func receive(_ bytes: UnsafeRawBufferPointer) {
    exchange.consumed(bytes.count)
    guard !isTooLong else { return }
    if body.count + bytes.count > limit {
      isTooLong = true
      body = []
    } else {
      body.append(contentsOf: bytes)
    }
    exchange.noteGathered(body.count)
  }

  override func requestEnded() {
    exchange.noteGathered(0)
    if isTooLong {
      return done(
        self,
        .fault(GRPC.Fault(code: 8, message: "etcdproxy: received message larger than max (\(limit) bytes)")))
    }
    done(self, isGRPC ? judgeMessage() : judgeJSON())
  }

  private func judgeMessage() -> Outcome {
    var deframer = GRPCDeframer(limit: limit)
    var messages: [TxnRequest?] = []
    var fault: GRPC.Fault?
    body.withUnsafeBytes { bytes in
      do throws(GRPC.Fault) {
        try deframer.receive(bytes) { messages.append(try? TxnRequest(decoding: $0)) }
      } catch { fault = error }
    }
    if let fault { return .fault(fault) }
    guard messages.count == 1, !deframer.isMidMessage, let found = messages.first, let txn = found else {
      return .fault(GRPC.Fault(code: 13, message: "etcdproxy: the body is not one transaction"))
    }
    guard ReadOnlyRules.onlyReads(txn) else { return .refused }
    var output = ByteWriter()
    output.append(0)
    output.append(bigEndian: UInt32(txn.encodedSize))
    txn.append(to: &output)
    return .passes(output.bytes)
  }

  private func judgeJSON() -> Outcome {
    do throws(JSONMappingError) {
      let txn = try TxnRequest(json: body)
      guard ReadOnlyRules.onlyReads(txn) else { return .refused }
      return .passes(txn.json())
    } catch {
      return .fault(GRPC.Fault(code: 3, message: error.description))
    }
  }
}
