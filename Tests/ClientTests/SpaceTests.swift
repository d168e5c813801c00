import Base
import Testing

@testable import etcdctl

@Suite struct SpaceTests {
  @Test(
    "A prefix ends at the slash of its depth, or at the last one",
    arguments: [
      ("/registry/pods/a/b", 2, "/registry/pods/"), ("/registry/pods/a/b", 1, "/registry/"),
      ("/registry/x", 2, "/registry/"),
      ("a/b/c", 1, "a/"), ("a/b/c", 9, "a/b/"), ("abc", 2, ""), ("/", 1, "/"), ("", 1, ""), ("//x", 1, "//"),
    ])
  func prefixes(_ key: String, _ depth: Int, _ prefix: String) {
    #expect(PrefixSizes.prefix(of: key.bytes, depth: depth) == prefix.bytes)
  }

  @Test("Sizes are exact where all values were read, and reckoned from a part of them otherwise")
  func sizes() {
    var sizes = PrefixSizes(depth: 1)
    for number in 0..<10 { sizes.add("/big/\(number)".bytes, value: 1_000) }
    for number in 0..<10 { sizes.add("/half/\(number)".bytes, value: number < 5 ? 100 : nil) }
    for number in 0..<10 { sizes.add("/never/\(number)".bytes, value: nil) }
    let (top, rest) = sizes.largest(2)
    #expect(sizes.average == 700)
    #expect(top.map(\.prefix) == ["/big/".bytes, "/never/".bytes])
    #expect(top.map(\.bytes) == [10_060, 7_080] && top.map(\.keys) == [10, 10])
    #expect(rest.keys == 10 && rest.bytes == 1_070)
    #expect(sizes.total.keys == 30 && sizes.total.measured == 15)
  }

  @Test("Prefixes beyond the bound share one line")
  func bound() {
    var sizes = PrefixSizes(depth: 1)
    for number in 0..<(Limits.spacePrefixes + 5) { sizes.add("\(number)/x".bytes, value: 1) }
    sizes.add("0/y".bytes, value: 1)
    #expect(sizes.others.keys == 5)
    #expect(sizes.largest(1).top.first?.prefix == "0/".bytes)
    #expect(sizes.largest(1).rest.keys == Int64(Limits.spacePrefixes + 4))
  }

  @Test("A metric is read from a page of them")
  func metric() {
    let page = "# HELP q x\nquota_bytes_total 7\nquota_bytes 2.147483648e+09\nother{a=\"b\"} 1\n".bytes
    #expect(ClusterPlaces.metric("quota_bytes", in: page) == 2_147_483_648)
    #expect(ClusterPlaces.metric("other", in: page) == nil && ClusterPlaces.metric("quota", in: page) == nil)
  }

  @Test("Progress shows itself after a while, then now and then, and leaves nothing")
  func progress() {
    final class Screen { var texts: [String] = [] }
    let screen = Screen()
    let progress = Progress(isShown: true) { screen.texts.append($0) }
    for step in 0..<12 {
      progress.show(at: Instant(nanoseconds: Int64(step) * 100_000_000)) { "\(step)" }
    }
    progress.clear()
    progress.clear()
    let start = "\r\u{1B}[K"
    #expect(screen.texts == ["5", "7", "9", "11", ""].map { start + $0 })
    let hidden = Progress(isShown: false) { screen.texts.append($0) }
    hidden.show(at: Instant(nanoseconds: 9_000_000_000)) { "never" }
    hidden.clear()
    #expect(screen.texts.count == 5)
  }
}
