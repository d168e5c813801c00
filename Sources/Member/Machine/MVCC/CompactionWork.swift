import Base

/// What compactions have still to do: the revision under way, those asked for behind it, and the rows found to be
/// removable but not removed yet.
struct CompactionWork {
  struct Row: Comparable {
    var revision: Revision
    var isTombstone: Bool
    static func < (a: Row, b: Row) -> Bool { a.revision < b.revision }
  }

  /// What one slice of the index gave, ascending, and how much of it is removed.
  private struct Run {
    var rows: [Row]
    var next = 0
    var first: Row { rows[next] }
  }

  /// Where the walk through the index stands; nil when no compaction is under way.
  var cursor: KeyIndex.CompactionCursor?
  private var waiting: [Int64] = []
  /// Rows to remove. Each slice keeps its own array: one array of all would be copied whole as it grows, which takes
  /// milliseconds where there are a million.
  private var runs: [Run] = []
  /// Rows found and not removed yet.
  private(set) var pendingRows = 0
  /// True once the runs are being emptied.
  private(set) var isRemoving = false

  var isIdle: Bool { cursor == nil && waiting.isEmpty }

  /// The compaction that `begin` would begin.
  var next: Int64? { cursor == nil ? waiting.first : nil }

  mutating func schedule(_ revision: Int64) { waiting.append(revision) }

  /// Begins the next compaction, if none is under way.
  mutating func begin() {
    guard cursor == nil, !waiting.isEmpty else { return }
    cursor = KeyIndex.CompactionCursor(revision: waiting.removeFirst())
  }

  /// Takes what one slice of the index gave.
  mutating func add(_ found: [Row]) {
    if found.isEmpty { return }
    pendingRows += found.count
    runs.append(Run(rows: found.sorted()))
  }

  /// Begins to remove: the runs become a heap by their first row.
  mutating func beginRemoving() {
    isRemoving = true
    for place in stride(from: runs.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  /// The lowest row left, taken away; nil when all are removed.
  mutating func nextRow() -> Row? {
    guard let first = runs.first else {
      isRemoving = false
      return nil
    }
    let row = first.first
    pendingRows -= 1
    runs[0].next += 1
    if runs[0].next == runs[0].rows.count {
      let last = runs.removeLast()
      if !runs.isEmpty { runs[0] = last }
    }
    sink(0)
    return row
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var lowest = place
      for child in [2 * place + 1, 2 * place + 2] where child < runs.count {
        if runs[child].first < runs[lowest].first { lowest = child }
      }
      if lowest == place { return }
      runs.swapAt(place, lowest)
      place = lowest
    }
  }
}
