import Base
import Doors

/// One row of the tables of metrics: a name, its kind and help, and where its value comes from.
///
/// Names, kinds, labels, helps and buckets are etcd's own, so that boards and alerts written for it find what they ask for.
struct MetricFamily: Sendable {
  let name: StaticString
  let kind: MetricKind
  let help: StaticString
  private let write: @Sendable (Member, inout MetricsText) -> Void

  func write(of member: Member, to page: inout MetricsText) {
    page.begin(name, kind, help)
    write(member, &page)
  }

  static func counter(
    _ name: StaticString, _ help: StaticString, _ value: @escaping @Sendable (Member) -> UInt64
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .counter, help: help) { $1.sample(value($0)) }
  }

  static func gauge(
    _ name: StaticString, _ help: StaticString, _ value: @escaping @Sendable (Member) -> Double
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, help: help) { $1.sample(value($0)) }
  }

  /// 1 with a label that says something.
  static func label(
    _ name: StaticString, _ help: StaticString, _ labels: @escaping @Sendable (Member) -> String?
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, help: help) { member, page in
      if let labels = labels(member) { page.sample(labels, 1 as UInt64) }
    }
  }

  static func histogram(
    _ name: StaticString, _ help: StaticString, _ value: @escaping @Sendable (Member) -> Histogram
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .histogram, help: help) { $1.samples(value($0)) }
  }

  /// A histogram that the member keeps.
  static func histogram(
    _ name: StaticString, _ help: StaticString, _ figure: any KeyPath<Metrics, Histogram> & Sendable
  ) -> MetricFamily {
    histogram(name, help) { $0.metrics[keyPath: figure] }
  }

  /// Any number of samples with labels; none before something has happened, as Go's vectors.
  static func vector(
    _ kind: MetricKind, _ name: StaticString, _ help: StaticString,
    _ write: @escaping @Sendable (Member, inout MetricsText) -> Void
  ) -> MetricFamily {
    MetricFamily(name: name, kind: kind, help: help, write: write)
  }

  static let all: [MetricFamily] =
    serverFamilies + diskFamilies + storeFamilies + watchAndLeaseFamilies + networkFamilies + callFamilies
    + processFamilies
}

extension Member {
  /// The body of `/metrics`.
  func metricsPage() -> Bytes {
    var page = MetricsText(capacity: Limits.metricsPageBytes)
    for family in MetricFamily.all { family.write(of: self, to: &page) }
    return page.bytes
  }
}
