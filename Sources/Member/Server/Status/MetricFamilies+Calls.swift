import Base
import Config
import Doors
import Wire

// Row MET-11: what gRPC counts, zero-filled for every method. As go-grpc-prometheus: server_metrics.go. Row MET-15: a member
// is no proxy, and says so as etcd's members do.

extension MetricFamily {
  static let callFamilies: [MetricFamily] =
    [
      each("grpc_server_started_total", "Total number of RPCs started on the server.") { $0.started },
      each(
        "grpc_server_msg_received_total", "Total number of RPC stream messages received on the server."
      ) { $0.received },
      each("grpc_server_msg_sent_total", "Total number of gRPC stream messages sent by the server.") {
        $0.sent
      },
      .vector(
        .counter, "grpc_server_handled_total",
        "Total number of RPCs completed on the server, regardless of success or failure."
      ) { member, page in
        for (line, rest) in zip(member.metrics.calls.lines, CallLabels.all) {
          for (code, count) in line.handled.enumerated() {
            page.sample("{grpc_code=\"", CallLabels.codes[code], rest.behindCode, count)
          }
        }
      },
      .vector(
        .histogram, "grpc_server_handling_seconds",
        "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server."
      ) { member, page in
        guard member.settings.metrics == "extensive" else { return }
        for (line, labels) in zip(member.metrics.calls.lines, CallLabels.all) {
          page.samples(line.handling, labels: labels.text)
        }
      },
    ] + proxyFamilies

  private static func each(
    _ name: StaticString, _ help: StaticString, _ value: @escaping @Sendable (CallCounters.Line) -> UInt64
  ) -> MetricFamily {
    .vector(.counter, name, help) { member, page in
      for (line, labels) in zip(member.metrics.calls.lines, CallLabels.all) {
        page.sample("{", "", labels.alone, value(line))
      }
    }
  }

  private static let proxyFamilies: [MetricFamily] = [
    .gauge("etcd_grpc_proxy_cache_hits_total", "Total number of cache hits") { _ in 0 },
    .gauge("etcd_grpc_proxy_cache_keys_total", "Total number of keys/ranges cached") { _ in 0 },
    .gauge("etcd_grpc_proxy_cache_misses_total", "Total number of cache misses") { _ in 0 },
    .counter("etcd_grpc_proxy_events_coalescing_total", "Total number of events coalescing") { _ in 0 },
    .gauge("etcd_grpc_proxy_watchers_coalescing_total", "Total number of current watchers coalescing") { _ in 0
    },
  ]
}

/// Labels of each method, made once: a page has nine hundred lines with them.
private struct CallLabels: Sendable {
  let text: String
  /// Behind an opening brace.
  let alone: Bytes
  /// Behind the value of `grpc_code`.
  let behindCode: Bytes

  init(_ method: Wire.Method) {
    let type =
      switch method.kind {
      case .unary: "unary"
      case .serverStream: "server_stream"
      case .clientStream: "client_stream"
      case .bidi: "bidi_stream"
      }
    text = "grpc_method=\"\(method.name)\",grpc_service=\"\(method.service)\",grpc_type=\"\(type)\""
    alone = "\(text)} ".bytes
    behindCode = "\",\(text)} ".bytes
  }

  static let all = Wire.Method.all.map(CallLabels.init)

  /// By number. As `StatusCode.name`, which is no `StaticString`.
  static let codes: [StaticString] = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
    "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
    "Internal", "Unavailable", "DataLoss", "Unauthenticated",
  ]
}
