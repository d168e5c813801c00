/// Swift source under construction: lines with indentation.
struct SourceText {
  private(set) var text = ""
  private var depth = 0

  mutating func line(_ content: String = "") {
    if !content.isEmpty {
      text += String(repeating: "  ", count: depth)
      text += content
    }
    text += "\n"
  }

  /// `head {`, the lines of `body` indented, `}`.
  mutating func block(_ head: String, _ body: (inout SourceText) -> Void) {
    line(head + " {")
    depth += 1
    body(&self)
    depth -= 1
    line("}")
  }

  mutating func indented(_ body: (inout SourceText) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  static func header(of proto: String) -> SourceText {
    var text = SourceText()
    text.line("// Written by wiregen from \(proto). Do not edit.")
    text.line("// swift-format-ignore-file")
    text.line()
    return text
  }
}
