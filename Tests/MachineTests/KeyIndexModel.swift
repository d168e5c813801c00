import Base

@testable import Machine

/// The plain model of the key index: a dictionary of change lists, everything by walking.
struct KeyIndexModel {
  struct Change: Equatable {
    var revision: Revision
    var isTombstone: Bool
    var created: Int64
    var version: Int64
  }
  var changes: [Key: [Change]] = [:]

  mutating func put(_ key: Bytes, at revision: Revision) {
    let last = changes[Key(key)]?.last
    if let last, !last.isTombstone {
      add(
        key, Change(revision: revision, isTombstone: false, created: last.created, version: last.version + 1))
    } else {
      add(key, Change(revision: revision, isTombstone: false, created: revision.main, version: 1))
    }
  }

  mutating func tombstone(_ key: Bytes, at revision: Revision) -> Bool {
    guard let last = changes[Key(key)]?.last, !last.isTombstone else { return false }
    add(key, Change(revision: revision, isTombstone: true, created: last.created, version: last.version + 1))
    return true
  }

  private mutating func add(_ key: Bytes, _ change: Change) { changes[Key(key), default: []].append(change) }

  func state(_ key: Bytes, at: Int64) -> KeyState? {
    guard let change = changes[Key(key)]?.last(where: { $0.revision.main <= at }), !change.isTombstone else {
      return nil
    }
    return KeyState(modified: change.revision, created: change.created, version: change.version)
  }

  func range(_ range: KeyRange, at: Int64) -> [(key: Bytes, state: KeyState)] {
    changes.keys.filter { contains(range, $0.bytes) }.sorted().compactMap { key in
      state(key.bytes, at: at).map { (key.bytes, $0) }
    }
  }

  private func contains(_ range: KeyRange, _ key: Bytes) -> Bool {
    switch range.end {
    case .single: key == range.key
    case .open: compareBytes(key, range.key) >= 0
    case .before(let end): compareBytes(key, range.key) >= 0 && compareBytes(key, end) < 0
    }
  }

  /// Drops what a compaction drops; answers the dropped revisions.
  mutating func compact(at: Int64) -> [Revision] {
    var dropped: [Revision] = []
    for (key, list) in changes {
      var keep = list
      if let newest = list.lastIndex(where: { $0.revision.main <= at }) {
        let isGone = list[newest].isTombstone && list[newest].revision.main < at
        let cut = isGone ? newest + 1 : newest
        dropped += list[..<cut].map(\.revision)
        keep = Array(list[cut...])
      }
      changes[key] = keep.isEmpty ? nil : keep
    }
    return dropped.sorted()
  }
}

extension KeyIndex {
  mutating func put(_ key: Bytes, at revision: Revision, isLeased: Bool = false) -> PutOutcome {
    key.withUnsafeBytes { put($0, at: revision, isLeased: isLeased) }
  }
  mutating func tombstone(_ key: Bytes, at revision: Revision) -> Bool {
    key.withUnsafeBytes { tombstone($0, at: revision) } != nil
  }
  func state(_ key: Bytes, at: Int64) -> KeyState? { key.withUnsafeBytes { state($0, at: at) } }
  func current(_ key: Bytes) -> KeyState? { key.withUnsafeBytes { current($0) } }
  func revisions(_ key: Bytes, since: Int64) -> [Revision] {
    key.withUnsafeBytes { revisions($0, since: since) }
  }
  func collect(_ range: KeyRange, at: Int64?, limit: Int = .max) -> [(key: Bytes, state: KeyState)] {
    var found: [(key: Bytes, state: KeyState)] = []
    if limit == 0 { return [] }
    forEach(range, at: at) {
      found.append((Bytes($0.key), $0.state))
      return found.count < limit
    }
    return found
  }
  /// Compacts everything in slices of `budget` keys.
  mutating func compactAll(at: Int64, budget: Int = 1000) -> [Revision] {
    var dropped: [Revision] = []
    var cursor = CompactionCursor(revision: at)
    while !cursor.isFinished {
      compact(&cursor, keyBudget: budget) {
        dropped.append($0); _ = $1
      }
    }
    return dropped
  }
}
