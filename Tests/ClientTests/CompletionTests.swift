import Testing

@testable import etcdctl

@Suite struct CompletionTests {
  private func names(_ words: String...) -> [String] {
    Completer(CommandTable.root).complete(words).candidates.map(\.text)
  }

  @Test("Commands are completed at every depth, shortened ones above them included")
  func commands() {
    #expect(names("mem") == ["member"])
    #expect(names("mem", "") == ["add", "list", "promote", "remove", "update"])
    #expect(names("--endpoints", "get", "lease", "k") == ["keep-alive"])
    #expect(names("-w", "json", "snapshot", "s") == ["save", "status"])
    #expect(names("help", "le") == ["lease"])
    #expect(names("help", "lease", "g") == ["grant"])
    #expect(names("get", "k") == [] && names("nonsense", "") == [] && names() == [])
    #expect(names("get", "--", "--p") == [])
  }

  @Test("Flags are those of the command and of all commands above it")
  func flags() {
    #expect(names("endpoint", "status", "--clu") == ["--cluster"])
    #expect(names("get", "--pr") == ["--prefix", "--print-value-only"])
    #expect(names("--dial") == ["--dial-timeout"])
    #expect(names("put", "--prefi") == [])
    let all = Completer(CommandTable.root).complete(["get", "-"]).candidates
    #expect(all.allSatisfy { !$0.about.isEmpty && $0.text.hasPrefix("--") })
  }

  @Test("A flag's value is completed behind a blank and behind =")
  func values() {
    #expect(names("get", "-w", "j") == ["json"])
    #expect(names("get", "--order", "") == ["ASCEND", "DESCEND"])
    #expect(names("get", "--sort-by=V") == ["--sort-by=VALUE", "--sort-by=VERSION"])
    #expect(names("get", "--prefix=") == ["--prefix=false", "--prefix=true"])
    #expect(names("get", "--nonsense=") == [] && names("get", "--limit", "") == [])
  }

  @Test("Names of files are left to the shell")
  func files() {
    let completer = Completer(CommandTable.root)
    for words in [
      ["snapshot", "save", ""], ["snapshot", "restore", "a", "--data-dir", ""], ["get", "--cacert=/"],
      ["--cert", "x"],
    ] {
      #expect(completer.complete(words) == Completer.Answer(wantsFiles: true), "\(words)")
    }
    #expect(!completer.complete(["put", ""]).wantsFiles)
  }
}
