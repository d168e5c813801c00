import Base
import Testing

/// What comes out of `text` cut into pieces of `size` bytes, and how it ended.
private func split(_ text: String, size: Int, limit: Int = 1000) -> (values: [String], end: String) {
  var splitter = JSONSplitter(limit: limit)
  var values: [String] = []
  var rest = text.bytes[...]
  do throws(JSONSplitter.Fault) {
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      rest = rest.dropFirst(piece.count)
      try piece.span.bytes.withUnsafeBytes { bytes throws(JSONSplitter.Fault) in
        try splitter.receive(bytes) { value in
          values.append(String(utf8: value))
          return true
        }
      }
    }
    try splitter.end { value in
      values.append(String(utf8: value))
      return true
    }
    return (values, "")
  } catch .malformed(let text) {
    return (values, text)
  } catch {
    return (values, "too long")
  }
}

@Suite struct JSONSplitterTests {
  @Test(
    "values are found wherever their bytes are cut",
    arguments: [
      (#"{"a":1}{"b":[{}," }] \" \\"]}"#, [#"{"a":1}"#, #"{"b":[{}," }] \" \\"]}"#]),
      (
        "\n {} \t null\r\n[1,-2.5e+10,0]true \"x\\u00e9\"",
        ["{}", "null", "[1,-2.5e+10,0]", "true", #""x\u00e9""#]
      ),
      ("1 2", ["1", "2"]), ("-0.5e3", ["-0.5e3"]), ("12{}", ["12", "{}"]), ("01", ["0", "1"]), ("", []),
      ("  \n", []),
      (#"{"a":{"b":[[[]]]},"c":false , "d" : "é"}"#, [#"{"a":{"b":[[[]]]},"c":false , "d" : "é"}"#]),
    ])
  func values(text: String, expected: [String]) {
    for size in 1...max(1, text.utf8.count) {
      let found = split(text, size: size)
      #expect(found.values == expected, "pieces of \(size)")
      #expect(found.end == "", "pieces of \(size)")
    }
  }

  @Test(
    "what can be no value is refused at once, in Go's words",
    arguments: [
      ("{bad", "invalid character 'b' looking for beginning of object key string"),
      ("}", "invalid character '}' looking for beginning of value"),
      (#"{"a":1]"#, "invalid character ']' after object key:value pair"),
      (#"{"a" 1"#, "invalid character '1' after object key"),
      ("[1,]", "invalid character ']' looking for beginning of value"),
      (#"{"a":01}"#, "invalid character '1' after object key:value pair"),
      ("-x", "invalid character 'x' in numeric literal"),
      ("1.x", "invalid character 'x' after decimal point in numeric literal"),
      ("nulx", "invalid character 'x' in literal null (expecting 'l')"),
      (#"{"\q"#, "invalid character 'q' in string escape code"),
      (#"{"\u12g"#, #"invalid character 'g' in \u hexadecimal character escape"#),
      ("\"a\u{1}", #"invalid character '\x01' in string literal"#),
    ])
  func malformed(text: String, error: String) {
    for size in 1...text.utf8.count {
      let found = split("{} " + text, size: size)
      #expect(found.values == ["{}"], "pieces of \(size)")
      #expect(found.end == error, "pieces of \(size)")
    }
  }

  @Test("half a value at the end is refused", arguments: ["{", #"{"a":"#, "[1", "tru", "-", "1e", #""a"#])
  func half(text: String) {
    let found = split("{}" + text, size: 2)
    #expect(found.values == ["{}"])
    #expect(found.end == "unexpected EOF")
  }

  @Test("a value longer than the limit is refused, whether it comes at once or in pieces")
  func tooLong() {
    let long = #"{"a":""# + String(repeating: "x", count: 40) + #""}"#
    for size in [1, 7, 100] {
      #expect(split("{}" + long, size: size, limit: 46).end == "too long")
      #expect(split("{}" + long, size: size, limit: 48).values.count == 2)
    }
    #expect(split(String(repeating: " ", count: 500) + "{}", size: 3, limit: 5).values == ["{}"])
  }

  @Test("nesting is bounded")
  func depth() {
    let deep = String(repeating: "[", count: Limits.jsonNesting)
    #expect(split(deep, size: 100, limit: 5000).end == "unexpected EOF")
    #expect(split(deep + "[", size: 100, limit: 5000).end == "exceeded max depth")
  }

  @Test("nothing is looked at once the reader has enough")
  func stops() throws {
    var splitter = JSONSplitter(limit: 100)
    var count = 0
    try "{}{bad".bytes.withUnsafeBytes {
      try splitter.receive($0) { _ in
        count += 1
        return false
      }
    }
    #expect(count == 1)
  }
}

@Suite struct Base64Tests {
  @Test("bytes of every length come back")
  func roundTrip() throws {
    var dice = Dice(seed: 7)
    for count in 0...70 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
      let text = Base64.encode(bytes)
      #expect(text.utf8.count == Base64.encodedCount(count))
      #expect(try Base64.decode(text) == bytes)
      var cut = text
      if count > 2 {
        cut.insert("\n", at: cut.index(cut.startIndex, offsetBy: 2))
        #expect(try Base64.decode(cut) == bytes)
      }
    }
    #expect(Base64.encode("light work.".bytes) == "bGlnaHQgd29yay4=")
  }

  @Test(
    "what is no base64 is refused",
    arguments: ["Zm9", "Zm9v!", "Zg=", "Zg==Zg==", "=", "Z===", "Zm9v====", "Zm9\u{e9}", "-_-_"])
  func malformed(text: String) {
    #expect(throws: Base64.Malformed.self) { try Base64.decode(text) }
  }
}
