import Base

/// Answers about addresses: those that are a moment old at most (`Limits.keptAddressTime`) serve again, and the last good one
/// stands in where the name servers are silent. It decides and does nothing else.
///
/// The system's resolver tells no time to live, and asks the name servers each time: somebody who dials ten times a second
/// would ask twenty questions a second, for each of several connections. Failures are kept as well.
struct KeptAddresses<Answer> {
  struct Question: Hashable {
    var host: String
    var port: UInt16
  }

  private struct Known {
    var answer: Answer
    var until: Instant
    var isGood: Bool
    /// When it was learnt, where it is good.
    var since: Instant
  }

  private var known: [Question: Known] = [:]
  private var open: Set<Question> = []

  var count: Int { known.count }

  /// What is known, where that is new enough.
  func answer(to question: Question, at now: Instant) -> Answer? {
    guard let known = known[question], now < known.until else { return nil }
    return known.answer
  }

  /// Somebody wants an answer: whether the question is to be asked, or was and is still open.
  mutating func ask(_ question: Question) -> Bool { open.insert(question).inserted }

  /// The answer for those who wait.
  ///
  /// - Parameter isPassing: it says nothing about the host: no name server answered.
  mutating func answered(
    _ question: Question, _ answer: Answer, isGood: Bool, isPassing: Bool, at now: Instant
  ) -> Answer {
    open.remove(question)
    if isPassing, let former = standIn(for: question, at: now) { return former }
    makeRoom(at: now)
    known[question] = Known(
      answer: answer, until: now + Limits.keptAddressTime, isGood: isGood, since: now)
    return answer
  }

  /// The last good answer, for the next few seconds too, in place of one that does not come. Nil where there is none.
  mutating func standIn(for question: Question, at now: Instant) -> Answer? {
    guard let former = known[question], former.isGood, now - former.since < Limits.oldAddressTime else {
      return nil
    }
    known[question]?.until = now + Limits.standInTime
    return former.answer
  }

  private mutating func makeRoom(at now: Instant) {
    guard known.count >= Limits.keptAddresses else { return }
    known = known.filter { now < $0.value.until }
    if known.count >= Limits.keptAddresses { known = [:] }
  }
}
