import Foundation

/// One step of a transcript: a command line, its input, and what should come of it.
///
/// The format is that of the Go library `datadriven`, so that scripts of the Go core run unchanged:
///
///     # a comment
///     command plain key=value key=(several, values)
///     lines of input
///     ----
///     the expected output, up to a blank line
///
/// Output with blank lines stands between two pairs of `----` lines.
package struct TranscriptStep: Sendable {
  package struct Argument: Sendable {
    package var key: String
    package var values: [String]
  }

  /// Where the step begins in the file, from 1.
  package var line: Int
  package var command: String
  package var arguments: [Argument]
  package var input: String
  package var expected: String

  /// The first argument's key as a number.
  package var number: Int? { arguments.first.flatMap { Int($0.key) } }

  /// The values of the argument `key`, or nil.
  package subscript(_ key: String) -> [String]? { arguments.first { $0.key == key }?.values }
}

/// A step whose outcome is not what the transcript says.
package struct TranscriptDifference: Sendable, CustomStringConvertible {
  package var step: TranscriptStep
  package var actual: String

  package var description: String {
    "line \(step.line): \(step.command)\n--- expected\n\(step.expected)--- actual\n\(actual)---"
  }
}

package enum Transcript {
  /// Reads a transcript; nil if a command line is malformed.
  package static func parse(_ text: String) -> [TranscriptStep]? {
    var reader = LineReader(text)
    var steps: [TranscriptStep] = []
    while let first = reader.next() {
      var line = trimmed(first)
      if line.hasPrefix("#") || line.isEmpty { continue }
      let number = reader.line
      while line.hasSuffix("\\"), let more = reader.next() {
        line = String(line.dropLast()) + " " + trimmed(more)
      }
      guard var step = parseCommand(line) else { return nil }
      step.line = number
      var input: [String] = []
      while let next = reader.next() {
        if next == "----" {
          step.expected = readExpected(&reader)
          break
        }
        input.append(next)
      }
      step.input = trimmed(input.joined(separator: "\n"))
      steps.append(step)
    }
    return steps
  }

  /// Runs the steps in order; stops at the first that differs, since those behind it stand on it.
  package static func run(
    _ steps: [TranscriptStep], _ handle: (TranscriptStep) -> String
  ) -> TranscriptDifference? {
    for step in steps {
      var actual = handle(step)
      if !actual.isEmpty && !actual.hasSuffix("\n") { actual += "\n" }
      if actual != step.expected { return TranscriptDifference(step: step, actual: actual) }
    }
    return nil
  }

  /// The transcripts (`.txt`) in a folder, by name; nil if there is no such folder.
  package static func files(in folder: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".txt") }.sorted()
  }

  package static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func readExpected(_ reader: inout LineReader) -> String {
    var lines: [String] = []
    guard var line = reader.next() else { return "" }
    if line == "----" {
      while let next = reader.next() {
        if next == "----" && reader.peek == "----" {
          _ = reader.next()
          break
        }
        lines.append(next)
      }
    } else {
      while !trimmed(line).isEmpty {
        lines.append(line)
        guard let next = reader.next() else { break }
        line = next
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Reads `command plain key=value key=(a, (b), c)`.
  static func parseCommand(_ text: String) -> TranscriptStep? {
    var rest = Substring(text)
    func until(_ stops: Set<Character>) -> String {
      let word = rest.prefix { !stops.contains($0) }
      rest = rest.dropFirst(word.count)
      return String(word)
    }
    let command = until([" "])
    var arguments: [TranscriptStep.Argument] = []
    while true {
      rest = rest.drop { $0 == " " }
      if rest.isEmpty { break }
      let key = until([" ", "="])
      if key.isEmpty { return nil }
      guard rest.first == "=" else {
        arguments.append(.init(key: key, values: []))
        continue
      }
      rest = rest.dropFirst()
      if rest.first == "(" {
        guard let values = takeList(&rest) else { return nil }
        arguments.append(.init(key: key, values: values))
      } else {
        arguments.append(.init(key: key, values: [until([" "])]))
      }
    }
    return TranscriptStep(line: 0, command: command, arguments: arguments, input: "", expected: "")
  }

  private static func takeList(_ rest: inout Substring) -> [String]? {
    var values = [""]
    var depth = 0
    while let character = rest.popFirst() {
      switch character {
      case "(":
        depth += 1
        if depth == 1 { continue }
      case ")":
        depth -= 1
        if depth == 0 { return values }
      case "," where depth == 1:
        values.append("")
        rest = rest.drop { $0 == " " }
        continue
      default: break
      }
      values[values.count - 1].append(character)
    }
    return nil
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

private struct LineReader {
  private let lines: [Substring]
  private(set) var line = 0

  init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    self.lines = lines
  }

  var peek: String? { line < lines.count ? String(lines[line]) : nil }

  mutating func next() -> String? {
    defer { if line < lines.count { line += 1 } }
    return peek
  }
}
