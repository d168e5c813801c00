import Base
import Testing

@testable import Doors
@testable import Server

@Suite struct NumbersTests {
  /// The layout that Go members use, so that numbers of a mixed cluster never meet: see pkg/idutil/id.go and its test.
  @Test func `a request's number begins with the member, then the start, then a count`() {
    var ids = RequestIDs(member: MemberID(0x12), unixMilliseconds: 0x3456)
    #expect(ids.next() == 0x12_0000_0034_5601)
    #expect(ids.next() == 0x12_0000_0034_5602)
  }

  @Test func `only sixteen bits of the member and forty of the time are used`() {
    var ids = RequestIDs(member: MemberID(0xfc97_d1e5_85e9_f921), unixMilliseconds: 0x7fff_ffff_ffff)
    let first = ids.next()
    #expect(first >> 48 == 0xf921)
    #expect(first & 0xff == 1)
  }

  @Test func `a histogram counts each value once and prints sums from below`() {
    var histogram = Histogram(Buckets(start: 0.001, factor: 2, count: 3))
    for value in [0.0005, 0.001, 0.0015, 0.003, 9] { histogram.observe(value) }
    var text = MetricsText()
    text.begin("m", .histogram, "Help.")
    text.samples(histogram)
    #expect(
      String(utf8: text.bytes) == """
        # HELP m Help.
        # TYPE m histogram
        m_bucket{le="0.001"} 2
        m_bucket{le="0.002"} 3
        m_bucket{le="0.004"} 4
        m_bucket{le="+Inf"} 5
        m_sum 9.006
        m_count 5

        """)
  }

  @Test func `the number of client versions in the metrics is bounded`() {
    var metrics = Metrics()
    for number in 0..<1000 { metrics.countOrigin("unary", version: "v\(number)") }
    #expect(metrics.requestsByVersion.count <= Limits.clientVersions + 1)
    #expect(metrics.requestsByVersion.values.reduce(0, +) == 1000)
  }
}
