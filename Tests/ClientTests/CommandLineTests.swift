import Base
import Testing

@testable import etcdctl

@Suite struct CommandLineTests {
  private func parse(_ words: Argument...) -> CommandLineParser.Outcome {
    CommandLineParser.parse(words, root: CommandTable.root)
  }

  @Test("Flags stand anywhere, with = or without, until --")
  func flags() {
    guard
      case .run(let path, let flags, let rest) = parse(
        "--endpoints", "a:1,b:2", "get", "k", "--prefix", "-w", "json", "--limit=0x10", "--", "--end")
    else { return #expect(Bool(false), "not a command") }
    #expect(path.name == "etcdctl get")
    #expect(rest == ["k", "--end"])
    #expect(flags.list("endpoints") == ["a:1", "b:2"])
    #expect(flags.bool("prefix") && flags.text("write-out") == "json" && flags.integer("limit") == 16)
    #expect(flags.isChanged("limit") && !flags.isChanged("rev"))
    #expect(flags.duration("command-timeout") == .seconds(5))
  }

  @Test("Commands may be shortened while one name is meant")
  func prefixes() {
    guard case .run(let path, _, _) = parse("mem", "li") else { return #expect(Bool(false)) }
    #expect(path.name == "etcdctl member list")
    guard case .run(let compact, _, _) = parse("compact", "4") else { return #expect(Bool(false)) }
    #expect(compact.command.name == "compaction")
    guard case .run(let save, _, _) = parse("s", "sa", "file") else { return #expect(Bool(false)) }
    #expect(save.name == "etcdctl snapshot save")
    guard case .run(let space, _, _) = parse("sp", "r") else { return #expect(Bool(false)) }
    #expect(space.name == "etcdctl space recover")
    guard case .unknown(let text) = parse("putt") else { return #expect(Bool(false)) }
    #expect(text.hasPrefix("unknown command \"putt\" for \"etcdctl\"\n\nDid you mean this?\n\tput\n"))
    guard case .unknown(let plain) = parse("nonsense") else { return #expect(Bool(false)) }
    #expect(plain == "unknown command \"nonsense\" for \"etcdctl\"")
  }

  @Test(
    "Wrong flags are named as the original names them",
    arguments: [
      (["get", "--nonsense"], "unknown flag: --nonsense"),
      (["get", "-z"], "unknown shorthand flag: 'z' in -z"),
      (["get", "--limit"], "flag needs an argument: --limit"),
      (
        ["get", "--rev=x", "a"],
        "invalid argument \"x\" for \"--rev\" flag: strconv.ParseInt: parsing \"x\": invalid syntax"
      ),
      (
        ["get", "--help=x"],
        "invalid argument \"x\" for \"-h, --help\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"
      ),
      (
        ["--dial-timeout=zz", "get", "a"],
        "invalid argument \"zz\" for \"--dial-timeout\" flag: time: invalid duration \"zz\""
      ),
    ])
  func wrongFlags(_ words: [String], _ expected: String) {
    let outcome = CommandLineParser.parse(words.map { Argument($0) }, root: CommandTable.root)
    guard case .misused(_, let text) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(text == expected)
  }

  @Test("A command that is not there refuses, whatever its flags, and says what to do instead")
  func absent() throws {
    guard case .run(let path, let flags, let rest) = parse("migrate", "--transformer=3", "x") else {
      return #expect(Bool(false), "not found")
    }
    let invocation = Invocation(path, flags, rest, words: [])
    let failure = try #require(throws: Failure.self) { try path.command.run?(invocation) }
    #expect(
      failure.code == .error
        && failure.text.hasPrefix("migrate is not available in this version: stop the member"))
  }

  @Test("A variable stands in for a flag; both together are refused, wrong values passed over")
  func environment() throws {
    var values = FlagValues(CommandTable.globalFlags)
    let variables = [("ETCDCTL_WRITE_OUT", "json"), ("ETCDCTL_DIAL_TIMEOUT", "zz"), ("HOME", "/")]
    try Environment.apply(variables, to: &values, CommandTable.globalFlags, known: [])
    #expect(values.text("write-out") == "json" && values.duration("dial-timeout") == .seconds(2))
    #expect(Environment.variable("insecure-skip-tls-verify") == "ETCDCTL_INSECURE_SKIP_TLS_VERIFY")
    #expect(throws: Failure.reported) {
      try Environment.apply(variables, to: &values, CommandTable.globalFlags, known: [])
    }
  }

  @Test("Help of a group lists its commands in columns")
  func help() {
    guard case .help(let path) = parse("lease", "nonsense") else { return #expect(Bool(false)) }
    let page = Help.page(for: path)
    #expect(
      page.hasPrefix(
        """
        NAME:
        \tlease - Lease related commands

        USAGE:
        \tetcdctl lease <subcommand> [flags]

        API VERSION:
        \t3.4


        COMMANDS:
        \tgrant\t\tCreates leases
        \tkeep-alive\tKeeps leases alive (renew)
        \tlist\t\tList all active leases
        \trevoke\t\tRevokes leases
        \ttimetolive\tGet lease information

        OPTIONS:
          -h, --help[=false]\thelp for lease

        GLOBAL OPTIONS:
              --cacert=""\t\t\t\tverify certificates of TLS-enabled secure servers using this CA bundle

        """))
    #expect(page.hasSuffix("(fields, json, protobuf, simple, table)\n\n"))
  }
}
