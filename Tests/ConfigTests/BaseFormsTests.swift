import Testing

@testable import Base

@Suite struct BaseFormsTests {
  @Test(
    "Durations are read and printed as Go does",
    arguments: [
      ("0", 0, "0s"), ("5s", 5_000_000_000, "5s"), ("1h30m", 5_400_000_000_000, "1h30m0s"),
      ("100ms", 100_000_000, "100ms"), ("1.5s", 1_500_000_000, "1.5s"),
      ("-1.5h", -5_400_000_000_000, "-1h30m0s"),
      ("1us", 1_000, "1µs"), ("1µs", 1_000, "1µs"), ("2ns", 2, "2ns"), (".5ms", 500_000, "500µs"),
      ("1.001ms", 1_001_000, "1.001ms"), ("2h", 7_200_000_000_000, "2h0m0s"), ("+3m", 180_000_000_000, "3m0s"),
      ("9223372036854775807ns", Int64.max, "2562047h47m16.854775807s"),
      ("-9223372036854775808ns", Int64.min, "-2562047h47m16.854775808s"),
    ] as [(String, Int64, String)])
  func durations(text: String, nanoseconds: Int64, shown: String) throws {
    #expect(try GoDuration.parse(text).nanoseconds == nanoseconds)
    #expect(GoDuration.text(TimeSpan(nanoseconds: nanoseconds)) == shown)
  }

  @Test(
    "What is no duration is refused in Go's words",
    arguments: [
      ("", "time: invalid duration \"\""), ("foo", "time: invalid duration \"foo\""),
      ("5", "time: missing unit in duration \"5\""), ("-1", "time: missing unit in duration \"-1\""),
      ("5x", "time: unknown unit \"x\" in duration \"5x\""), (".s", "time: invalid duration \".s\""),
      ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
      ("300000000h", "time: invalid duration \"300000000h\""),
    ])
  func notDurations(text: String, reason: String) {
    #expect(throws: GoDuration.Failure(text: reason)) { try GoDuration.parse(text) }
  }

