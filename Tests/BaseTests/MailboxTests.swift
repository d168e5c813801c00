import Base
import Testing

/// A number that threads may count up; letters to a mailbox are the counting.
private final class Count: Sendable {
  private let box = Mailbox<Int>()
  func up() { box.post(1) }
  /// Reads and empties.
  var total: Int { box.takeAll().reduce(0, +) }
}

@Suite struct MailboxTests {
  @Test("letters are taken in the order they were posted, all at once")
  func order() {
    let box = Mailbox<Int>()
    #expect(box.takeAll() == [])
    for letter in 1...5 { box.post(letter) }
    #expect(box.takeAll() == [1, 2, 3, 4, 5])
    #expect(box.takeAll() == [])
  }

  @Test("the first letter of an empty box wakes, further ones do not")
  func waking() {
    let wakes = Count()
    let box = Mailbox<Int> { wakes.up() }
    box.post(1)
    box.post(2)
    #expect(wakes.total == 1)
    _ = box.takeAll()
    #expect(wakes.total == 0)
    box.post(3)
    #expect(wakes.total == 1)
  }

  @Test("letters of several threads all arrive, those of one thread in their order")
  func threads() {
    let box = Mailbox<(sender: Int, number: Int)>()
    let (senders, letters) = (4, 2_000)
    let threads = (0..<senders).map { sender in
      Thread(name: "sender") { for number in 0..<letters { box.post((sender, number)) } }
    }
    var next = [Int](repeating: 0, count: senders)
    var received = 0
    while received < senders * letters, let row = box.waitForAll() {
      for letter in row {
        if letter.number != next[letter.sender] { Issue.record("letter \(letter) out of order") }
        next[letter.sender] = letter.number + 1
      }
      received += row.count
    }
    for thread in threads { thread.join() }
    #expect(next == [Int](repeating: letters, count: senders))
    #expect(box.takeAll().isEmpty)
  }

  @Test("a waiting thread hears of a letter and of the end, and takes what was left")
  func closing() {
    let box = Mailbox<Int>()
    let heard = Mailbox<[Int]>()
    let thread = Thread(name: "reader") {
      while let row = box.waitForAll() { heard.post(row) }
      heard.post([-1])
    }
    box.post(1)
    var all: [Int] = []
    while all.isEmpty, let rows = heard.waitForAll() { all += rows.joined() }
    #expect(all == [1])
    box.post(2)
    box.close()
    thread.join()
    #expect(heard.takeAll().flatMap(\.self) == [2, -1])
    #expect(box.waitForAll() == nil)
  }
}
