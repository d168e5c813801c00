import Base
import Testing

@testable import Event

@Suite struct NameBookTests {
  /// A book whose questions are answered by hand.
  private final class Desk {
    let loop = EventLoop()
    var asked: [(question: NameBook.Question, answer: ([String]) -> Void)] = []
    private(set) var book: NameBook!

    init() { book = NameBook(loop) { [unowned self] question, done in asked.append((question, done)) } }

    /// Asks whether a name leads to an address, and gives the answer once it is there.
    func judge(_ name: String, _ host: String) -> () -> Bool? {
      var verdict: Bool?
      book.doesName(name, leadTo: host) { verdict = $0 }
      return { [self] in
        loop.turn(waits: false)
        return verdict
      }
    }
  }

  @Test func `Simultaneous questions for one name are asked once`() {
    let desk = Desk()
    let verdicts = (0..<50).map { desk.judge("node", $0 == 7 ? "10.0.0.9" : "10.0.0.1") }
    #expect(desk.asked.count == 1)
    #expect(verdicts[0]() == nil)
    desk.asked[0].answer(["10.0.0.1", "10.0.0.2"])
    #expect(verdicts.enumerated().allSatisfy { $0.element() == ($0.offset != 7) })
  }

  @Test func `An answer is kept, be it good or bad`() {
    let desk = Desk()
    let first = desk.judge("node", "10.0.0.1")
    desk.asked[0].answer(["10.0.0.1"])
    #expect(first() == true)
    let nobody = desk.judge("nobody", "10.0.0.1")
    desk.asked[1].answer([])
    #expect(nobody() == false)
    for _ in 0..<100 {
      #expect(desk.judge("node", "10.0.0.1")() == true)
      #expect(desk.judge("node", "10.0.0.3")() == false)
      #expect(desk.judge("nobody", "10.0.0.1")() == false)
    }
    #expect(desk.asked.count == 2)
  }

  @Test func `Names of an address serve for all its ports`() {
    let desk = Desk()
    var verdicts: [Bool] = []
    for port in 1...3 as ClosedRange<UInt16> {
      desk.book.doNames(of: .ip([10, 0, 0, 1], port: port), suit: { $0 == ["node."] }) { verdicts.append($0) }
    }
    #expect(desk.asked.count == 1)
    desk.asked[0].answer(["node."])
    #expect(verdicts == [true, true, true])
  }

  @Test func `The book does not grow beyond its bound`() {
    let desk = Desk()
    for number in 0...Limits.keptLookups {
      _ = desk.judge("node\(number)", "10.0.0.1")
      desk.asked[number].answer(["10.0.0.1"])
      desk.loop.turn(waits: false)  // time goes on
    }
    let asked = desk.asked.count
    #expect(desk.judge("node\(Limits.keptLookups)", "10.0.0.1")() == true)
    #expect(desk.asked.count == asked)
    _ = desk.judge("node0", "10.0.0.1")
    #expect(desk.asked.count == asked + 1, "the oldest had to go")
  }
}
