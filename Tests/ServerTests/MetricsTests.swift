import Base
import Testing

@testable import Doors
@testable import Server

@Suite struct MetricsTests {
  @Test func `the tables name each metric once, as Prometheus allows`() {
    var names: Set<String> = []
    for family in MetricFamily.all {
      let name = family.name.description
      #expect(names.insert(name).inserted, "\(name) stands twice")
      #expect(name.utf8.allSatisfy { $0 == 0x5F || $0 &- 0x61 < 26 || $0 &- 0x30 < 10 }, "\(name)")
      #expect(!family.help.description.isEmpty && !family.help.description.contains("\n"), "\(name)")
    }
    #expect(names.count > 130)
  }

  @Test func `labels are quoted so that a page can be read back`() {
    #expect(MetricsText.quoted("a\"b\\c\nd") == #""a\"b\\c\nd""#)
  }

  @Test func `samples carry their family's name, labels and value`() {
    var text = MetricsText()
    text.begin("one", .counter, "First.")
    text.sample(7 as UInt64)
    text.begin("two", .gauge, "Second.")
    text.sample("a=\"b\"", 0.25)
    text.sample(1e15 as Double)
    text.sample(-3.0)
    text.begin("none", .counter, "Third.")
    #expect(
      String(utf8: text.bytes) == """
        # HELP one First.
        # TYPE one counter
        one 7
        # HELP two Second.
        # TYPE two gauge
        two{a="b"} 0.25
        two 1e+15
        two -3
        # HELP none Third.
        # TYPE none counter

        """)
  }

  @Test func `transfers are counted by how they end`() {
    var transfers = PeerFigures.Transfers()
    transfers.underWay = 2
    transfers.ended(hasFailed: true, took: .seconds(1))
    transfers.ended(hasFailed: false, took: .seconds(2))
    #expect(transfers.underWay == 0 && transfers.failures == 1 && transfers.successes == 1)
    #expect(transfers.durations.count == 1 && transfers.durations.sum == 2)
  }

  @Test func `the kernel's line about a process, with blanks and brackets in its name`() {
    let line =
      "42 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 0 100 4096000 250 18446744073709551615"
    let memory = line.bytes.withUnsafeBytes { ProcessFacts.memory(in: $0) }
    #expect(memory.virtual == 4_096_000)
    #expect(memory.resident % 250 == 0 && memory.resident > 0)
    #expect(ProcessFacts.memory.threads >= 1 && ProcessFacts.memory.resident > 1 << 20)
    #expect(ProcessFacts.openDescriptors > 2)
  }
}

@Suite struct TopPrefixesTests {
  private func book(_ top: TopPrefixes, _ key: String, nanoseconds: Int64 = 0, bytes: Int = 0) {
    top.book(key.bytes, bytes: bytes, took: TimeSpan(nanoseconds: nanoseconds))
  }

  @Test(arguments: [
    ("/registry/pods/default/a", "/registry/pods/"), ("/registry/pods", "/registry/pods"), ("a/b/c/d", "a/b/"),
    ("a/b", "a/b"), ("/", "/"), ("", ""), ("//a", "//a"), ("///a", "///"), ("plain", "plain"),
    (String(repeating: "x", count: 100), String(repeating: "x", count: 64)),
  ])
  func `a key belongs to the prefix up to its second slash`(key: String, prefix: String) {
    let length = key.bytes.withUnsafeBytes { TopPrefixes.prefixLength($0) }
    #expect(String(key.prefix(length)) == prefix)
  }

  @Test func `what is booked is kept, by prefix`() throws {
    let top = TopPrefixes(seed: 1)
    for number in 0..<5 { book(top, "/a/b/\(number)", nanoseconds: 100, bytes: 10) }
    book(top, "/a/c/1", nanoseconds: 1_000_000)
    top.book("/a/b/9".bytes, requests: 0, bytes: 50, took: .zero)
    #expect(top.entries.map { String(utf8: $0.prefix) } == ["/a/c/", "/a/b/"])
    let second = try #require(top.entries.last)
    #expect(second.row.requests == 5 && second.row.bytes == 100 && second.row.nanoseconds == 500)
    #expect(second.cost == 5 * 1_000 + 100 + 500 && second.row.inherited == 0)
  }

  /// The promise of the sketch, held against exact counts: no prefix above a 128th of all cost is missed, and no cost is
  /// said too low, or too high by more than is said.
  @Test(arguments: 1...3)
  func `heavy prefixes are found among very many light ones`(seed: UInt64) {
    let top = TopPrefixes(seed: seed)
    var dice = Dice(seed: seed)
    var exact: [String: UInt64] = [:]
    var total: UInt64 = 0
    for _ in 0..<30_000 {
      // A third of the load goes to twenty prefixes, the rest to twenty thousand.
      let number = dice.next() % 3 == 0 ? dice.next() % 20 : 20 + dice.next() % 20_000
      let took = Int64(dice.next() % 2_000)
      book(top, "/n/\(number)/key", nanoseconds: took)
      exact["/n/\(number)/", default: 0] += 1_000 + UInt64(took)
      total += 1_000 + UInt64(took)
    }
    let entries = top.entries
    let found = Dictionary(uniqueKeysWithValues: entries.map { (String(utf8: $0.prefix), $0) })
    #expect(entries.count == Limits.topPrefixes)
    for (prefix, cost) in exact where cost > total / UInt64(Limits.topPrefixes) {
      #expect(found[prefix] != nil, "\(prefix) of \(cost) is missing")
    }
    for (prefix, entry) in found {
      let cost = exact[prefix] ?? 0
      #expect(entry.cost >= cost && entry.cost - entry.row.inherited <= cost, "\(prefix)")
    }
    #expect(entries.map(\.cost) == entries.map(\.cost).sorted(by: >))
  }

  @Test func `keys that are no text, and an empty table`() {
    let top = TopPrefixes(seed: 7)
    #expect(top.entries.isEmpty)
    top.book([0xFF, 0x2F, 0x00, 0x2F, 0x01], bytes: 1, took: .zero)
    top.book([], bytes: 1, took: .zero)
    #expect(Set(top.entries.map(\.prefix)) == [[0xFF, 0x2F, 0x00, 0x2F], []])
    top.removeAll()
    #expect(top.entries.isEmpty)
    book(top, "/a/b/c")
    #expect(top.entries.count == 1)
    #expect(TopPage.table("Now", top.entries).contains("\"/a/b/\""))
  }
}
