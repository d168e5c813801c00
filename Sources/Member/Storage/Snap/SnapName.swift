import Base

/// The name of a snapshot file: term and index of the last entry in it, 16 hex digits each.
package struct SnapName: Equatable, Comparable, Sendable {
  package var term: UInt64
  package var index: UInt64

  package init(term: UInt64, index: UInt64) {
    self.term = term
    self.index = index
  }

  /// Nil where the text is no such name.
  package init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count == 38, characters[16] == UInt8(ascii: "-"), text.hasSuffix(".snap"),
      let term = number(characters[0..<16]), let index = number(characters[17..<33])
    else { return nil }
    self.init(term: term, index: index)
  }

  package var text: String { "\(hex16(term))-\(hex16(index)).snap" }

  package static func < (a: SnapName, b: SnapName) -> Bool {
    a.term != b.term ? a.term < b.term : a.index < b.index
  }
}
