import Base
import Doors
import HTTP

/// What the proxy counts, and how it prints it. Names as etcd 3.4: proxy/httpproxy/metrics.go.
struct ProxyMetrics {
  /// From half a millisecond, doubling up to two seconds.
  private static let buckets = Buckets(start: 0.0005, factor: 2, count: 13)
  /// Words for methods, by `Method.rawValue`: a client's own word would let it make labels without end.
  private static let methods: [StaticString] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "other",
  ]

  enum Dropping: Int, CaseIterable {
    case zeroEndpoints, failedSendingRequest, failedGettingResponse
    var label: StaticString {
      switch self {
      case .zeroEndpoints: "zero_endpoints"
      case .failedSendingRequest: "failed_sending_request"
      case .failedGettingResponse: "failed_getting_response"
      }
    }
  }

  private struct OfMethod {
    var requests: UInt64 = 0
    /// By status.
    var handled: [Int: UInt64] = [:]
    var dropped = [UInt64](repeating: 0, count: Dropping.allCases.count)
    var durations = Histogram(ProxyMetrics.buckets)
  }
  private var byMethod = [OfMethod](repeating: OfMethod(), count: methods.count)
  private var refused: UInt64 = 0

  mutating func came(_ method: Method) { byMethod[Int(method.rawValue)].requests += 1 }

  /// A reply's head is here; statuses that HTTP has no room for count as one.
  mutating func handled(_ method: Method, status: Int, took: TimeSpan) {
    let status = (100...599).contains(status) ? status : 0
    byMethod[Int(method.rawValue)].handled[status, default: 0] += 1
    byMethod[Int(method.rawValue)].durations.observe(took)
  }

  mutating func dropped(_ method: Method, _ why: Dropping) {
    byMethod[Int(method.rawValue)].dropped[why.rawValue] += 1
  }

  /// A readonly proxy let something not pass.
  mutating func refusedWrite() { refused += 1 }

  /// What the page says beside the counters.
  struct Facts {
    var endpoints: Int
    var available: Int
    var healthy: Int
    var clients: Int
    var connections: Int
    var outstanding: Int
  }

  func page(_ facts: Facts) -> Bytes {
    var page = MetricsText(capacity: 8 * 1024)
    each(&page, "etcd_proxy_requests_total", "Counter requests incoming by method.") { page, label, of in
      if of.requests > 0 { page.sample(label, of.requests) }
    }
    each(&page, "etcd_proxy_handled_total", "Counter of requests fully handled (by authoritative servers)") {
      page, label, of in
      for (status, count) in of.handled.sorted(by: { $0.key < $1.key }) {
        page.sample("code=\"\(status)\",\(label)", count)
      }
    }
    each(&page, "etcd_proxy_dropped_total", "Counter of requests dropped on the proxy.") { page, label, of in
      for why in Dropping.allCases where of.dropped[why.rawValue] > 0 {
        page.sample("\(label),proxying_error=\"\(why.label)\"", of.dropped[why.rawValue])
      }
    }
    page.begin(
      "etcd_proxy_handling_duration_seconds", .histogram,
      "Bucketed histogram of handling time of successful events (non-watches), by method (GET/PUT etc.).")
    for (index, of) in byMethod.enumerated() where of.durations.count > 0 {
      page.samples(of.durations, labels: "method=\"\(Self.methods[index])\"")
    }
    page.begin(
      "etcd_proxy_readonly_refused_total", .counter, "Requests that a readonly proxy did not let through.")
    page.sample(refused)
    gauges(&page, facts)
    return page.bytes
  }

  private func each(
    _ page: inout MetricsText, _ name: StaticString, _ help: StaticString,
    _ body: (inout MetricsText, String, OfMethod) -> Void
  ) {
    page.begin(name, .counter, help)
    for (index, of) in byMethod.enumerated() { body(&page, "method=\"\(Self.methods[index])\"", of) }
  }

  private func gauges(_ page: inout MetricsText, _ facts: Facts) {
    page.begin("etcd_proxy_endpoints", .gauge, "Endpoints of the cluster, by what they can be used for.")
    page.sample("state=\"known\"", UInt64(facts.endpoints))
    page.sample("state=\"available\"", UInt64(facts.available))
    page.sample("state=\"healthy\"", UInt64(facts.healthy))
    page.begin("etcd_proxy_client_connections", .gauge, "Connections of clients.")
    page.sample(UInt64(facts.clients))
    page.begin("etcd_proxy_endpoint_connections", .gauge, "Connections to endpoints of the cluster.")
    page.sample(UInt64(facts.connections))
    page.begin("etcd_proxy_requests_under_way", .gauge, "Requests and streams that are open.")
    page.sample(UInt64(max(0, facts.outstanding)))
    let memory = ProcessFacts.memory
    page.begin("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.")
    page.sample(ProcessFacts.cpuSeconds)
    page.begin("process_open_fds", .gauge, "Number of open file descriptors.")
    page.sample(UInt64(ProcessFacts.openDescriptors))
    page.begin("process_max_fds", .gauge, "Maximum number of open file descriptors.")
    page.sample(Double(ProcessFacts.descriptorLimit))
    page.begin("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.")
    page.sample(UInt64(memory.resident))
    page.begin("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.")
    page.sample(UInt64(memory.virtual))
  }
}
