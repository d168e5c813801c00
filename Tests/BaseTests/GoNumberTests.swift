import Base
import Testing

@Suite struct GoNumberTests {
  /// As `strconv.FormatFloat(x, 'g', -1, 64)`.
  @Test(arguments: [
    (0, "0"), (1, "1"), (-1, "-1"), (0.001, "0.001"), (0.0001, "0.0001"), (0.00001, "1e-05"),
    (0.00012, "0.00012"),
    (8.192, "8.192"), (123_456, "123456"), (999_999, "999999"), (1_000_000, "1e+06"),
    (1_234_567, "1.234567e+06"),
    (2_097_152, "2.097152e+06"), (134_217_728, "1.34217728e+08"), (12_345_678.5, "1.23456785e+07"),
    (524_288, "524288"), (100_000, "100000"), (0.1 + 0.2, "0.30000000000000004"), (1e100, "1e+100"),
    (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
    (20_000.25, "20000.25"),
    (.infinity, "+Inf"), (-.infinity, "-Inf"), (1.8446744073709552e19, "1.8446744073709552e+19"),
  ])
  func `numbers in Go's shortest form`(value: Double, text: String) { #expect(GoNumber.text(value) == text) }

  /// As encoding/json, floatEncoder.
  @Test(arguments: [
    (0, "0"), (1, "1"), (-0.25, "-0.25"), (1_234_567, "1234567"), (0.000001, "0.000001"),
    (0.00000012, "1.2e-7"),
    (9_223_372_036_854_775_808, "9223372036854776000"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
    (-1.5e300, "-1.5e+300"), (0.1 + 0.2, "0.30000000000000004"),
  ])
  func `numbers as in Go's JSON`(value: Double, text: String) { #expect(GoNumber.json(value) == text) }

  @Test func `each reads back as itself`() {
    var dice = Dice(seed: 3)
    for _ in 0..<2_000 {
      let value = Double(bitPattern: dice.next())
      guard value.isFinite else { continue }
      #expect(Double(GoNumber.text(value)) == value)
    }
  }
}
