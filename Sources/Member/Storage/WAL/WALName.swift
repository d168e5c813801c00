import Base

/// The name of a log file: its place in the row and the first entry it may hold, 16 hex digits each.
/// As etcd 3.4: wal/util.go.
struct WALName: Equatable, Comparable, Sendable {
  var sequence: UInt64
  var firstIndex: UInt64

  init(sequence: UInt64, firstIndex: UInt64) {
    self.sequence = sequence
    self.firstIndex = firstIndex
  }

  /// Nil where the text is no such name.
  init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count == 37, characters[16] == UInt8(ascii: "-"), text.hasSuffix(".wal"),
      let sequence = number(characters[0..<16]), let firstIndex = number(characters[17..<33])
    else { return nil }
    self.init(sequence: sequence, firstIndex: firstIndex)
  }

  var text: String { "\(hex16(sequence))-\(hex16(firstIndex)).wal" }

  static func < (a: WALName, b: WALName) -> Bool { a.sequence < b.sequence }
}

/// Hex digits only: the standard conversion would take a sign as well.
func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
  guard let bytes = bytes(hex: String(decoding: digits, as: UTF8.self)), bytes.count == 8 else { return nil }
  return bytes.reduce(0) { $0 << 8 | UInt64($1) }
}
