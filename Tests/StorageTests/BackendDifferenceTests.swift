import Base
import Foundation
import Testing

@testable import Storage

/// The durable backend held against the plain one: whatever the order of writes, commits and reads,
/// both show the same.
struct BackendDifferenceTests {
  @Test(
    "The durable backend answers as the plain one, across commits and reopening", arguments: [1, 2, 3, 4, 5, 6])
  func answersAlike(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let path = folder.file("db")
    var dice = Dice(seed: seed)
    var durable = try openStore(path)
    let plain = MemoryBackend()
    var history: [(Revision, Bool)] = []
    var main: Int64 = 1

    for step in 0..<1_000 {
      switch dice.below(20) {
      case 0..<8:
        main += Int64(dice.below(2))
        let revision = Revision(main: main, sub: history.last.map { $0.0.main == main ? $0.0.sub + 1 : 0 } ?? 0)
        let isTombstone = dice.below(5) == 0
        let record = Bytes(repeating: UInt8(step & 255), count: dice.below(step % 50 == 0 ? 9_000 : 300))
        history.append((revision, isTombstone))
        for backend in [durable, plain] as [any Backend] {
          backend.appendRow(revision, isTombstone: isTombstone, record: record)
        }
      case 8, 9:
        guard !history.isEmpty else { continue }
        let (revision, isTombstone) = history[dice.below(history.count)]
        for backend in [durable, plain] as [any Backend] {
          backend.deleteRow(revision, isTombstone: isTombstone)
        }
      case 10, 11:
        let bucket = smallBuckets[dice.below(smallBuckets.count)]
        let key = someKey(&dice)
        let value = Bytes("v\(dice.below(1000))".utf8)
        for backend in [durable, plain] as [any Backend] { backend.put(bucket, key, value) }
      case 12:
        let bucket = smallBuckets[dice.below(smallBuckets.count)]
        let key = someKey(&dice)
        for backend in [durable, plain] as [any Backend] { backend.delete(bucket, key) }
      case 13:
        let index = plain.consistentIndex + UInt64(dice.below(3))
        durable.consistentIndex = index
        plain.consistentIndex = index
      case 14: durable.seal()
      case 15: durable.reapCommit()
      case 16: durable.endTurn()
      case 17: durable.commitAndWait()
      case 18 where dice.below(10) == 0:
        durable.close()
        durable = try openStore(path)
      default:
        guard !history.isEmpty else { continue }
        let from = history[dice.below(history.count)].0
        let through = history[dice.below(history.count)].0
        #expect(row(durable, from) == row(plain, from))
        #expect(
          rows(of: durable, from: from, through: through) == rows(of: plain, from: from, through: through))
        let bucket = smallBuckets[dice.below(smallBuckets.count)]
        let key = someKey(&dice)
        #expect(durable.get(bucket, key) == plain.get(bucket, key))
        #expect(durable.consistentIndex == plain.consistentIndex)
      }
      if step % 200 == 0 { expectAlike(durable, plain) }
    }
    expectAlike(durable, plain)
    durable.commitAndWait()
    plain.commitAndWait()
    #expect(content(of: durable.frozenView()) == content(of: plain.frozenView()))
    durable.close()
  }

  private let smallBuckets = Bucket.allCases.filter { $0 != .key }

  /// Few keys, so that they meet again; some longer than LMDB takes.
  private func someKey(_ dice: inout Dice) -> Bytes {
    let short = "k\(dice.below(20))".bytes
    return dice.below(8) == 0 ? short + Bytes(repeating: 0x78, count: 600) : short
  }

  private func expectAlike(_ a: any Backend, _ b: any Backend) {
    #expect(rows(of: a) == rows(of: b))
    for bucket in smallBuckets {
      #expect(a.pairs(bucket).map { [$0.key, $0.value] } == b.pairs(bucket).map { [$0.key, $0.value] })
    }
  }
}
