import Base
import Doors
import HTTP
import TLS

// Rows MET-05, MET-08, MET-09 and MET-13: clients, other members, the v2 API. As etcd 3.4: the metrics.go files of
// etcdserver/api/v3rpc, rafthttp and v2http.

extension MetricFamily {
  static let networkFamilies: [MetricFamily] = clientFamilies + peerFamilies + snapshotFamilies + pageFamilies

  private static let clientFamilies: [MetricFamily] = [
    .counter(
      "etcd_network_client_grpc_received_bytes_total", "The total number of bytes received from grpc clients."
    ) { $0.metrics.clientBytesReceived },
    .counter("etcd_network_client_grpc_sent_bytes_total", "The total number of bytes sent to grpc clients.") {
      $0.metrics.clientBytesSent
    },
    .gauge("etcd_network_client_held_bytes", "Bytes of replies and requests that client connections hold.") {
      Double($0.front.bytes.used)
    },
    .counter(
      "etcd_network_client_dropped_connections_total",
      "The total number of connections dropped because they held too much."
    ) { $0.front.bytes.dropped },
    .vector(
      .counter, "etcd_server_client_requests_total", "The total number of client requests per client version."
    ) { member, page in
      let counts = member.metrics.requestsByVersion.sorted {
        ($0.key.kind, $0.key.version) < ($1.key.kind, $1.key.version)
      }
      for (origin, count) in counts {
        page.sample(
          "client_api_version=\(MetricsText.quoted(origin.version)),type=\"\(origin.kind)\"", count)
      }
    },
    .vector(
      .counter, "etcd_network_server_stream_failures_total",
      "The total number of stream failures from the local server."
    ) { member, page in
      for (api, count) in member.metrics.streamFailures.sorted(by: { $0.key < $1.key }) {
        page.sample("API=\"\(api)\",Type=\"receive\"", count)
      }
    },
    .gauge("etcd_network_client_connections", "Connections that clients hold open.") {
      Double($0.front.connectionCount)
    },
    .gauge(
      "etcd_network_client_buffered_bytes",
      "Bytes written for clients that their connections have not taken yet."
    ) { Double($0.front.bufferedBytes) },
    .vector(
      .gauge, "etcd_server_certificate_expiry_timestamp_seconds",
      "Unix time at which the certificate that clients are shown ends."
    ) { member, page in
      if let end = member.front.certificateEnd { page.sample("port=\"client\"", Double(end)) }
    },
  ]

  private static func perPeer(
    _ label: String, _ value: @escaping @Sendable (PeerFigures) -> UInt64
  ) -> @Sendable (Member, inout MetricsText) -> Void {
    { member, page in
      for (id, figures) in member.peerFigures { page.sample("\(label)=\"\(id.hex)\"", value(figures)) }
    }
  }

  private static func betweenPeers(
    _ value: @escaping @Sendable (PeerFigures) -> UInt64
  ) -> @Sendable (Member, inout MetricsText) -> Void {
    { member, page in
      for (id, figures) in member.peerFigures {
        page.sample("Local=\"\(member.id.hex)\",Remote=\"\(id.hex)\"", value(figures))
      }
    }
  }

  private static let peerFamilies: [MetricFamily] = [
    .vector(
      .counter, "etcd_network_peer_sent_bytes_total", "The total number of bytes sent to peers.",
      perPeer("To") { $0.sentBytes }),
    .vector(
      .counter, "etcd_network_peer_received_bytes_total", "The total number of bytes received from peers.",
      perPeer("From") { $0.receivedBytes }),
    .vector(
      .counter, "etcd_network_peer_sent_failures_total", "The total number of send failures from peers.",
      perPeer("To") { $0.sendFailures }),
    .vector(
      .counter, "etcd_network_peer_received_failures_total", "The total number of receive failures from peers."
    ) { member, page in
      perPeer("From") { $0.receiveFailures }(member, &page)
      if member.transport.strangersFailures > 0 {
        page.sample("From=\"unknown\"", member.transport.strangersFailures)
      }
    },
    .vector(
      .histogram, "etcd_network_peer_round_trip_time_seconds", "Round-Trip-Time histogram between peers"
    ) { member, page in
      for (id, figures) in member.peerFigures where figures.roundTrip.count > 0 {
        page.samples(figures.roundTrip, labels: "To=\"\(id.hex)\"")
      }
    },
    .vector(
      .gauge, "etcd_network_active_peers", "The current number of active peer connections.",
      betweenPeers { $0.isActive ? 1 : 0 }),
    .vector(
      .counter, "etcd_network_disconnected_peers_total", "The total number of disconnected peers.",
      betweenPeers { $0.disconnects }),
    // As etcd 3.5.
    .vector(.gauge, "etcd_network_known_peers", "The current number of known peers.", betweenPeers { _ in 1 }),
  ]

