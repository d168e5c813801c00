import Base
import Machine

/// The key index beside a plain model, the input as the program: after each operation both say the same.
func fuzzIndex(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  var pair = IndexPair(shape: program.below(3))
  var count = 0
  while !program.isAtEnd, count < 200 {
    count += 1
    pair.step(&program)
    if count % 64 == 0 { pair.index.checkStructure() }
  }
  pair.index.checkStructure()
  pair.compareAll()
}

private struct IndexPair: ~Copyable {
  struct Change {
    var revision: Revision
    var isTombstone: Bool
    var created: Int64
    var version: Int64
  }
  var index = KeyIndex()
  private var model: [Key: [Change]] = [:]
  private var revision: Int64 = 1
  private var compacted: Int64 = 0
  private let shape: Int

  init(shape: Int) { self.shape = shape }

  /// Keys share no prefix, a long one, or are rows of few bytes.
  private func key(_ program: inout Program) -> Bytes {
    switch shape {
    case 0: program.bytes(1 + program.below(2))
    case 1: Bytes(repeating: 0x2F, count: 70) + program.bytes(1)
    default: (0...program.below(4)).map { _ in [0, 1, 255][program.below(3)] }
    }
  }

  mutating func step(_ program: inout Program) {
    switch program.below(16) {
    case 0..<7:
      revision += 1
      put(key(&program))
    case 7..<11:
      revision += 1
      remove(key(&program))
    case 11:
      // Many neighbours at once split and join nodes.
      let start = program.byte()
      let isPut = program.below(2) == 0
      for offset in 0..<90 as Range<UInt8> {
        revision += 1
        if isPut { put([start &+ offset]) } else { remove([start &+ offset]) }
      }
    case 12: compact(at: max(compacted, revision - Int64(program.below(40))), budget: 1 + program.below(200))
    case 13, 14:
      compare(KeyRange(key(&program), program.below(2) == 0 ? [0] : key(&program)), program.below(20))
    default: compare(KeyRange(key(&program), []), program.below(20))
    }
  }

  private mutating func put(_ key: Bytes) {
    let at = Revision(main: revision)
    let outcome = key.withUnsafeBytes { index.put($0, at: at, isLeased: false) }
    let last = model[Key(key)]?.last
    let isNew = last?.isTombstone ?? true
    let change = Change(
      revision: at, isTombstone: false, created: isNew ? revision : last?.created ?? 0,
      version: isNew ? 1 : (last?.version ?? 0) + 1)
    invariant(outcome.created == change.created && outcome.version == change.version, "a put counts wrongly")
    invariant(outcome.previous == (isNew ? nil : last?.revision), "a put finds another predecessor")
    model[Key(key), default: []].append(change)
  }

  private mutating func remove(_ key: Bytes) {
    let at = Revision(main: revision)
    let found = key.withUnsafeBytes { index.tombstone($0, at: at) }
    guard let last = model[Key(key)]?.last, !last.isTombstone else {
      invariant(found == nil, "a key is removed that is not there")
      return
    }
    invariant(found?.previous == last.revision, "a removal finds another predecessor")
    model[Key(key), default: []].append(
      Change(revision: at, isTombstone: true, created: last.created, version: last.version + 1))
  }

  private mutating func compact(at: Int64, budget: Int) {
    compacted = at
    var dropped: [Revision] = []
    var cursor = KeyIndex.CompactionCursor(revision: at)
    while !cursor.isFinished {
      index.compact(&cursor, keyBudget: budget) { revision, _ in dropped.append(revision) }
    }
    var expected: [Revision] = []
    for (key, changes) in model {
      guard let newest = changes.lastIndex(where: { $0.revision.main <= at }) else { continue }
      let isGone = changes[newest].isTombstone && changes[newest].revision.main < at
      let cut = isGone ? newest + 1 : newest
      expected += changes[..<cut].map(\.revision)
      model[key] = cut == changes.count ? nil : Array(changes[cut...])
    }
    invariant(dropped.sorted() == expected.sorted(), "a compaction drops other changes")
  }

  private func compare(_ range: KeyRange, _ back: Int) {
    let at = max(compacted, revision - Int64(back))
    var found: [(key: Bytes, state: KeyState)] = []
    index.forEach(range, at: at) {
      found.append((Bytes($0.key), $0.state))
      return true
    }
    let expected = model.keys.filter { Self.holds(range, $0.bytes) }.sorted().compactMap { key in
      state(key, at: at).map { (key: key.bytes, state: $0) }
    }
    invariant(found.map(\.key) == expected.map(\.key), "a range holds other keys")
    invariant(found.map(\.state) == expected.map(\.state), "a range holds other states")
    let living = model.keys.filter { Self.holds(range, $0.bytes) && state($0, at: .max) != nil }.count
    invariant(index.countLive(range) == living, "a range counts otherwise")
  }

  func compareAll() { compare(.everything, 0) }

  private func state(_ key: Key, at: Int64) -> KeyState? {
    guard let change = model[key]?.last(where: { $0.revision.main <= at }), !change.isTombstone else {
      return nil
    }
    return KeyState(modified: change.revision, created: change.created, version: change.version)
  }

  private static func holds(_ range: KeyRange, _ key: Bytes) -> Bool {
    switch range.end {
    case .single: key == range.key
    case .open: compareBytes(key, range.key) >= 0
    case .before(let end): compareBytes(key, range.key) >= 0 && compareBytes(key, end) < 0
    }
  }
}

func indexSeeds() -> [(name: String, bytes: Bytes)] {
  (0..<3 as Range<UInt8>).map { shape in
    var dice = Dice(seed: UInt64(shape))
    return ("shape-\(shape)", [shape] + (0..<160).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
  }
}
