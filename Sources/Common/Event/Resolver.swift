import Base
import Glibc

/// Looks up names on a thread of its own, because glibc's resolver blocks. Answers arrive on the loop; a host that was asked for
/// a moment ago is not asked for again, and while the name servers are silent what they said last holds (`KeptAddresses`).
package final class Resolver {
  /// A look-up that failed; its text is `getaddrinfo`'s.
  package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    package var name: String
    package var reason: String
    /// No name server answered: it says nothing about the host.
    var isPassing = false
    /// As Go words it.
    package var description: String { "lookup \(name): \(reason)" }
  }

  private enum Question: Sendable {
    case addresses(host: String, port: UInt16)
    case names(of: SocketAddress)
  }
  private enum Answer: Sendable {
    case addresses(Result<[SocketAddress], Failure>)
    case names([String])
  }
  private struct Letter<Content: Sendable>: Sendable {
    var id: UInt64
    var content: Content
  }

  private let questions = Mailbox<Letter<Question>>()
  private let answers: Mailbox<Letter<Answer>>
  private let wake = Wake()
  private var watch: WakeWatch?
  private var thread: Thread?
  private var waiting: [UInt64: (Answer) -> Void] = [:]
  private var lastID: UInt64 = 0
  /// Questions that went to the system so far.
  var questionCount: Int { Int(lastID) }
  private typealias Addresses = KeptAddresses<Result<[SocketAddress], Failure>>
  private var kept = Addresses()
  /// Who waits for the addresses of a host.
  private var callers: [Addresses.Question: [(Result<[SocketAddress], Failure>) -> Void]] = [:]
  private var callerCount = 0
  /// Running for questions whose last good answer could stand in.
  private var patience: [Addresses.Question: Timer] = [:]
  private unowned let loop: EventLoop

  package init(_ loop: EventLoop) {
    self.loop = loop
    answers = Mailbox { [wake] in wake.signal() }
    watch = wake.watch(on: loop) { [unowned self] in deliver() }
  }

  deinit { questions.close() }

  /// All addresses of a host, in the resolver's order. A literal address needs no look-up.
  /// `done` runs on the loop, never from here.
  package func addresses(
    of host: String, port: UInt16, _ done: @escaping (Result<[SocketAddress], Failure>) -> Void
  ) {
    if let literal = SocketAddress(literal: host.isEmpty ? "127.0.0.1" : host, port: port) {
      return loop.post { done(.success([literal])) }
    }
    let question = Addresses.Question(host: host, port: port)
    if let known = kept.answer(to: question, at: loop.now) { return loop.post { done(known) } }
    guard callerCount < Limits.waitingLookups else {
      return loop.post { done(.failure(Failure(name: host, reason: "too many lookups"))) }
    }
    callerCount += 1
    callers[question, default: []].append(done)
    guard kept.ask(question) else { return }
    ask(.addresses(host: host, port: port)) { [unowned self] answer in
      if case .addresses(let result) = answer { found(result, question) }
    }
    let timer = Timer(loop) { [unowned self] in
      patience[question] = nil
      if let former = kept.standIn(for: question, at: loop.now) { tell(former, question) }
    }
    timer.once(after: Limits.lookupPatience)
    patience[question] = timer
  }

  private func found(_ result: Result<[SocketAddress], Failure>, _ question: Addresses.Question) {
    patience[question] = nil
    var isPassing = false
    var isGood = true
    if case .failure(let failure) = result { (isGood, isPassing) = (false, failure.isPassing) }
    let answer = kept.answered(question, result, isGood: isGood, isPassing: isPassing, at: loop.now)
    tell(answer, question)
  }

  private func tell(_ answer: Result<[SocketAddress], Failure>, _ question: Addresses.Question) {
    let waiters = callers.removeValue(forKey: question) ?? []
    callerCount -= waiters.count
    for done in waiters { done(answer) }
  }

  /// The same at once, for programs that have not begun: holds its thread for as long as it takes. Empty when there is none.
  package static func addressesNow(of host: String, port: UInt16) -> [SocketAddress] {
    if let literal = SocketAddress(literal: host, port: port) { return [literal] }
    guard case .success(let found) = lookUp(host, port) else { return [] }
    return found
  }

  /// The names an address has in reverse; empty when it has none.
  package func names(of address: SocketAddress, _ done: @escaping ([String]) -> Void) {
    guard waiting.count < Limits.waitingLookups else { return loop.post { done([]) } }
    ask(.names(of: address)) { answer in
      if case .names(let names) = answer { done(names) }
    }
  }

  private func ask(_ question: Question, _ done: @escaping (Answer) -> Void) {
    if thread == nil { thread = Self.start(questions, answers) }
    lastID += 1
    waiting[lastID] = done
    questions.post(Letter(id: lastID, content: question))
  }

  private func deliver() {
    for letter in answers.takeAll() { waiting.removeValue(forKey: letter.id)?(letter.content) }
  }

  private static func start(_ questions: Mailbox<Letter<Question>>, _ answers: Mailbox<Letter<Answer>>)
    -> Thread
  {
    Thread(name: "resolver") {
      while let letters = questions.waitForAll() {
        for letter in letters { answers.post(Letter(id: letter.id, content: answer(letter.content))) }
      }
    }
  }

  private static func answer(_ question: Question) -> Answer {
    switch question {
    case .addresses(let host, let port): .addresses(lookUp(host, port))
    case .names(let address): .names(lookUpNames(address))
    }
  }

  private static func lookUp(_ host: String, _ port: UInt16) -> Result<[SocketAddress], Failure> {
    var hints = addrinfo()
    hints.ai_socktype = SOCK_STREAM_
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      let isNone = code == EAI_NONAME || code == -5
      return .failure(Failure(name: host, reason: reason(code), isPassing: !isNone))
    }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next {
      if let address = entry.pointee.ai_addr {
        found.append(
          SocketAddress(c: UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))))
      }
      next = entry.pointee.ai_next
    }
    return .success(found)
  }

  /// Go says "no such host" where glibc has several phrases.
  private static func reason(_ code: Int32) -> String {
    if code == EAI_NONAME || code == -5 { return "no such host" }
    return gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  private static func lookUpNames(_ address: SocketAddress) -> [String] {
    var name = [CChar](repeating: 0, count: 1025)
    let code =
      address.withC { getnameinfo($0, $1, &name, socklen_t(name.count), nil, 0, NI_NAMEREQD) } ?? EAI_FAIL
    guard code == 0 else { return [] }
    return [String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)]
  }
}
