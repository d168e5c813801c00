/// Numbers as Go writes them where it is told to be short: in metrics (`strconv.FormatFloat(x, 'g', -1, 64)`) and in JSON.
package enum GoNumber {
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
    let (digits, point) = decimal(value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    // As Go: strconv/ftoa.go: the shortest form changes to an exponent below -4 and from 7 digits on.
    let exponent = point - 1
    if exponent < -4 || exponent >= 6 { return sign + scientific(digits, exponent) }
    return sign + positional(digits, point)
  }

  /// A finite number as encoding/json writes it: an exponent only where it is very large or small.
  package static func json(_ value: Double) -> String {
    let (digits, point) = decimal(value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    let size = value.magnitude
    if size == 0 || size >= 1e-6 && size < 1e21 { return sign + positional(digits, point) }
    let exponent = point - 1
    let rest = digits.dropFirst()
    let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
    return sign + mantissa + (exponent < 0 ? "e-" : "e+") + String(abs(exponent))
  }

  /// The shortest digits that mean the value, and how many of them stand before the point.
  private static func decimal(_ value: Double) -> (digits: String, point: Int) {
    if value == 0 { return ("0", 1) }
    let parts = value.description.split(separator: "e")
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = halves[0] + (halves.count > 1 ? halves[1] : "")
    var point = halves[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.utf8.count > 1, digits.first == "0" {
      digits.removeFirst()
      point -= 1
    }
    while digits.utf8.count > 1, digits.last == "0" { digits.removeLast() }
    return (String(digits), point)
  }

  private static func scientific(_ digits: String, _ exponent: Int) -> String {
    let rest = digits.dropFirst()
    let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
    let power = String(abs(exponent))
    return mantissa + (exponent < 0 ? "e-" : "e+") + (power.utf8.count < 2 ? "0" : "") + power
  }

  private static func positional(_ digits: String, _ point: Int) -> String {
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.utf8.count { return digits + String(repeating: "0", count: point - digits.utf8.count) }
    return digits.prefix(point) + "." + digits.dropFirst(point)
  }
}
