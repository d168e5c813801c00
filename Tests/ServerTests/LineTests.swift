import Base
import Machine
import Testing

@testable import Server

/// The order of keys below a prefix, and whose turn it is.
@Suite struct LineTests {
  private func key(_ number: Int) -> Bytes { Bytes("n/\(number)".utf8) }

  private func made(_ number: Int, _ revision: Int64) -> Change {
    Change(revision: Revision(main: revision), isDelete: false, isCreate: true, key: key(number), record: [])
  }

  private func gone(_ number: Int, _ revision: Int64) -> Change {
    Change(revision: Revision(main: revision), isDelete: true, isCreate: false, key: key(number), record: [])
  }

  /// A line whose keys are known: `numbers` made at their own revisions.
  private func line(_ numbers: [Int]) -> Line {
    var line = Line(from: Bytes("n/".utf8))
    for number in numbers.sorted(by: { "\($0)" < "\($1)" }) { line.found(key(number), created: Int64(number)) }
    line.walked(to: nil)
    return line
  }

  @Test func `turns come in the order of creation, not of keys`() {
    var line = line([5, 30, 100])
    line.join(1, key: key(100), created: 100)
    line.join(2, key: key(30), created: 30)
    #expect(line.settle() == [])
    line.changed(gone(5, 101))
    #expect(line.settle() == [.turn(2)])
    #expect(line.settle() == [], "told once")
    line.changed(gone(30, 102))
    #expect(line.settle() == [.turn(1)])
    #expect(line.waiterCount == 0)
  }

  @Test func `a predecessor that leaves does not let its follower past the holder`() {
    var line = line([1, 2, 3])
    line.join(2, key: key(2), created: 2)
    line.join(3, key: key(3), created: 3)
    line.leave(2, created: 2)
    line.changed(gone(2, 4))
    #expect(line.settle() == [])
    line.changed(gone(1, 5))
    #expect(line.settle() == [.turn(3)])
  }

  @Test func `who joins after its key came is served like the others`() {
    var line = line([1])
    line.changed(made(2, 2))
    line.join(2, key: key(2), created: 2)
    line.join(3, key: key(3), created: 3)
    line.changed(made(3, 3))
    line.changed(gone(1, 4))
    #expect(line.settle() == [.turn(2)])
    line.changed(gone(2, 5))
    #expect(line.settle() == [.turn(3)])
  }

  @Test func `calls of one session share their turn and their loss`() {
    var line = line([1, 2])
    line.join(7, key: key(2), created: 2)
    line.join(8, key: key(2), created: 2)
    var other = line
    line.changed(gone(1, 3))
    #expect(line.settle() == [.turn(7), .turn(8)])
    other.changed(gone(2, 3))
    #expect(other.settle() == [.lost(7), .lost(8)])
    #expect(other.waiterCount == 0)
  }

  @Test func `a key that is deleted and made again has lost its place`() {
    var line = line([1, 2, 3])
    line.join(2, key: key(2), created: 2)
    line.changed(gone(2, 4))
    line.changed(made(2, 5))
    line.join(9, key: key(2), created: 5)
    line.join(3, key: key(3), created: 3)
    line.changed(gone(1, 6))
    #expect(line.settle() == [.lost(2), .turn(3)])
    line.changed(gone(3, 7))
    #expect(line.settle() == [.turn(9)])
  }

  @Test func `nothing is told before all keys are known, and nothing is missed meanwhile`() {
    var line = Line(from: Bytes("n/".utf8))
    line.join(4, key: key(4), created: 4)
    line.join(8, key: key(8), created: 8)
    line.found(key(1), created: 1)
    line.walked(to: key(2))
    #expect(line.settle() == [])
    line.changed(gone(1, 10))  // behind the walk
    line.changed(gone(8, 11))  // ahead of it: the walk will not find it
    line.changed(made(3, 12))  // ahead of it: the walk will find it
    line.found(key(3), created: 12)
    line.found(key(4), created: 4)
    line.walked(to: nil)
    #expect(line.settle() == [.lost(8), .turn(4)])
    #expect(line.keyCount == 2)
  }

  @Test func `after changes were missed the walk begins again and finds the same order`() {
    var line = line([1, 2, 3])
    line.join(2, key: key(2), created: 2)
    line.join(3, key: key(3), created: 3)
    line.restart(from: Bytes("n/".utf8))
    line.found(key(3), created: 3)
    line.walked(to: nil)
    #expect(line.settle() == [.lost(2), .turn(3)])
  }

  @Test func `ten thousand hand-overs in order`() {
    let count = 10_000
    var line = line(Array(1...count))
    for number in 1...count { line.join(number, key: key(number), created: Int64(number)) }
    for number in 1...count {
      #expect(line.settle() == [.turn(number)])
      line.changed(gone(number, Int64(count + number)))
    }
    #expect(line.settle() == [] && line.keyCount == 0 && line.waiterCount == 0)
  }

  @Test(arguments: 0..<20) func `whatever happens, turns are those of a sorted list`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var line = line([])
    var living: [Int: Int64] = [:]
    var waiting: [Int: (number: Int, created: Int64)] = [:]
    for revision in Int64(1)...600 {
      let number = Int(dice.next() % 12)
      var expected: Set<Int> = []
      if living[number] != nil {
        let created = living.removeValue(forKey: number)
        line.changed(gone(number, revision))
        for (token, it) in waiting where it.number == number && it.created == created {
          expected.insert(-token)
          waiting[token] = nil
        }
      } else {
        living[number] = revision
        line.changed(made(number, revision))
        line.join(Int(revision), key: key(number), created: revision)
        waiting[Int(revision)] = (number, revision)
      }
      for (token, it) in waiting where it.created == living.values.min() {
        expected.insert(token)
        waiting[token] = nil
      }
      let told = line.settle().map { notice in
        switch notice {
        case .turn(let token): token
        case .lost(let token): -token
        }
      }
      #expect(Set(told) == expected && told.count == expected.count)
      #expect(line.waiterCount == waiting.count)
    }
  }
}
