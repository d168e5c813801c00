import Base
import Glibc

/// Reads one message's body, however it is delimited.
struct HTTP1Body {
  private enum State {
    case none
    case length(Int)
    case chunkSize
    case chunkData(Int)
    case chunkEnd
    case trailers
    case untilClose
  }
  private var state = State.none
  /// A size or trailer line that was cut by the end of the input.
  private var line = Bytes()
  private(set) var trailers = HeaderList()
  private(set) var isComplete = true

  static let empty = HTTP1Body()

  init() {}
  init(_ body: HTTP1Syntax.Framing.Body) {
    switch body {
    case .none: return
    case .length(let count): state = .length(count)
    case .chunked: state = .chunkSize
    }
    isComplete = false
  }

  /// A reply's body that ends with the connection.
  static func untilClose() -> HTTP1Body {
    var body = HTTP1Body()
    body.state = .untilClose
    body.isComplete = false
    return body
  }

  var endsWithConnection: Bool {
    if case .untilClose = state { return true }
    return false
  }
  mutating func connectionEnded() { if endsWithConnection { isComplete = true } }

  /// Takes the next piece from the front of `input`: body bytes, or nil when only framing was read.
  mutating func next(_ input: inout UnsafeRawBufferPointer) throws(HTTP1Fault) -> UnsafeRawBufferPointer? {
    switch state {
    case .none: return nil
    case .untilClose: return take(input.count, from: &input)
    case .length(let count):
      let piece = take(count, from: &input)
      state = .length(count - piece.count)
      isComplete = piece.count == count
      return piece
    case .chunkData(let count):
      let piece = take(count, from: &input)
      state = piece.count == count ? .chunkEnd : .chunkData(count - piece.count)
      return piece
    case .chunkSize, .chunkEnd, .trailers:
      try readLine(&input)
      return nil
    }
  }

  private func take(_ count: Int, from input: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let taken = min(count, input.count)
    defer { input = UnsafeRawBufferPointer(rebasing: input[taken...]) }
    return UnsafeRawBufferPointer(rebasing: input[..<taken])
  }

  private mutating func readLine(_ input: inout UnsafeRawBufferPointer) throws(HTTP1Fault) {
    guard let base = input.baseAddress else { return }
    let limit = if case .trailers = state { Limits.headerListBytes } else { Limits.chunkLineBytes }
    let found = memchr(base, 0x0A, input.count).map { UnsafeRawPointer($0) - base }
    let count = found.map { $0 + 1 } ?? input.count
    guard line.count + count <= limit else { throw .badRequest }
    line.append(contentsOf: input[..<count])
    input = UnsafeRawBufferPointer(rebasing: input[count...])
    guard found != nil else { return }
    guard line.count >= 2, line[line.count - 2] == 0x0D else { throw .badRequest }
    var whole = Bytes()
    swap(&whole, &line)
    try whole.withUnsafeBufferPointer { (bytes) throws(HTTP1Fault) in
      try handle(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<(bytes.count - 2)]))
    }
  }

  private mutating func handle(_ line: UnsafeRawBufferPointer) throws(HTTP1Fault) {
    switch state {
    case .chunkSize:
      let size = try chunkSize(line)
      state = size > 0 ? .chunkData(size) : .trailers
    case .chunkEnd:
      guard line.count == 0 else { throw .badRequest }
      state = .chunkSize
    default:
      if line.count == 0 {
        isComplete = true
      } else {
        try HTTP1Syntax.field(line, into: &trailers)
      }
    }
  }

  /// Hex digits, optionally followed by an extension, which is checked for control characters and ignored.
  private func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTP1Fault) -> Int {
    let digits = line.prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }
    guard digits.count > 0, digits.count <= 15, let size = Int(String(utf8: digits), radix: 16),
      digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D })
    else { throw .badRequest }
    let rest = HTTP1Syntax.trimmed(UnsafeRawBufferPointer(rebasing: line[digits.endIndex...]))
    guard rest.first ?? 0x3B == 0x3B, rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw .badRequest
    }
    return size
  }
}
