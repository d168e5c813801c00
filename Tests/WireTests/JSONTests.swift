import Base
import Testing

@Suite struct JSONTests {
  @Test(
    "values are read and written again with every digit and in their order",
    arguments: [
      "null", "true", "false", "18446744073709551615", "-0.5e-3", #""""#, "[]", "{}",
      #"{"b":1,"a":[1,2.50,"x",null,{"c":[]}],"b":18446744073709551616}"#,
    ])
  func same(text: String) throws {
    #expect(String(utf8: try JSONValue(parsing: text).serialized()) == text)
  }

  @Test("members are looked up by name and the last one wins")
  func lookup() throws {
    let value = try JSONValue(parsing: #" { "id" : 7585732241447472124 , "urls":["a","b"],"x":1,"x":2} "#)
    #expect(value["id"]?.uint64 == 7_585_732_241_447_472_124)
    #expect(value["urls"]?.strings == ["a", "b"])
    #expect(value["x"]?.int64 == 2)
    #expect(value["y"] == nil)
    #expect(try JSONValue(parsing: "1.5").int64 == nil)
    #expect(try JSONValue(parsing: "1.5").double == 1.5)
    #expect(try JSONValue(parsing: "-1").uint64 == nil)
  }

  @Test("texts are escaped as Go escapes them")
  func escapes() throws {
    let text = "<a&b>\"\\\n\r\t\u{1}\u{7f}\u{2028}\u{2029}ü😀"
    #expect(
      String(utf8: JSONValue.string(text).serialized())
        == #""\u003ca\u0026b\u003e\"\\\n\r\t\u0001"# + "\u{7f}" + #"\u2028\u2029ü😀""#)
    #expect(String(utf8: JSONValue.string("<&>").serialized(escapesHTML: false)) == #""<&>""#)
    #expect(try JSONValue(parsing: JSONValue.string(text).serialized()) == .string(text))
  }

  @Test("escapes are read, single surrogates and torn UTF-8 become U+FFFD")
  func unescapes() throws {
    #expect(try JSONValue(parsing: #""\u0041\/\b\f\n\ud83d\ude00""#) == .string("A/\u{8}\u{c}\n😀"))
    #expect(try JSONValue(parsing: #""\ud83dx""#) == .string("\u{fffd}x"))
    #expect(try JSONValue(parsing: #""\ud83d\u0041""#) == .string("\u{fffd}A"))
    #expect(try JSONValue(parsing: [0x22, 0xff, 0x22]) == .string("\u{fffd}"))
  }

  @Test(
    "malformed bytes are refused with Go's words",
    arguments: [
      ("{bad", "invalid character 'b' looking for beginning of object key string", 1),
      (#"{"key":"Zm9v",}"#, "invalid character '}' looking for beginning of object key string", 14),
      ("x", "invalid character 'x' looking for beginning of value", 0),
      ("", "unexpected end of JSON input", 0),
      ("[1,", "unexpected end of JSON input", 3),
      ("[1 2]", "invalid character '2' after array element", 3),
      (#"{"a" 1}"#, "invalid character '1' after object key", 5),
      (#"{"a":1 "b"}"#, #"invalid character '"' after object key:value pair"#, 7),
      ("01", "invalid character '1' after top-level value", 1),
      ("1.", "unexpected end of JSON input", 2),
      ("1.x", "invalid character 'x' after decimal point in numeric literal", 2),
      ("1ex", "invalid character 'x' in exponent of numeric literal", 2),
      ("-x", "invalid character 'x' in numeric literal", 1),
      ("trux", "invalid character 'x' in literal true (expecting 'e')", 3),
      (#""\q""#, "invalid character 'q' in string escape code", 2),
      (#""\u00g0""#, #"invalid character 'g' in \u hexadecimal character escape"#, 5),
      ("\"a\nb\"", #"invalid character '\n' in string literal"#, 2),
      ("'a'", #"invalid character '\'' looking for beginning of value"#, 0),
    ])
  func malformed(text: String, error: String, offset: Int) {
    let thrown = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(thrown?.text == error)
    #expect(thrown?.offset == offset)
  }

  @Test("deep nesting ends with an error, not with the stack")
  func depth() throws {
    let deep =
      String(repeating: "[", count: Limits.jsonNesting) + String(repeating: "]", count: Limits.jsonNesting)
    _ = try JSONValue(parsing: deep)
    #expect(throws: JSONError.self) { try JSONValue(parsing: "[" + deep + "]") }
  }

  @Test("values follow each other in a stream")
  func stream() throws {
    var values: [JSONValue] = []
    var offsets: [Int] = []
    let text = "{\"a\":1}\n[2]  3 ".bytes
    try text.withUnsafeBytes { buffer in
      var parser = JSONParser(buffer)
      while let value = try parser.next() {
        values.append(value)
        offsets.append(parser.offset)
      }
    }
    #expect(values == [.object([.init("a", .number("1"))]), .array([.number("2")]), .number("3")])
    #expect(offsets == [7, 11, 14])
  }

  @Test("random bytes never trap the parser")
  func noise() {
    var dice = Dice(seed: 11)
    let alphabet = Bytes(#"{}[]",:\u0123eE+-.truefalsn "#.utf8) + [0xff, 0x0a]
    for _ in 0..<3_000 {
      let text = (0..<dice.below(24)).map { _ in alphabet[dice.below(alphabet.count)] }
      if let value = try? JSONValue(parsing: text) {
        #expect(try! JSONValue(parsing: value.serialized()) == value)
      }
    }
  }
}

@Suite struct Base64Tests {
  @Test("bytes of every length come back", arguments: 0..<10)
  func roundTrip(length: Int) throws {
    let content = Bytes((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ 7) })
    #expect(try Base64.decode(Base64.encode(content)) == content)
  }

  @Test("texts are those of Go")
  func goldens() throws {
    #expect(Base64.encode("foo".bytes) == "Zm9v")
    #expect(Base64.encode("a".bytes) == "YQ==")
    #expect(try Base64.decode("YTxi\nPiY=") == "a<b>&".bytes)
  }

  @Test(
    "malformed texts are refused where Go refuses them",
    arguments: [
      ("?", 0), ("Zm9", 0), ("_-8=", 0), ("Zm9vY", 4), ("Zm9v=", 4), ("YQ=", 3), ("YQ=a", 2), ("YQ==x", 4),
    ])
  func malformed(text: String, offset: Int) {
    let thrown = #expect(throws: Base64.Malformed.self) { try Base64.decode(text) }
    #expect(thrown?.offset == offset)
  }
}
