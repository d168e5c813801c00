import Base
import CLibyaml

/// What a YAML text holds, as JSON would tell it. Numbers keep their JSON spelling.
indirect enum YAMLValue: Sendable, Hashable {
  case null
  case flag(Bool)
  case number(String)
  case text(String)
  case list([YAMLValue])
  /// In the order of the file; of equal keys the last counts.
  case map([(key: String, value: YAMLValue)])

  static func == (a: YAMLValue, b: YAMLValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.flag(let x), .flag(let y)): x == y
    case (.number(let x), .number(let y)), (.text(let x), .text(let y)): x == y
    case (.list(let x), .list(let y)): x == y
    case (.map(let x), .map(let y)):
      x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
  func hash(into hasher: inout Hasher) { hasher.combine(kind) }

  /// The word Go's JSON decoder has for it.
  var kind: String {
    switch self {
    case .null: "null"
    case .flag: "bool"
    case .number: "number"
    case .text: "string"
    case .list: "array"
    case .map: "object"
    }
  }
}

/// Why a text is no YAML, in the words of the Go library (which are libyaml's).
struct YAMLFailure: Error {
  let text: String
}

/// Reads the first document of a YAML text through libyaml's events.
struct YAMLReader {
  private var parser: UnsafeMutablePointer<yaml_parser_t>
  private var anchors: [String: YAMLValue] = [:]
  /// Anchors of lists and maps that are not complete yet.
  private var open: [String] = []
  private var depth = 0
  private static let tags = "tag:yaml.org,2002:"

  static func read(_ bytes: Bytes) throws(YAMLFailure) -> YAMLValue {
    guard bytes.count <= Limits.configFileBytes else {
      throw YAMLFailure(text: "yaml: file is larger than \(Limits.configFileBytes) bytes")
    }
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { throw YAMLFailure(text: "yaml: out of memory") }
    defer { yaml_parser_delete(parser) }
    // libyaml keeps the pointer until the parser is deleted, so the input needs a fixed place.
    let input = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    defer { input.deallocate() }
    input.initialize(from: bytes, count: bytes.count)
    yaml_parser_set_input_string(parser, input, bytes.count)
    var reader = YAMLReader(parser: parser)
    return try reader.document()
  }

  private init(parser: UnsafeMutablePointer<yaml_parser_t>) { self.parser = parser }

  private mutating func document() throws(YAMLFailure) -> YAMLValue {
    while true {
      switch try next() {
      case .value(let value): return value
      case .end: return .null
      case .closed: broken("YAML closed what was never opened")
      case .skipped: continue
      }
    }
  }

  private enum Step {
    case value(YAMLValue)
    /// A list or map ends here.
    case closed
    case end
    case skipped
  }

  private mutating func next() throws(YAMLFailure) -> Step {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    switch event.type {
    case YAML_STREAM_END_EVENT, YAML_DOCUMENT_END_EVENT: return .end
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = Self.text(scalar.value, count: scalar.length)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      let tag = Self.text(scalar.tag)
      let value = isPlain && tag != Self.tags + "str" ? YAMLScalar.resolve(text) : .text(text)
      try check(value, text, tag)
      return .value(named(value, Self.text(scalar.anchor)))
    case YAML_ALIAS_EVENT:
      let name = Self.text(event.data.alias.anchor)
      if open.contains(name) { throw YAMLFailure(text: "yaml: anchor '\(name)' value contains itself") }
      guard let value = anchors[name] else {
        throw YAMLFailure(text: "yaml: unknown anchor '\(name)' referenced")
      }
      return .value(value)
    case YAML_SEQUENCE_START_EVENT:
      let anchor = Self.text(event.data.sequence_start.anchor)
      return .value(
        named(.list(try within(anchor) { reader throws(YAMLFailure) in try reader.list() }), anchor))
    case YAML_MAPPING_START_EVENT:
      let anchor = Self.text(event.data.mapping_start.anchor)
      return .value(named(.map(try within(anchor) { reader throws(YAMLFailure) in try reader.map() }), anchor))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .closed
    default: return .skipped
    }
  }

  private mutating func list() throws(YAMLFailure) -> [YAMLValue] {
    try enter()
    var values: [YAMLValue] = []
    while case .value(let value) = try next() { values.append(value) }
    depth -= 1
    return values
  }

