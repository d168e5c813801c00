import Base

/// Writes metrics in Prometheus' text form (version 0.0.4).
struct MetricsText {
  private(set) var bytes = Bytes()

  init() { bytes.reserveCapacity(64 * 1024) }

  /// Help and type lines; a family's samples follow it.
  mutating func family(_ name: String, _ type: String, _ help: String) {
    text("# HELP ")
    text(name)
    text(" ")
    text(help)
    text("\n# TYPE ")
    text(name)
    text(" ")
    text(type)
    text("\n")
  }

  mutating func sample(_ name: String, _ labels: String = "", _ value: String) {
    text(name)
    if !labels.isEmpty {
      text("{")
      text(labels)
      text("}")
    }
    text(" ")
    text(value)
    text("\n")
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Double, labels: String = "") {
    family(name, "gauge", help)
    sample(name, labels, Self.number(value))
  }

  mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    family(name, "counter", help)
    sample(name, "", String(value))
  }

  mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
    family(name, "histogram", help)
    samples(name, "", histogram)
  }

  /// The samples of one histogram, with labels of its own.
  mutating func samples(_ name: String, _ labels: String, _ histogram: Histogram) {
    let lead = labels.isEmpty ? "" : labels + ","
    var running: UInt64 = 0
    for (bound, count) in zip(histogram.bounds, histogram.counts) {
      running += count
      sample(name + "_bucket", "\(lead)le=\"\(Self.number(bound))\"", String(running))
    }
    sample(name + "_bucket", "\(lead)le=\"+Inf\"", String(histogram.count))
    sample(name + "_sum", labels, Self.number(histogram.sum))
    sample(name + "_count", labels, String(histogram.count))
  }

  /// Whole numbers without a fraction.
  static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }

  private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
