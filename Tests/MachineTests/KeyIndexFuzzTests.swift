import Base
import Testing

@testable import Machine

/// How keys look in one run: nodes must work with shared prefixes of any length, and with none.
private func randomKey(_ dice: inout Dice, shape: Int) -> Bytes {
  switch shape {
  case 0: return String(dice.below(400)).bytes
  case 1:
    return "/registry/pods/namespace-".bytes + String(dice.below(5)).bytes + "/".bytes
      + String(dice.below(300)).bytes
  case 2: return (0...dice.below(6)).map { _ in [0, 1, 255][dice.below(3)] }
  default:
    let group = Bytes(repeating: UInt8(dice.below(3)), count: 70)
    return group + Bytes(repeating: 9, count: dice.below(12)) + [UInt8(dice.below(40))]
  }
}

@Test(arguments: [0, 1, 2, 3])
func `the index agrees with a plain sorted model through thousands of changes`(shape: Int) {
  var dice = Dice(seed: 0xE7CD + UInt64(shape))
  var index = KeyIndex()
  var model = KeyIndexModel()
  var revision: Int64 = 1
  var compacted: Int64 = 0
  for step in 0..<4_000 {
    let key = randomKey(&dice, shape: shape)
    revision += 1
    // Long runs that mostly delete empty whole nodes; the others grow them again.
    let isShrinking = step / 500 % 2 == 1
    switch dice.below(isShrinking ? 10 : 20) {
    case 0..<6:
      let mine = index.tombstone(key, at: Revision(main: revision))
      #expect(mine == model.tombstone(key, at: Revision(main: revision)))
    case 6 where isShrinking:
      for (offset, found) in model.range(KeyRange(key, [0]), at: revision).prefix(60).enumerated() {
        let at = Revision(main: revision, sub: Int64(offset))
        #expect(index.tombstone(found.key, at: at) && model.tombstone(found.key, at: at))
      }
    case 7:
      compacted = max(compacted, revision - Int64(dice.below(40)))
      #expect(
        index.compactAll(at: compacted, budget: 1 + dice.below(200)).sorted() == model.compact(at: compacted))
    default:
      let outcome = index.put(key, at: Revision(main: revision))
      model.put(key, at: Revision(main: revision))
      #expect(model.changes[Key(key)]?.last?.version == outcome.version)
    }
    if step % 16 == 0 { compare(index, model, &dice, shape: shape, revision: revision, compacted: compacted) }
    if step % 64 == 0 { index.checkStructure() }
  }
  index.checkStructure()
}

private func compare(
  _ index: borrowing KeyIndex, _ model: KeyIndexModel, _ dice: inout Dice, shape: Int, revision: Int64,
  compacted: Int64
) {
  let key = randomKey(&dice, shape: shape)
  let end: Bytes = [[], [0], randomKey(&dice, shape: shape)][dice.below(3)]
  let range = KeyRange(key, end)
  let now = model.range(range, at: revision)
  #expect(index.countLive(range) == now.count)
  let limit = dice.below(8)
  let page = index.collect(range, at: nil, limit: limit)
  #expect(page.map(\.key) == now.prefix(limit).map(\.key))
  #expect(page.map(\.state) == now.prefix(limit).map(\.state))
  let at = max(compacted, revision - Int64(dice.below(60)))
  let then = model.range(range, at: at)
  let mine = index.collect(range, at: at)
  #expect(mine.map(\.key) == then.map(\.key))
  #expect(mine.map(\.state) == then.map(\.state))
  #expect(index.liveKey(rank: index.rank(key)) == model.range(KeyRange(key, [0]), at: revision).first?.key)
  #expect(
    index.revisions(key, since: compacted)
      == (model.changes[Key(key)] ?? []).map(\.revision).filter { $0.main >= compacted })
}

@Test func `a compaction cut into slices survives puts and deletes between them`() {
  var dice = Dice(seed: 7)
  var index = KeyIndex()
  var model = KeyIndexModel()
  for main in 2..<2_000 as Range<Int64> {
    let key = String(dice.below(700)).bytes
    if dice.below(3) == 0 {
      _ = index.tombstone(key, at: Revision(main: main))
      _ = model.tombstone(key, at: Revision(main: main))
    } else {
      _ = index.put(key, at: Revision(main: main))
      model.put(key, at: Revision(main: main))
    }
  }
  let expected = model.compact(at: 1_500)
  var dropped: [Revision] = []
  var cursor = KeyIndex.CompactionCursor(revision: 1_500)
  var main: Int64 = 2_000
  while !cursor.isFinished {
    index.compact(&cursor, keyBudget: 30) { revision, _ in dropped.append(revision) }
    for _ in 0..<20 {
      let key = String(dice.below(2_000)).bytes
      main += 1
      if dice.below(2) == 0 {
        _ = index.tombstone(key, at: Revision(main: main))
        _ = model.tombstone(key, at: Revision(main: main))
      } else {
        _ = index.put(key, at: Revision(main: main))
        model.put(key, at: Revision(main: main))
      }
    }
    index.checkStructure()
  }
  #expect(dropped.sorted() == expected)
  let mine = index.collect(.everything, at: nil)
  let theirs = model.range(.everything, at: main)
  #expect(mine.map(\.key) == theirs.map(\.key) && mine.map(\.state) == theirs.map(\.state))
}