  private mutating func map() throws(YAMLFailure) -> [(key: String, value: YAMLValue)] {
    try enter()
    var pairs: [(key: String, value: YAMLValue)] = []
    while case .value(let key) = try next() {
      guard case .value(let value) = try next() else { break }
      switch key {
      case .text("<<"):
        guard case .map(let merged) = value else {
          throw YAMLFailure(text: "yaml: map merge requires map or sequence of maps as the value")
        }
        // What the map says itself stands behind and so wins.
        pairs.insert(contentsOf: merged, at: 0)
        guard pairs.count <= Limits.configFileKeys else {
          throw YAMLFailure(text: "yaml: a map has more than \(Limits.configFileKeys) keys")
        }
      case .text(let name), .number(let name): pairs.append((name, value))
      case .flag(let flag): pairs.append((String(flag), value))
      case .null, .list, .map:
        throw YAMLFailure(text: "unsupported map key of type: \(key.kind)")
      }
    }
    depth -= 1
    return pairs
  }

  private mutating func within<Inner>(
    _ anchor: String, _ body: (inout YAMLReader) throws(YAMLFailure) -> Inner
  ) throws(YAMLFailure) -> Inner {
    if anchor.isEmpty { return try body(&self) }
    open.append(anchor)
    let inner = try body(&self)
    open.removeLast()
    return inner
  }

  /// A tag that promises a number or a truth value must be kept.
  private func check(_ value: YAMLValue, _ text: String, _ tag: String) throws(YAMLFailure) {
    let word = tag.hasPrefix(Self.tags) ? String(tag.dropFirst(Self.tags.count)) : ""
    let isKept =
      switch (word, value) {
      case ("int", .number), ("float", .number), ("bool", .flag), ("null", .null): true
      case ("int", _), ("float", _), ("bool", _), ("null", _): false
      default: true
      }
    if !isKept { throw YAMLFailure(text: "yaml: cannot decode !!str `\(text)` as a !!\(word)") }
  }

  private mutating func enter() throws(YAMLFailure) {
    depth += 1
    guard depth <= Limits.configFileDepth else {
      throw YAMLFailure(text: "yaml: exceeded max depth of \(Limits.configFileDepth)")
    }
  }

  private mutating func named(_ value: YAMLValue, _ anchor: String) -> YAMLValue {
    if !anchor.isEmpty { anchors[anchor] = value }
    return value
  }

  /// The line is told as the Go library tells it: scanner errors count from one, others from zero.
  private func failure() -> YAMLFailure {
    let isScanner = parser.pointee.error == YAML_SCANNER_ERROR
    var line = Int(parser.pointee.context_mark.line)
    if line == 0 { line = Int(parser.pointee.problem_mark.line) }
    if line != 0, isScanner { line += 1 }
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
    return YAMLFailure(text: "yaml: " + (line == 0 ? "" : "line \(line): ") + problem)
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?, count: Int? = nil) -> String {
    guard let pointer else { return "" }
    guard let count else { return String(cString: pointer) }
    return String(utf8: UnsafeBufferPointer(start: pointer, count: count))
  }
}

/// What an unquoted word means. As gopkg.in/yaml.v2: resolve.go.
enum YAMLScalar {
  static func resolve(_ text: String) -> YAMLValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .flag(true)
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .flag(false)
    default: break
    }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .text(text) }
    let plain = text.filter { $0 != "_" }
    if case .value(let number) = GoNumber.signed(plain) { return .number(String(number)) }
    if case .value(let number) = GoNumber.unsigned(plain) { return .number(String(number)) }
    if isFloat(plain), let number = Double(plain.hasSuffix(".") ? plain + "0" : plain), number.isFinite {
      return .number(jsonText(number))
    }
    return .text(text)
  }

  private static func isFloat(_ text: String) -> Bool {
    var rest = Substring(text).utf8
    func digits() -> Int {
      let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == 0x2B || rest.first == 0x2D { rest.removeFirst() }
    let whole = digits()
    var fraction = 0
    if rest.first == 0x2E {
      rest.removeFirst()
      fraction = digits()
    }
    guard whole + fraction > 0 else { return false }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if rest.first == 0x2B || rest.first == 0x2D { rest.removeFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// Whole numbers without exponent up to 1e21, as Go's JSON encoder prints them.
  private static func jsonText(_ number: Double) -> String {
    guard number == number.rounded(), abs(number) < 1e21 else { return String(number) }
    if let small = Int64(exactly: number) { return String(small) }
    var digits = ""
    var rest = abs(number)
    while rest >= 1 {
      digits = String(Int(rest.truncatingRemainder(dividingBy: 10))) + digits
      rest = (rest / 10).rounded(.down)
    }
    return (number < 0 ? "-" : "") + digits
  }
}
