/// Cuts JSON values out of bytes that come in pieces: `{…} {…}` with or without space between.
///
/// Only the form is looked at, byte by byte, so that a value is given out with its last byte and bytes that can no longer
/// become one are refused at once. A value that arrives in one piece is lent without a copy.
package struct JSONSplitter {
  package enum Fault: Error, Equatable, Sendable {
    /// The text is the one of Go's encoding/json.
    case malformed(String)
    /// A value is longer than the limit; so many bytes of it have come.
    case tooLong(Int)
  }

  /// Longest value taken.
  package let limit: Int
  private var partial = Bytes()
  private var scanner = JSONScanner()

  package init(limit: Int) { self.limit = limit }

  /// Bytes kept of a value that is not complete.
  package var gatheredCount: Int { partial.count }

  /// Calls `each` with every value that is complete now, until it answers false; what follows then is not looked at.
  /// The bytes are valid during the call only.
  package mutating func receive(
    _ bytes: UnsafeRawBufferPointer, _ each: (UnsafeRawBufferPointer) -> Bool
  ) throws(Fault) {
    var rest = bytes
    while rest.count > 0 {
      switch scanner.scan(rest) {
      case .none(let spaces): rest = UnsafeRawBufferPointer(rebasing: rest[spaces...])
      case .complete(let count):
        if partial.count + count > limit { throw .tooLong(partial.count + count) }
        let value = UnsafeRawBufferPointer(rebasing: rest[..<count])
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        guard give(value, each) else { return }
      case .incomplete:
        if partial.count + rest.count > limit { throw .tooLong(partial.count + rest.count) }
        partial.append(contentsOf: rest)
        return
      case .malformed:
        partial.append(contentsOf: rest)
        throw .malformed(explanation())
      }
    }
  }

  /// The bytes end here: gives out a number that might have gone on, and refuses half a value.
  package mutating func end(_ each: (UnsafeRawBufferPointer) -> Bool) throws(Fault) {
    guard !partial.isEmpty else { return }
    guard scanner.isNumberWhole else { throw .malformed(Self.endText) }
    _ = give(UnsafeRawBufferPointer(start: nil, count: 0), each)
  }

  /// What Go's decoder says about a stream that ends inside a value.
  package static let endText = "unexpected EOF"

  private mutating func give(
    _ value: UnsafeRawBufferPointer, _ each: (UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    scanner = JSONScanner()
    if partial.isEmpty { return each(value) }
    // The state is clean before the caller runs; a large value's memory is not kept.
    var whole = Bytes()
    swap(&whole, &partial)
    whole.append(contentsOf: value)
    return whole.withUnsafeBytes(each)
  }

  /// The parser words the error; it stops at the same byte as the scanner.
  private func explanation() -> String {
    partial.withUnsafeBytes { bytes in
      var parser = JSONParser(bytes)
      do throws(JSONError) {
        _ = try parser.next()
        broken("the scanner refuses what the parser reads")
      } catch { return error.text }
    }
  }
}

/// Follows the grammar of JSON over pieces, without making values.
struct JSONScanner {
  enum Verdict {
    /// Only space, so many bytes of it, before a value.
    case none(Int)
    case incomplete
    /// The value ends behind so many bytes.
    case complete(Int)
    case malformed
  }

  private enum State {
    case start, value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd
    case string, escape
    case hex(UInt8)
    case word(StaticString, Int)
    case minus, zero, digits, point, fraction, exponent, exponentSign, exponentDigits
  }

  private var state = State.start
  /// Whether each open array or object is an object, the innermost last.
  private var open: [Bool] = []
  /// The text under way is a member's name.
  private var isKey = false

  /// A number stands at the end that needs nothing more.
  var isNumberWhole: Bool {
    guard open.isEmpty else { return false }
    switch state {
    case .zero, .digits, .fraction, .exponentDigits: return true
    default: return false
    }
  }

  /// Looks at the next bytes of a value.
  mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    var index = 0
    if case .start = state {
      while index < bytes.count, isSpace(bytes[index]) { index += 1 }
      if index > 0 { return .none(index) }
    }
    while index < bytes.count {
      let byte = bytes[index]
      switch state {
      case .string:
        // Most bytes of a request are inside of texts.
        while index < bytes.count, bytes[index] != 0x22, bytes[index] != 0x5c, bytes[index] >= 0x20 {
          index += 1
        }
        guard index < bytes.count else { return .incomplete }
        guard textPart(bytes[index]) else { return .malformed }
      case .escape, .hex: guard escaped(byte) else { return .malformed }
      case .word(let text, let place):
        guard byte == text.utf8Start[place] else { return .malformed }
        if place + 1 < text.utf8CodeUnitCount { state = .word(text, place + 1) } else { ended() }
      case .minus, .zero, .digits, .point, .fraction, .exponent, .exponentSign, .exponentDigits:
        switch number(byte) {
        case .more: break
        case .bad: return .malformed
        case .over:
          ended()
          if open.isEmpty { return .complete(index) }
          continue  // the byte behind a number is not part of it
        }
      default: if !isSpace(byte) { guard structure(byte) else { return .malformed } }
      }
      index += 1
      if open.isEmpty, case .commaOrEnd = state { return .complete(index) }
    }
    return .incomplete
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  /// A value is complete; the outermost one leaves nothing open.
  private mutating func ended() { state = .commaOrEnd }

  private mutating func structure(_ byte: UInt8) -> Bool {
    switch state {
    case .start, .value: return begin(byte)
    case .valueOrEnd: return byte == 0x5d ? close(object: false) : begin(byte)
    case .keyOrEnd where byte == 0x7d: return close(object: true)
    case .keyOrEnd, .key:
      guard byte == 0x22 else { return false }
      isKey = true
      state = .string
    case .colon:
      guard byte == 0x3a else { return false }
      state = .value
    case .commaOrEnd:
      let isObject = open.last ?? false
      guard byte == 0x2c else { return byte == (isObject ? 0x7d : 0x5d) && close(object: isObject) }
      state = isObject ? .key : .value
    default: return false
    }
    return true
  }

  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x7b, 0x5b:
      guard open.count < Limits.jsonNesting else { return false }
      open.append(byte == 0x7b)
      state = byte == 0x7b ? .keyOrEnd : .valueOrEnd
    case 0x22:
      isKey = false
      state = .string
    case 0x74: state = .word("true", 1)
    case 0x66: state = .word("false", 1)
    case 0x6e: state = .word("null", 1)
    case 0x2d: state = .minus
    case 0x30: state = .zero
    case 0x31...0x39: state = .digits
    default: return false
    }
    return true
  }

  private mutating func close(object: Bool) -> Bool {
    open.removeLast()
    ended()
    return true
  }

  private mutating func textPart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22: if isKey { state = .colon } else { ended() }
    case 0x5c: state = .escape
    default: return false
    }
    return true
  }

  private mutating func escaped(_ byte: UInt8) -> Bool {
    if case .hex(let left) = state {
      switch byte {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66: state = left > 1 ? .hex(left - 1) : .string
      default: return false
      }
      return true
    }
    switch byte {
    case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74: state = .string
    case 0x75: state = .hex(4)
    default: return false
    }
    return true
  }

  private enum Step { case more, over, bad }

  private mutating func number(_ byte: UInt8) -> Step {
    let isDigit = byte >= 0x30 && byte <= 0x39
    switch state {
    case .minus:
      guard isDigit else { return .bad }
      state = byte == 0x30 ? .zero : .digits
    case .zero, .digits:
      if isDigit, case .digits = state { return .more }
      if byte == 0x2e { state = .point } else if byte | 0x20 == 0x65 { state = .exponent } else { return .over }
    case .point, .exponentSign:
      guard isDigit else { return .bad }
      if case .point = state { state = .fraction } else { state = .exponentDigits }
    case .fraction:
      if isDigit { return .more }
      guard byte | 0x20 == 0x65 else { return .over }
      state = .exponent
    case .exponent:
      if isDigit {
        state = .exponentDigits
      } else if byte == 0x2b || byte == 0x2d {
        state = .exponentSign
      } else {
        return .bad
      }
    default: if !isDigit { return .over }
    }
    return .more
  }
}
