import Base
import Testing
import Wire

@testable import etcdctl

@Suite struct OutputFormTests {
  @Test("A table centres its head, pushes rows right and breaks long cells evenly")
  func table() {
    #expect(
      Table.text(["endpoint", "hash"], [["127.0.0.1:56743", "3646643948"]]) == """
        +-----------------+------------+
        |    ENDPOINT     |    HASH    |
        +-----------------+------------+
        | 127.0.0.1:56743 | 3646643948 |
        +-----------------+------------+

        """)
    let long = Table.text(["error"], [["one two three four five six seven eight nine"]])
    #expect(
      long == """
        +-----------------------------+
        |            ERROR            |
        +-----------------------------+
        | one two three four five six |
        |            seven eight nine |
        +-----------------------------+

        """)
  }

  @Test(
    "Sizes are told in powers of a thousand",
    arguments: [
      (Int64(0), "0 B"), (9, "9 B"), (999, "999 B"), (1000, "1.0 kB"), (24576, "25 kB"), (1_234_567, "1.2 MB"),
      (20_480_000_000, "20 GB"),
    ])
  func sizes(_ bytes: Int64, _ text: String) { #expect(sizeText(bytes) == text) }

  @Test("Bytes are quoted as Go's %q does")
  func quoting() {
    #expect(GoText.quoted("a\"\\\n\u{7F}é\u{200B}".bytes + [0xFF, 0xC3]) == #""a\"\\\n\x7fé\u200b\xff\xc3""#)
    var text: Substring = #""a\x01\té\101") = x"#
    #expect(GoText.readQuoted(&text) == "a\u{1}\téA".bytes)
    #expect(text == ") = x")
    var broken: Substring = #""abc"#
    #expect(GoText.readQuoted(&broken) == nil)
  }

  @Test("The end of a prefix is the next key behind it")
  func prefixEnds() {
    #expect(KeyRange.end(ofPrefix: "ab".bytes) == "ac".bytes)
    #expect(KeyRange.end(ofPrefix: [0x61, 0xFF]) == [0x62])
    #expect(KeyRange.end(ofPrefix: [0xFF, 0xFF]) == KeyRange.open)
  }

  @Test("Lines of a transaction become comparisons and operations")
  func transactions() throws {
    let compare = try TxnLines.compare(#"value("a b") != "x\n""#)
    #expect(compare.key == "a b".bytes && compare.result == .notEqual && compare.target == .value)
    #expect(compare.targetUnion == .value("x\n".bytes))
    #expect(try TxnLines.compare(#"mod("k") > "7""#).targetUnion == .modRevision(7))
    #expect(throws: Failure(.invalidInput, "malformed comparison: bad")) { try TxnLines.compare("bad") }
    #expect(throws: Failure(.invalidInput, "invalid txn compare request: mod(\"k\") > \"x\"")) {
      try TxnLines.compare("mod(\"k\") > \"x\"")
    }
    let operation = try TxnLines.operation(#"put 'single quoted' "two words" --prev-kv"#)
    #expect(
      operation.request
        == .requestPut(PutRequest(key: "single quoted".bytes, value: "two words".bytes, prevKv: true)))
    #expect(throws: Failure(.invalidInput, "invalid txn request: nonsense a")) {
      try TxnLines.operation("nonsense a")
    }
  }
}
