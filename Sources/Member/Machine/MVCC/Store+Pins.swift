import Base

// Readers that stay at one revision for many turns of the loop pin it: the rows they still have to read are not removed.
// A compaction that passes a pinned revision is noted and refuses new readers at once, as ever; only its work waits.

extension Store {
  /// Keeps what is to be read at `revision`; answers the number to unpin with.
  func pin(_ revision: Int64) -> Int { pins.insert(revision) }

  func unpin(_ pin: Int) { pins.remove(at: pin) }

  /// Whether a reader below `revision` is not done yet.
  func isPinned(below revision: Int64) -> Bool {
    pins.count > 0 && pins.indices.contains { pins[$0] < revision }
  }

  /// Lets the compaction that waits begin, pins or not: readers have had their time. Their work ends as *compacted*.
  package func overridePins() { ignoresPins = true }

  /// Readers that pin a revision now.
  package var pinCount: Int { pins.count }
}
