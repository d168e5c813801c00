import Base
import Testing

@Suite struct CivilTimeTests {
  private func text(_ time: CivilTime) -> String {
    var out = Bytes()
    time.appendDate(to: &out)
    out.append(0x20)
    time.appendClock(to: &out)
    return String(utf8: out)
  }

  /// Seconds as `date -u -d @N` shows them.
  @Test(arguments: [
    (0, "1970-01-01 00:00:00", 4), (951_782_400, "2000-02-29 00:00:00", 2),
    (1_772_409_599, "2026-03-01 23:59:59", 0), (-1, "1969-12-31 23:59:59", 3),
    (4_107_542_400, "2100-03-01 00:00:00", 1), (-62_135_596_800, "0001-01-01 00:00:00", 1),
    (253_402_300_799, "9999-12-31 23:59:59", 5),
  ])
  func `days of the calendar`(seconds: Int, shown: String, weekday: Int) {
    let time = CivilTime(unixSeconds: seconds)
    #expect(text(time) == shown)
    #expect(time.weekday == weekday)
  }

  @Test func `each day leads back to itself, and follows the day before`() {
    var weekday = CivilTime(unixSeconds: -150_001 * 86_400).weekday
    var wrong: [Int] = []
    for day in -150_000..<150_000 {
      let time = CivilTime(unixSeconds: day * 86_400)
      let isBack = CivilTime.days(year: time.year, month: time.month, day: time.day) == day
      if !isBack || time.weekday != (weekday + 1) % 7 { wrong.append(day) }
      weekday = time.weekday
    }
    #expect(wrong == [])
  }

  @Test func `the ends of what 64 bits of nanoseconds hold`() {
    #expect(text(CivilTime(nanoseconds: .min)) == "1677-09-21 00:12:43")
    #expect(CivilTime(nanoseconds: .min).nanosecond == 145_224_192)
    #expect(text(CivilTime(nanoseconds: .max)) == "2262-04-11 23:47:16")
    #expect(CivilTime(nanoseconds: -1).nanosecond == 999_999_999)
  }

  @Test func `a zone moves the clock`() {
    #expect(text(CivilTime(nanoseconds: 0, offsetSeconds: -3_600)) == "1969-12-31 23:00:00")
  }

  @Test func `digits are filled up, and never cut`() {
    var out = Bytes()
    out.append(digits: 7, width: 3)
    out.append(digits: 12_345, width: 4)
    out.append(digits: 0, width: 1)
    #expect(String(utf8: out) == "007123450")
  }
}
