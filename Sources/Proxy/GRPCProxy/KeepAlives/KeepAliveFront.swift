import Base
import HTTP
import Wire

/// One client's stream of keep-alives. What it asks goes to the member together with what others ask for the same leases.
final class KeepAliveFront: Conversation {
  private let exchange: Exchange
  private let hub: KeepAliveHub
  private var requests: GRPCDeframer
  private var stream: KeepAliveTable.StreamID = 0
  /// Questions without an answer.
  private var open = 0
  private var owed = 0
  private var isComplete = false
  private var isOver = false

  init(_ exchange: Exchange, _ proxy: GRPCProxy, _ hub: KeepAliveHub) {
    self.exchange = exchange
    self.hub = hub
    requests = GRPCDeframer(limit: proxy.limits.send)
    stream = hub.join(self)
  }

  var awaitsBody: Bool { requests.isMidMessage }

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return exchange.consumed(bytes.count) }
    owed += bytes.count
    do throws(GRPC.Fault) {
      var refusal: RPCStatus?
      try requests.receive(bytes) { message in
        guard !isOver, refusal == nil else { return }
        do throws(RPCStatus) {
          ask(try message.decoded(LeaseKeepAliveRequest.self).id)
        } catch { refusal = error }
      }
      if let refusal { fail(refusal) }
    } catch { fail(RPCStatus(error)) }
    exchange.noteGathered(requests.partialCount)
    pay()
  }

  private func ask(_ lease: Int64) {
    open += 1
    hub.ask(lease, by: stream)
  }

  /// A client that does not read, or asks faster than it is answered, is read no further.
  private func pay() {
    guard isOver || exchange.canSend && open < Limits.proxyStreamKeepAlives, owed > 0 else { return }
    exchange.consumed(owed)
    owed = 0
  }

  func answered(_ reply: LeaseKeepAliveResponse) {
    guard !isOver else { return }
    open -= 1
    exchange.sendMessage(reply.encoded())
    pay()
    finishIfDone()
  }

  func ended() {
    isComplete = true
    finishIfDone()
  }

  private func finishIfDone() {
    guard isComplete, open == 0, !isOver else { return }
    if requests.isMidMessage { return fail(RPCStatus(.internalError, "unexpected EOF")) }
    leave()
    exchange.finishGRPC()
  }

  func cancelled() { leave() }
  func drained() { pay() }

  private func leave() {
    guard !isOver else { return }
    isOver = true
    hub.leave(stream)
  }

  func fail(_ status: RPCStatus) {
    guard !isOver else { return }
    leave()
    exchange.fail(status)
    pay()
  }
}
