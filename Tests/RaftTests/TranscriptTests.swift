import Golden
import Testing

@Suite struct TranscriptTests {
  private static let script = """
    # A comment.
    add 3 voters=(1, (2), 3) index=2 \\
      name=a
    some input

    more
    ----
    one
    two

    show
    ----
    ----
    with a

    blank line
    ----
    ----

    silent
    ----
    """

  @Test("A transcript falls into commands, arguments, input and expected output")
  func parse() throws {
    let steps = try #require(Transcript.parse(Self.script))
    #expect(steps.map(\.command) == ["add", "show", "silent"])
    #expect(steps[0].number == 3)
    #expect(steps[0]["voters"] == ["1", "(2)", "3"])
    #expect(steps[0]["index"] == ["2"])
    #expect(steps[0]["name"] == ["a"])
    #expect(steps[0].input == "some input\n\nmore")
    #expect(steps[0].expected == "one\ntwo\n")
    #expect(steps[1].expected == "with a\n\nblank line\n")
    #expect(steps[2].expected.isEmpty)
    #expect(steps[0].line == 2)
  }

  @Test("The first step whose outcome differs is told, and nothing behind it runs")
  func difference() throws {
    let steps = try #require(Transcript.parse(Self.script))
    var seen: [String] = []
    let difference = Transcript.run(steps) { step in
      seen.append(step.command)
      return step.command == "add" ? "one\ntwo" : "else"
    }
    #expect(difference?.step.command == "show")
    #expect(difference?.actual == "else\n")
    #expect(seen == ["add", "show"])
  }
}
