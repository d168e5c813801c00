import Base

/// Writes metrics in Prometheus' text form (version 0.0.4).
///
/// A page has some 1,500 lines, so nothing is made into a `String` on the way but what is rare.
package struct MetricsText: ~Copyable {
  private var out: ByteWriter
  private var name: StaticString = ""

  package init(capacity: Int = 256) { out = ByteWriter(capacity: capacity) }

  package var bytes: Bytes { out.bytes }

  /// The family that the next samples belong to. One without samples is named all the same: what there is can be seen.
  package mutating func begin(_ name: StaticString, _ kind: MetricKind, _ help: StaticString) {
    self.name = name
    out.append("# HELP ")
    out.append(name)
    out.append(" ")
    out.append(help)
    out.append("\n# TYPE ")
    out.append(name)
    out.append(kind.word)
  }

  // MARK: Samples

  package mutating func sample(_ value: UInt64) {
    out.append(name)
    out.append(0x20)
    end(value)
  }

  package mutating func sample(_ value: Double) {
    out.append(name)
    out.append(0x20)
    end(value)
  }

  /// With labels as they stand between the braces.
  package mutating func sample(_ labels: String, _ value: UInt64) {
    open(labels)
    end(value)
  }

  package mutating func sample(_ labels: String, _ value: Double) {
    open(labels)
    end(value)
  }

  /// The same with labels in pieces: a word that changes, then what stays and ends in `"} `.
  package mutating func sample(_ lead: StaticString, _ word: StaticString, _ rest: Bytes, _ value: UInt64) {
    out.append(name)
    out.append(lead)
    out.append(word)
    out.append(rest)
    end(value)
  }

  private mutating func open(_ labels: String) {
    out.append(name)
    out.append(0x7B)
    out.append(labels)
    out.append("} ")
  }

  package mutating func samples(_ histogram: Histogram, labels: String = "") {
    var running: UInt64 = 0
    for (place, bound) in histogram.buckets.labels.enumerated() {
      if place < histogram.counts.count {
        running += histogram.counts[place]
      } else {
        running = histogram.count
      }
      out.append(name)
      out.append("_bucket{")
      if !labels.isEmpty {
        out.append(labels)
        out.append(",")
      }
      out.append(bound)
      end(running)
    }
    total("_sum", labels)
    end(histogram.sum)
    total("_count", labels)
    end(histogram.count)
  }

  private mutating func total(_ suffix: StaticString, _ labels: String) {
    out.append(name)
    out.append(suffix)
    if !labels.isEmpty {
      out.append("{")
      out.append(labels)
      out.append("}")
    }
    out.append(0x20)
  }

  // MARK: Values

  private mutating func end(_ value: UInt64) {
    out.append(decimal: value)
    out.append(0x0A)
  }

  private mutating func end(_ value: Double) {
    if value >= 0, value < 1e15, value == value.rounded() { return end(UInt64(value)) }
    out.append(GoNumber.text(value))
    out.append(0x0A)
  }

  /// A label's value between its quotes.
  package static func quoted(_ text: String) -> String {
    var out = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"", "\\":
        out.unicodeScalars.append("\\")
        out.unicodeScalars.append(character)
      case "\n": out += "\\n"
      default: out.unicodeScalars.append(character)
      }
    }
    return out + "\""
  }
}

package enum MetricKind: Sendable {
  case counter, gauge, histogram

  fileprivate var word: StaticString {
    switch self {
    case .counter: " counter\n"
    case .gauge: " gauge\n"
    case .histogram: " histogram\n"
    }
  }
}
