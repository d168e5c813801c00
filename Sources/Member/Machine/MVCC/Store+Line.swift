import Base

// What those who wait for keys to go ask of the store as it is now; the index alone answers.

extension Store {
  /// Keys that exist in `[key, end)`; costs the same however many.
  package func count(below key: Bytes, _ end: Bytes) -> Int { index.countLive(KeyRange(key, end)) }

  /// The revision that made the key, if it exists.
  package func createRevision(of key: Bytes) -> Int64? {
    key.withUnsafeBytes { index.current($0)?.created }
  }

  /// Visits the keys of `[key, end)` and the revisions that made them, about `count` of them. Answers where to go on; nil at
  /// the end.
  package func forEachKey(
    from key: Bytes, before end: Bytes, count: Int, _ visit: (UnsafeRawBufferPointer, Int64) -> Void
  ) -> Bytes? {
    index.forEach(KeyRange(key, end), at: nil, keyBudget: count) { found in
      visit(found.key, found.state.created)
      return true
    }
  }
}
