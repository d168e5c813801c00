/// A word, number, text or mark of a `.proto` file.
struct Token {
  var text: String
  var line: Int
  /// The comment that follows on the same line; our directives live there.
  var remark = ""
}

struct SchemaError: Error {
  var line: Int
  var text: String
}

/// Cuts a `.proto` file into tokens; comments on lines of their own are left out.
func tokens(of source: String) throws(SchemaError) -> [Token] {
  var result: [Token] = []
  var line = 0
  for text in source.split(separator: "\n", omittingEmptySubsequences: false) {
    line += 1
    try append(line: line, text, to: &result)
  }
  return result
}

private func append(line: Int, _ text: Substring, to result: inout [Token]) throws(SchemaError) {
  var rest = text
  while let first = rest.first {
    if first.isWhitespace {
      rest.removeFirst()
    } else if rest.hasPrefix("//") {
      if let last = result.last, last.line == line {
        result[result.count - 1].remark = String(rest.dropFirst(2).drop { $0 == " " })
      }
      return
    } else if first.isLetter || first.isNumber || first == "_" {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      result.append(Token(text: String(word), line: line))
      rest = rest.dropFirst(word.count)
    } else if first == "\"" {
      let content = rest.dropFirst().prefix { $0 != "\"" }
      guard rest.count >= content.count + 2 else { throw SchemaError(line: line, text: "unfinished text") }
      result.append(Token(text: "\"" + content, line: line))
      rest = rest.dropFirst(content.count + 2)
    } else if "{}()=;".contains(first) {
      result.append(Token(text: String(first), line: line))
      rest.removeFirst()
    } else {
      throw SchemaError(line: line, text: "unexpected character \(first)")
    }
  }
}
