import Base
import Testing

@testable import etcdctl

@Suite struct WatchWordsTests {
  /// The range and the command that a line asks for, or why it asks for none.
  private func told(_ line: [String], _ arguments: [String], _ environment: [String] = []) -> String {
    do throws(Failure) {
      let words = try WatchWords(
        line: line.map { Argument($0) }, arguments: arguments.map { Argument($0) },
        environment: environment.map { Argument($0) })
      return words.range.map(\.text).joined(separator: " ") + " | "
        + words.command.map(\.text).joined(separator: " ")
    } catch { return error.text }
  }

  @Test("What is watched comes from words or variables, the command behind --")
  func ranges() {
    #expect(told(["watch", "foo", "bar"], ["foo", "bar"]) == "foo bar | ")
    #expect(told(["watch"], [], ["foo", "bar"]) == "foo bar | ")
    #expect(told(["watch", "--rev", "1", "foo"], ["foo"]) == "foo | ")
    let echo = ["--", "echo", "watch", "event"]
    #expect(told(["watch", "foo"] + echo, ["foo", "echo", "watch", "event"]) == "foo | echo watch event")
    #expect(
      told(["watch", "--rev", "1"] + echo, ["echo", "watch", "event"], ["foo"]) == "foo | echo watch event")
  }

  @Test("A key that comes twice, or never, is refused")
  func refusals() {
    let conflict = "bad number of arguments (found conflicting environment key)"
    #expect(told(["watch", "foo"], ["foo"], ["foo"]) == conflict)
    #expect(told(["watch", "a", "--", "echo"], ["a", "echo"], ["foo"]) == conflict)
    #expect(
      told(["watch", "foo", "--"], ["foo"]) == "bad number of arguments (found separator --, but no commands)")
    #expect(told(["watch"], []) == "bad number of arguments")
  }

  @Test("Words keep what stands in quotes together; a quote that nobody closes counts for nothing")
  func words() throws {
    func split(_ line: String) throws -> [String] { try Words.split(line).map(\.text) }
    #expect(try split(#"put 'a b' "c\td" e'f g"#) == ["put", "a b", "c\td", "e'f", "g"])
    #expect(try split(#"watch a "b c"#) == ["watch", "a", "b", "c"])
    #expect(try split(#"'x "y\"z""#) == ["x", "y\"z"])
    #expect(try split("  \t ") == [])
    #expect(throws: Failure.self) { try Words.split(#""bad \q""#) }
  }
}
