import Base
import Testing

@testable import HTTP

/// As Go: mime/mediatype_test.go, in the parts that matter to a form.
@Suite struct MediaTypeTests {
  @Test(arguments: [
    ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
    (" Application/JSON ; charset=utf-8", "application/json"),
    ("text/plain; a=\"b;\\\"c\"; d = e", "text/plain"),
    ("text/plain;", "text/plain"), ("form-data", "form-data"),
  ])
  func `a type is read without its parameters`(field: String, name: String) {
    let type = MediaType(field)
    #expect(type.name == name && type.fault == nil)
  }

  @Test(arguments: [
    ("", "mime: no media type", ""), (";", "mime: no media type", ""),
    ("a b", "mime: expected slash after first token", ""), ("a/", "mime: expected token after slash", ""),
    ("a/b c", "mime: unexpected content after media subtype", ""),
    ("a/b; x", "mime: invalid media parameter", "a/b"),
    ("a/b; x=\"", "mime: invalid media parameter", "a/b"),
    ("a/b; x=1; X=2", "mime: duplicate parameter name", ""),
  ])
  func `a field that is none is told in Go's words`(field: String, fault: String, name: String) {
    let type = MediaType(field)
    #expect(type.fault == fault && type.name == name)
  }
}
