import Base

/// Keys as requests name them: one key, or those from `key` up to `end`, where a single zero byte means "all that follow".
struct KeyRange: Hashable, Sendable {
  let key: Key
  let end: Key

  init(_ key: Bytes, _ end: Bytes) {
    self.key = Key(key)
    self.end = Key(end)
  }

  var isSingle: Bool { end.bytes.isEmpty }
  private var isOpen: Bool { end.bytes == [0] }

  /// What both have; nil where that is nothing.
  func common(with other: KeyRange) -> KeyRange? {
    guard overlaps(other) else { return nil }
    if isSingle { return self }
    if other.isSingle { return other }
    let end = isOpen ? other.end : other.isOpen ? self.end : min(self.end, other.end)
    return KeyRange(max(key, other.key).bytes, end.bytes)
  }

  func overlaps(_ other: KeyRange) -> Bool { begins(before: other) && other.begins(before: self) }

  /// Whether this range has a key below the end of the other.
  private func begins(before other: KeyRange) -> Bool {
    if other.isSingle { return key <= other.key }
    return other.isOpen || key < other.end
  }
}
