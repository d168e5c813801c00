import Base
import Event
import HTTP

/// A call whose whole reply is wanted, and is short.
package final class PeerFetch: PeerCallOwner {
  package struct Reply {
    package var status: Int
    package var headers: HeaderList
    package var body: Bytes
  }

  private var call: PeerCall?
  private var reply: Reply?
  private var done: ((Result<Reply, PeerFetchFailure>) -> Void)?
  private let limit: Int

  /// `done` is called once, and never from here. Keep the fetch until then.
  ///
  /// - Parameter isRepeatable: it does no harm when the request arrives twice, so a connection that rests will do.
  package init(
    _ dialer: PeerCall.Dialer, _ url: EndpointURL, _ request: Request, timeout: TimeSpan? = Limits.peerReply,
    limit: Int = Limits.peerPageBytes, isRepeatable: Bool = false,
    _ done: @escaping (Result<Reply, PeerFetchFailure>) -> Void
  ) {
    self.done = done
    self.limit = limit
    call = PeerCall(dialer, url, request, timeout: timeout, sharesConnection: isRepeatable, owner: self)
  }

  package func cancel() {
    done = nil
    call?.cancel()
    call = nil
  }

  package func peerCallBegan(_ call: PeerCall, status: Int, headers: HeaderList) {
    reply = Reply(status: status, headers: headers, body: [])
  }

  package func peerCallBody(_ call: PeerCall, _ bytes: UnsafeRawBufferPointer) {
    guard var reply, reply.body.count + bytes.count <= limit else {
      call.cancel()
      return finish(.failure(PeerFetchFailure(text: "the reply is longer than \(limit) bytes")))
    }
    self.reply = nil
    reply.body.append(contentsOf: bytes)
    self.reply = reply
  }

  package func peerCallEnded(_ call: PeerCall, failure: String?) {
    if let failure { return finish(.failure(PeerFetchFailure(text: failure))) }
    guard let reply else { return finish(.failure(PeerFetchFailure(text: "EOF"))) }
    finish(.success(reply))
  }

  private func finish(_ result: Result<Reply, PeerFetchFailure>) {
    let done = done
    self.done = nil
    done?(result)
  }
}

/// Why another member did not answer.
package struct PeerFetchFailure: Error, CustomStringConvertible {
  package var text: String
  package init(text: String) { self.text = text }
  package var description: String { text }
}
