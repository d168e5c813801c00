import Base
import Machine

// Row MET-12: watchers and leases; and how far the slowest watcher is behind.

extension MetricFamily {
  static let watchAndLeaseFamilies: [MetricFamily] = [
    .gauge("etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.") {
      Double($0.machine.hub.counters.streams)
    },
    .gauge("etcd_debugging_mvcc_watcher_total", "Total number of watchers.") {
      Double($0.machine.hub.counters.watchers)
    },
    .gauge("etcd_debugging_mvcc_slow_watcher_total", "Total number of unsynced slow watchers.") {
      Double($0.machine.hub.counters.slowWatchers)
    },
    .counter("etcd_debugging_mvcc_events_total", "Total number of events sent by this member.") {
      $0.machine.hub.counters.events
    },
    .gauge("etcd_debugging_mvcc_pending_events_total", "Total number of pending events to be sent.") {
      Double($0.machine.hub.counters.pendingEvents)
    },
    .gauge(
      "etcd_mvcc_watch_lag_revisions",
      "Revisions that the slowest watcher has still to be told of; 0 when none is behind."
    ) { Double($0.machine.hub.lag) },
    .counter("etcd_debugging_lease_granted_total", "The total number of granted leases.") {
      $0.machine.lessor.counters.granted
    },
    .counter("etcd_debugging_lease_revoked_total", "The total number of revoked leases.") {
      $0.machine.lessor.counters.revoked
    },
    .counter("etcd_debugging_lease_renewed_total", "The number of renewed leases seen by the leader.") {
      $0.machine.lessor.counters.renewed
    },
    .histogram("etcd_debugging_lease_ttl_total", "Bucketed histogram of lease TTLs.") { $0.metrics.leaseTTLs },
    .counter("etcd_debugging_server_lease_expired_total", "The total number of expired leases.") {
      $0.metrics.leasesExpired
    },
  ]
}