  private static let snapshotFamilies: [MetricFamily] = [
    .vector(
      .counter, "etcd_network_snapshot_send_success", "Total number of successful snapshot sends",
      perPeer("To") { $0.snapshotsSent.successes }),
    .vector(
      .counter, "etcd_network_snapshot_send_failures", "Total number of snapshot send failures",
      perPeer("To") { $0.snapshotsSent.failures }),
    .vector(
      .gauge, "etcd_network_snapshot_send_inflights_total", "Total number of inflight snapshot sends",
      perPeer("To") { $0.snapshotsSent.underWay }),
    .vector(
      .histogram, "etcd_network_snapshot_send_total_duration_seconds",
      "Total latency distributions of v3 snapshot sends"
    ) { member, page in
      for (id, figures) in member.peerFigures where figures.snapshotsSent.durations.count > 0 {
        page.samples(figures.snapshotsSent.durations, labels: "To=\"\(id.hex)\"")
      }
    },
    .vector(
      .counter, "etcd_network_snapshot_receive_success", "Total number of successful snapshot receives",
      perPeer("From") { $0.snapshotsReceived.successes }),
    .vector(
      .counter, "etcd_network_snapshot_receive_failures", "Total number of snapshot receive failures"
    ) { member, page in
      perPeer("From") { $0.snapshotsReceived.failures }(member, &page)
      if member.transport.strangersSnapshotFailures > 0 {
        page.sample("From=\"UNKNOWN_SNAPSHOT_SENDER\"", member.transport.strangersSnapshotFailures)
      }
    },
    .vector(
      .gauge, "etcd_network_snapshot_receive_inflights_total", "Total number of inflight snapshot receives",
      perPeer("From") { $0.snapshotsReceived.underWay }),
    .vector(
      .histogram, "etcd_network_snapshot_receive_total_duration_seconds",
      "Total latency distributions of v3 snapshot receives"
    ) { member, page in
      for (id, figures) in member.peerFigures where figures.snapshotsReceived.durations.count > 0 {
        page.samples(figures.snapshotsReceived.durations, labels: "From=\"\(id.hex)\"")
      }
    },
  ]

  private static let pageFamilies: [MetricFamily] = [
    .vector(
      .counter, "etcd_http_received_total",
      "Counter of requests received into the system (successfully parsed and authd)."
    ) { member, page in
      for (method, figures) in member.metrics.sortedPages {
        page.sample("method=\"\(method)\"", figures.received)
      }
    },
    .vector(
      .counter, "etcd_http_failed_total",
      "Counter of handle failures of requests (non-watches), by method (GET/PUT etc.) and code (400, 500 etc.)."
    ) { member, page in
      for (method, figures) in member.metrics.sortedPages {
        for (code, count) in figures.failed.sorted(by: { $0.key < $1.key }) {
          page.sample("code=\"\(code)\",method=\"\(method)\"", count)
        }
      }
    },
    .vector(
      .histogram, "etcd_http_successful_duration_seconds",
      "Bucketed histogram of processing time (s) of successfully handled requests (non-watches), by method (GET/PUT etc.)."
    ) { member, page in
      for (method, figures) in member.metrics.sortedPages where figures.durations.count > 0 {
        page.samples(figures.durations, labels: "method=\"\(method)\"")
      }
    },
  ]
}
