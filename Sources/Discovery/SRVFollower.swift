import Base

/// Asks for service records on a thread of its own, again and again as their time to live runs out; after a failure soon,
/// and then less and less often.
package final class SRVFollower: Sendable {
  package typealias Answer = Result<SRVEndpoints, SRVFailure>
  private let cancellation = Cancellation()

  /// - Parameters:
  ///   - look: asks the name servers, and blocks for that.
  ///   - report: runs on that thread after each look: what was found, or why nothing was (what was known before then still
  ///     holds, as far as anybody can tell).
  package init(look: @escaping @Sendable () -> Answer, _ report: @escaping @Sendable (Answer) -> Void) {
    let cancellation = cancellation
    _ = Thread(name: "srv") {
      var pauses = RetryPauses()
      while true {
        let answer = look()
        if cancellation.isCancelled { return }
        report(answer)
        let pause = pauses.next(after: answer)
        if cancellation.isSet(afterMilliseconds: Int32(pause.milliseconds)) { return }
      }
    }
  }

  /// Follows the records of a domain.
  package convenience init(
    _ service: SRVEndpoints.Service, domain: String, serviceName: String,
    _ report: @escaping @Sendable (Answer) -> Void
  ) {
    self.init(
      look: {
        do throws(SRVFailure) {
          return .success(try SRVEndpoints.lookUp(service, domain: domain, serviceName: serviceName))
        } catch { return .failure(error) }
      }, report)
  }

  /// No further report after the one that may be under way.
  package func stop() { cancellation.cancel() }

  deinit { cancellation.cancel() }
}

/// When to ask again.
struct RetryPauses {
  private var failures = 0

  mutating func next(after answer: SRVFollower.Answer) -> TimeSpan {
    switch answer {
    case .success(let found):
      failures = 0
      return found.life
    case .failure:
      failures += 1
      let doubled = Limits.srvShortestLife.nanoseconds << Int64(min(failures - 1, 16))
      return min(TimeSpan(nanoseconds: doubled), Limits.srvFailedLife)
    }
  }
}
