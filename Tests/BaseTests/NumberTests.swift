import Base
import Testing

@Suite struct NumberTests {
  @Test("equal seeds give equal rows, and the row is that of SplitMix64")
  func dice() {
    var (a, b) = (Dice(seed: 1_234_567), Dice(seed: 1_234_567))
    // The first numbers of the reference implementation for this seed.
    #expect(a.next() == 6_457_827_717_110_365_317)
    #expect(a.next() == 3_203_168_211_198_807_973)
    #expect(a.next() == 9_817_491_932_198_370_423)
    for _ in 0..<3 { _ = b.next() }
    #expect((0..<50).map { _ in a.next() } == (0..<50).map { _ in b.next() })
    var other = Dice(seed: 1_234_568)
    #expect(other.next() != 6_457_827_717_110_365_317)
  }

  @Test("numbers below a bound reach each of its values")
  func below() {
    var dice = Dice(seed: 3)
    var seen: Set<Int> = []
    for _ in 0..<500 { seen.insert(dice.below(7)) }
    #expect(seen == Set(0..<7))
    #expect(dice.below(1) == 0)
  }

  @Test("time spans and instants are counted in nanoseconds")
  func time() {
    #expect(TimeSpan.seconds(2) == .milliseconds(2_000) && TimeSpan.milliseconds(1) == .microseconds(1_000))
    #expect(TimeSpan.seconds(1) - .milliseconds(1) == .microseconds(999_000))
    #expect(TimeSpan.milliseconds(3) * 4 == .milliseconds(12))
    #expect(TimeSpan.milliseconds(1_500).seconds == 1.5 && TimeSpan.microseconds(1_500).milliseconds == 1.5)
    #expect(TimeSpan.zero < .seconds(1) && TimeSpan.seconds(-1) < .zero)
    let start = Instant(nanoseconds: 10)
    let later = start + .seconds(1)
    #expect(later - start == .seconds(1) && later - .seconds(1) == start && start < later)
    #expect((start - later).nanoseconds == -1_000_000_000)
  }

  @Test("revisions are ordered by their main number first")
  func revisions() {
    let row = [Revision(main: 1), Revision(main: 1, sub: 1), Revision(main: 2), Revision(main: 10, sub: 0)]
    #expect(row.reversed().sorted() == row)
  }

  @Test("ids print as etcd prints them")
  func ids() {
    #expect(MemberID(0x8e9e_05c5_2164_694d).hex == "8e9e05c52164694d" && MemberID.none.hex == "0")
    #expect(ClusterID(0xAB).hex == "ab" && MemberID(1) < MemberID(2) && LeaseID(-1) < LeaseID.none)
  }
}
