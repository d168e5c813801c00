import Base

/// What compactions have still to do: the revision under way, those asked for behind it, and the rows found to be
/// removable but not removed yet.
struct CompactionWork {
  struct Row: Comparable {
    var revision: Revision
    var isTombstone: Bool
    static func < (a: Row, b: Row) -> Bool { a.revision < b.revision }
  }

  /// Where the walk through the index stands; nil when no compaction is under way.
  var cursor: KeyIndex.CompactionCursor?
  private var waiting: [Int64] = []
  /// Rows to remove, in runs that ascend. A run is what one slice of the index gave.
  private(set) var rows: [Row] = []
  /// For each run what is left of it.
  private var runs: [Range<Int>] = []
  /// True once `rows` is being emptied.
  private(set) var isRemoving = false

  var isIdle: Bool { cursor == nil && waiting.isEmpty }
  /// Rows found and not removed yet.
  var pendingRows: Int { runs.reduce(0) { $0 + $1.count } }

  mutating func schedule(_ revision: Int64) { waiting.append(revision) }

  /// Begins the next compaction, if none is under way.
  mutating func begin() {
    guard cursor == nil, !waiting.isEmpty else { return }
    cursor = KeyIndex.CompactionCursor(revision: waiting.removeFirst())
  }

  /// Takes what one slice of the index gave.
  mutating func add(_ found: [Row]) {
    if found.isEmpty { return }
    let start = rows.count
    rows += found.sorted()
    runs.append(start..<rows.count)
  }

  /// Begins to remove: the runs become a heap by their first row.
  mutating func beginRemoving() {
    isRemoving = true
    for place in stride(from: runs.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  /// The lowest row left, taken away; nil when all are removed.
  mutating func nextRow() -> Row? {
    guard let first = runs.first else {
      rows.removeAll()
      isRemoving = false
      return nil
    }
    let row = rows[first.lowerBound]
    if first.count > 1 {
      runs[0] = (first.lowerBound + 1)..<first.upperBound
    } else {
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
        if rows[runs[child].lowerBound] < rows[runs[lowest].lowerBound] { lowest = child }
      }
      if lowest == place { return }
      runs.swapAt(place, lowest)
      place = lowest
    }
  }
}