  @Test(
    "Endpoints are read and printed as Go does",
    arguments: [
      ("http://127.0.0.1:2379", "127.0.0.1", "2379", "http://127.0.0.1:2379"),
      (" HTTPS://a.b:1 ", "a.b", "1", "https://a.b:1"), ("http://[::1]:80", "::1", "80", "http://[::1]:80"),
      ("unix://localhost:123", "localhost", "123", "unix://localhost:123"),
      ("http://:2380", "", "2380", "http://:2380"), ("http://1.1.1.1:", "1.1.1.1", "", "http://1.1.1.1:"),
      ("http://u:p@h:1?x#y", "h", "1", "http://u:p@h:1?x#y"),
    ])
  func endpoints(text: String, host: String, port: String, shown: String) throws {
    let url = try EndpointURL(parsing: text)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.text == shown)
  }

  @Test(
    "What is no endpoint is refused in the original's words",
    arguments: [
      ("foo", "URL scheme must be http, https, unix, or unixs: foo"),
      ("", "URL scheme must be http, https, unix, or unixs: "),
      ("localhost:2379", "URL scheme must be http, https, unix, or unixs: localhost:2379"),
      ("127.0.0.1:2379", "parse \"127.0.0.1:2379\": first path segment in URL cannot contain colon"),
      ("ftp://1.1.1.1:80", "URL scheme must be http, https, unix, or unixs: ftp://1.1.1.1:80"),
      ("http://1.1.1.1", "URL address does not have the form \"host:port\": http://1.1.1.1"),
      ("http://::1:80", "URL address does not have the form \"host:port\": http://::1:80"),
      ("http://1.1.1.1:80/a", "URL must not contain a path: http://1.1.1.1:80/a"),
      ("http://1.1.1.1:80/", "URL must not contain a path: http://1.1.1.1:80/"),
      ("http://[::1:80", "parse \"http://[::1:80\": missing ']' in host"),
      ("http://a:b", "parse \"http://a:b\": invalid port \":b\" after host"),
      (":80", "parse \":80\": missing protocol scheme"),
      ("http://a b:80", "parse \"http://a b:80\": invalid character \" \" in host name"),
    ])
  func notEndpoints(text: String, reason: String) {
    #expect(throws: EndpointURL.Failure(text: reason)) { try EndpointURL(parsing: text) }
  }

  @Test("A list is sorted; what is bound stands once")
  func lists() throws {
    let text = "http://b:1,http://a:2,http://a:1,http://a:2"
    #expect(try EndpointURL.list(parsing: text).text == "http://a:1,http://a:2,http://a:2,http://b:1")
    #expect(try EndpointURL.uniqueList(parsing: text).text == "http://a:1,http://a:2,http://b:1")
  }

  @Test("Addresses are told from names")
  func addresses() {
    for text in ["127.0.0.1", "::", "fe80::1"] { #expect(isAddress(text)) }
    for text in ["localhost", "127.0.0.01", "1.2.3", "", "fe80::1%eth0"] { #expect(!isAddress(text)) }
  }

  @Test("A plain line has local time, letter and package")
  func capnslog() {
    let time = WallTime(nanoseconds: 1_795_425_940_117_796_999, offsetSeconds: 3600)
    #expect(
      LogFormat.capnslog.line(
        .notice, package: "etcdserver", message: "text\n", fields: [LogField("a", 1)], at: time)
        == "2026-11-23 10:25:40.117796 N | etcdserver: text\n")
    #expect(
      LogFormat.capnslog.line(.critical, package: "", message: "x", at: WallTime(nanoseconds: -1_000))
        == "1969-12-31 23:59:59.999999 C | x\n")
    #expect(
      LogFormat.capnslog.line(
        .debug, package: "p", message: "x", at: WallTime(nanoseconds: 1_709_164_800_000_000_000))
        == "2024-02-29 00:00:00.000000 D | p: x\n")
  }

  @Test("A zap line is one JSON object with the fields behind the message")
  func zap() {
    let line = LogFormat.zap.line(
      .warning, package: "raft", message: "a \"b\"\n\u{1}é",
      fields: [
        LogField("n", -3), LogField("u", UInt64.max), LogField("t", true), LogField("d", .milliseconds(1500)),
        LogField("l", .texts(["x", "y"])), LogField("f", .number(0.5)), LogField("s", "v"),
        LogField("i", .number(.infinity)),
      ],
      at: WallTime(nanoseconds: 1_795_425_940_117_796_000, offsetSeconds: -12_600))
    #expect(
      line
        == "{\"level\":\"warn\",\"ts\":\"2026-11-23T05:55:40.117796-0330\",\"caller\":\"raft\",\"msg\":\"a \\\"b\\\"\\n\\u0001é\",\"n\":-3,\"u\":18446744073709551615,\"t\":true,\"d\":\"1.5s\",\"l\":[\"x\",\"y\"],\"f\":0.5,\"s\":\"v\",\"i\":\"+Inf\"}\n"
    )
  }

  @Test("Levels of single packages win over that of all")
  func packageLevels() throws {
    let levels = try PackageLogLevels(parsing: "etcdmain=CRITICAL,*=W,etcdserver=4")
    #expect(levels.level(of: "etcdmain", general: .info) == .critical)
    #expect(levels.level(of: "etcdserver", general: .info) == .debug)
    #expect(levels.level(of: "raft", general: .info) == .warning)
    #expect(PackageLogLevels().level(of: "raft", general: .info) == .info)
    #expect(throws: PackageLogLevels.Failure(text: "couldn't parse log level x")) {
      try PackageLogLevels(parsing: "a=x")
    }
    #expect(throws: PackageLogLevels.Failure(text: "oddly structured `pkg=level` option: a")) {
      try PackageLogLevels(parsing: "a")
    }
  }
}
