import Base
import Client
import Event
import Testing
import Wire

@testable import etcdctl

/// What `check` says of a load, and how.
@Suite struct LoadTests {
  private func stats(_ latencies: [Double], _ errors: [String: Int] = [:], total: Double = 60) -> LoadStats {
    LoadStats(seconds: latencies, errors: errors, total: total)
  }

  @Test func `a run within its bounds passes`() {
    let verdict = PerfVerdict(stats(Array(repeating: 0.01, count: 8_999)), limit: 150)
    #expect(verdict.isPassed)
    #expect(
      verdict.lines == [
        "PASS: Throughput is 150 writes/s", "PASS: Slowest request took 0.010000s", "PASS: Stddev is 0.000000s",
        "PASS",
      ])
  }

  @Test func `each bound fails on its own`() {
    let slow = PerfVerdict(stats(Array(repeating: 0.01, count: 8_000)), limit: 150)
    #expect(slow.lines.first == "FAIL: Throughput too low: 134 writes/s" && slow.lines.last == "FAIL")
    let late = PerfVerdict(stats(Array(repeating: 0.01, count: 9_000) + [0.75]), limit: 150)
    #expect(late.lines[1] == "Slowest request took too long: 0.750000s" && !late.isPassed)
    let uneven = PerfVerdict(stats((0..<9_000).map { $0 % 2 == 0 ? 0.01 : 0.3 }), limit: 150)
    #expect(uneven.lines[2] == "Stddev too high: 0.145000s" && !uneven.isPassed)
  }

  @Test func `errors are counted by their text`() {
    let verdict = PerfVerdict(stats(Array(repeating: 0.01, count: 9_000), ["b": 2, "a": 1]), limit: 150)
    #expect(
      verdict.lines.prefix(3) == ["FAIL: too many errors", "FAIL: ERROR(a) -> 1", "FAIL: ERROR(b) -> 2"])
    #expect(!verdict.isPassed)
  }

  @Test func `a run without a single success fails and says so`() {
    let verdict = PerfVerdict(stats([], ["x": 1]), limit: 150)
    #expect(!verdict.isPassed && verdict.lines.contains("FAIL: Throughput too low: 1 writes/s"))
  }

  @Test func `the bar looks as the original's`() {
    let line = { (current: Int, time: String, width: Int) in
      ProgressBar.line(current, of: 60, time: time, width: width)
    }
    let o = { (count: Int) in String(repeating: "o", count: count) }
    let blank = { (count: Int) in String(repeating: " ", count: count) }
    #expect(line(0, "", 0) == " 0 / 60    0.00%")
    #expect(line(1, "00m59s", 0) == " 1 / 60    1.67% 00m59s")
    #expect(line(60, "1m0s", 0) == " 60 / 60  100.00% 1m0s")
    #expect(line(30, "00m30s", 40) == " 30 / 60 B\(o(6))m\(blank(7))!  50.00% 00m30s")
    #expect(line(0, "", 40) == " 0 / 60 B\(blank(22))!   0.00%")
    #expect(line(60, "1m0s", 40) == " 60 / 60 B\(o(16))! 100.00% 1m0s")
    #expect(line(0, "", 16) == " 0 / 60    0.00%", "no room for a bar")
  }

  @Test func `the time that is left goes down between two changes`() {
    let left = { (current: Int, start: Int64, since: Int64) in
      ProgressBar.timeLeft(current, of: 60, fromStart: .seconds(start), sinceChange: .milliseconds(since))
    }
    #expect(left(0, 0, 0) == "")
    #expect(left(1, 1, 0) == "00m59s")
    #expect(left(1, 1, 400) == "00m58s")
    #expect(left(60, 60, 0) == "")
    #expect(left(1, 100, 0) == "1h38m20s")
  }

  @Test func `numbers are printed as C prints them`() {
    #expect(DecimalText.fixed(0.0375424, digits: 6) == "0.037542")
    #expect(DecimalText.fixed(-1.5, digits: 2) == "-1.50")
    #expect(DecimalText.fixed(3, digits: 0, width: 4) == "   3")
    #expect(DecimalText.fixed(.nan, digits: 6) == "NaN")
  }

  @Test func `loads are named short and long`() throws {
    let flag = Flag.text("load", "")
    for (word, load) in [("s", CheckLoad.small), ("large", .large), ("xLarge", .extraLarge), ("m", .medium)] {
      var values = FlagValues([flag])
      _ = values.set(flag, word)
      #expect(try CheckLoad(values) == load)
    }
    var values = FlagValues([flag])
    _ = values.set(flag, "xlarge")
    #expect(throws: Failure(.badFeature, "unknown load option xlarge")) { try CheckLoad(values) }
  }
}

/// How `make-mirror` names keys and gathers changes.
@Suite struct MirrorTests {
  private func event(_ revision: Int64, _ key: String, delete: Bool = false) -> KVEvent {
    KVEvent(type: delete ? .delete : .put, kv: KeyValue(key: key.bytes, modRevision: revision, value: [1]))
  }

  @Test func `a prefix is replaced at the beginning of a key only`() {
    let same = MirrorNames(prefix: "a/".bytes, destPrefix: [], noDestPrefix: false)
    #expect(same("a/b/a/".bytes) == "a/b/a/".bytes)
    let other = MirrorNames(prefix: "a/".bytes, destPrefix: "z".bytes, noDestPrefix: false)
    #expect(other("a/a/1".bytes) == "za/1".bytes)
    let root = MirrorNames(prefix: "a/".bytes, destPrefix: [], noDestPrefix: true)
    #expect(root("a/1".bytes) == "1".bytes)
    let all = MirrorNames(prefix: [], destPrefix: "z/".bytes, noDestPrefix: false)
    #expect(all("1".bytes) == "z/1".bytes)
  }

  @Test func `changes of one revision stay together, in order, up to the limit`() {
    let names = MirrorNames(prefix: [], destPrefix: [], noDestPrefix: false)
    let events = [event(5, "a"), event(5, "b"), event(5, "c"), event(6, "a", delete: true), event(8, "a")]
    #expect(MirrorBatches.of(events, names, limit: 128).map(\.count) == [3, 1, 1])
    let small = MirrorBatches.of(events, names, limit: 2)
    #expect(small.map(\.count) == [2, 1, 1, 1])
    #expect(small[2] == [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: "a".bytes)))])
    #expect(small[0][1] == RequestOp(request: .requestPut(PutRequest(key: "b".bytes, value: [1]))))
    #expect(MirrorBatches.of([], names, limit: 2) == [])
  }
}
