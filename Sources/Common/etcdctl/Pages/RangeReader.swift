import Base
import Client
import Event
import Wire

/// Reads a range page by page.
final class RangeReader {
  struct Page {
    /// Of the page's own reply.
    var header: ResponseHeader?
    var pairs: [KeyValue]
  }

  private(set) var pager: RangePager
  private let invocation: Invocation

  init(_ invocation: Invocation, _ pager: RangePager) {
    self.invocation = invocation
    self.pager = pager
  }

  /// The next page, or nil behind the last. Each page has the time of a command for itself.
  func next(keysOnly: Bool = false) throws(Failure) -> Page? {
    let client = try invocation.client()
    let deadline = invocation.deadline
    while var request = pager.request {
      if keysOnly { request.keysOnly = true }
      let query = request
      let limit = pager.receiveBytes
      let result = invocation.wait { done in
        client.call(EtcdRPC.range, query, deadline: deadline, receiveBytes: limit, done)
      }
      switch result {
      case .success(let reply):
        pager.took(reply)
        return Page(header: reply.header, pairs: reply.kvs)
      case .failure(let failure): try recover(from: failure, until: deadline)
      }
    }
    return nil
  }

  private func recover(from failure: RPCFailure, until deadline: Instant) throws(Failure) {
    if failure.status.code == .resourceExhausted, failure.status.message.contains("larger than max"),
      pager.wasTooLarge()
    {
      return
    }
    // A member asked without consensus may be behind the one that gave the first page; the next one in turn may not.
    let loop = invocation.loop
    if pager.isPinned, failure.means(.futureRevision), loop.now + Limits.rangeBehindWait < deadline {
      let timer = Timer(loop) {}
      let end = loop.now + Limits.rangeBehindWait
      timer.once(after: Limits.rangeBehindWait)
      while loop.now < end { loop.turn(waits: true) }
      return
    }
    throw Failure(.error, failure.description)
  }
}
