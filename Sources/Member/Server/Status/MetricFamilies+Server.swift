import Base
import Config
import Doors
import Machine
import Raft
import Storage
import Wire

// Rows MET-01 to MET-05 and what later versions added to them. As etcd 3.4: etcdserver/metrics.go.

extension MetricFamily {
  static let serverFamilies: [MetricFamily] =
    [
      .gauge("etcd_server_has_leader", "Whether or not a leader exists. 1 is existence, 0 is not.") {
        $0.node.lead != 0 ? 1 : 0
      },
      .gauge("etcd_server_is_leader", "Whether or not this member is a leader. 1 if is, 0 otherwise.") {
        $0.isLeader ? 1 : 0
      },
      .gauge("etcd_server_is_learner", "Whether or not this member is a learner. 1 if is, 0 otherwise.") {
        $0.isLearner ? 1 : 0
      },
      .label(
        "etcd_server_id",
        "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID."
      ) { "server_id=\"\($0.id.hex)\"" },
      .label(
        "etcd_server_version",
        "Which version is running. 1 for 'server_version' label with current version."
      ) { _ in "server_version=\"\(etcdVersion)\"" },
      .label(
        "etcd_server_go_version",
        "What the server is written in, in the label that etcd has for its Go version."
      ) { _ in "server_go_version=\"swift\"" },
      .label(
        "etcd_cluster_version",
        "Which version is running. 1 for 'cluster_version' label with current cluster version"
      ) { $0.machine.roster.version.map { "cluster_version=\"\($0.major).\($0.minor)\"" } },
      .counter("etcd_server_leader_changes_seen_total", "The number of leader changes seen.") {
        $0.metrics.leaderChanges
      },
      .counter(
        "etcd_server_heartbeat_send_failures_total",
        "The total number of leader heartbeat send failures (likely overloaded from slow disk)."
      ) { $0.metrics.heartbeatSendFailures },
      .counter(
        "etcd_server_slow_apply_total",
        "The total number of slow apply requests (likely overloaded from slow disk)."
      ) { $0.metrics.slowApplies },
      .counter(
        "etcd_server_slow_read_indexes_total",
        "The total number of pending read indexes not in sync with leader's or timed out read index requests."
      ) { $0.metrics.slowReadIndexes },
      .counter("etcd_server_read_indexes_failed_total", "The total number of failed read indexes seen.") {
        $0.metrics.readIndexesFailed
      },
      .gauge("etcd_server_proposals_committed_total", "The total number of consensus proposals committed.") {
        Double($0.node.committedIndex)
      },
      .gauge("etcd_server_proposals_applied_total", "The total number of consensus proposals applied.") {
        Double($0.node.appliedIndex)
      },
      .gauge("etcd_server_proposals_pending", "The current number of pending proposals to commit.") {
        Double($0.proposals.count)
      },
      .counter("etcd_server_proposals_failed_total", "The total number of failed proposals seen.") {
        $0.metrics.proposalsFailed
      },
      .gauge("etcd_server_quota_backend_bytes", "Current backend storage quota size in bytes.") {
        Double($0.settings.quotaBytes ?? 0)
      },
      .gauge(
        "etcd_server_quota_nearly_used",
        "1 if more of the storage quota is in use than a warning asks for. 0 if not."
      ) { $0.machine.quota.isNearlyFull(sizeBytes: $0.machine.sizeBytes) ? 1 : 0 },
      .gauge(
        "etcd_server_snapshot_apply_in_progress_total",
        "1 if the server is applying the incoming snapshot. 0 if none."
      ) { $0.metrics.isApplyingSnapshot ? 1 : 0 },
      .counter(
        "etcd_server_learner_promote_successes",
        "The total number of successful learner promotions while this member is leader."
      ) { $0.metrics.learnerPromotions },
      .vector(
        .counter, "etcd_server_learner_promote_failures",
        "The total number of failed learner promotions (likely learner not ready) while this member is leader."
      ) { member, page in
        for (reason, count) in member.metrics.learnerPromotionFailures.sorted(by: { $0.key < $1.key }) {
          page.sample("Reason=\(MetricsText.quoted(reason))", count)
        }
      },
      .gauge("etcd_debugging_auth_revision", "The current revision of auth store.") {
        Double($0.machine.auth.revision)
      },
    ]
    + healthFamilies + applyFamilies

  private static let healthFamilies: [MetricFamily] = [
    .counter("etcd_server_health_success", "The total number of successful health checks") {
      $0.metrics.healthSuccesses
    },
    .counter("etcd_server_health_failures", "The total number of failed health checks") {
      $0.metrics.healthFailures
    },
    // As etcd 3.5: etcdserver/api/etcdhttp/health.go.
    .vector(.gauge, "etcd_server_healthcheck", "The result of each kind of healthcheck.") { member, page in
      for (check, counts) in member.metrics.sortedHealthChecks {
        page.sample(
          "name=\"\(check.name)\",type=\"\(check.type)\"", (counts.isHealthy ? 1 : 0) as UInt64)
      }
    },
    .vector(.counter, "etcd_server_healthchecks_total", "The total number of each kind of healthcheck.") {
      member, page in
      for (check, counts) in member.metrics.sortedHealthChecks {
        let labels = "name=\"\(check.name)\",status="
        page.sample(labels + "\"error\",type=\"\(check.type)\"", counts.errors)
        page.sample(labels + "\"success\",type=\"\(check.type)\"", counts.successes)
      }
    },
    // As etcd 3.6: etcdserver/api/v3alarm and etcdserver/metrics.go.
    .vector(
      .gauge, "etcd_debugging_server_alarms",
      "Alarms for every member in cluster. 1 for 'server_id' label with current ID. 2 for 'alarm_type' label with type of this alarm"
    ) { member, page in
      for alarm in member.machine.alarms.active() {
        let type = alarm.alarm == .nospace ? "NOSPACE" : "CORRUPT"
        page.sample("alarm_type=\"\(type)\",server_id=\"\(MemberID(alarm.memberID).hex)\"", 1 as UInt64)
      }
    },
  ]

  private static let applyFamilies: [MetricFamily] = [
    // As etcd 3.5: etcdserver/metrics.go, applySec.
    .vector(
      .histogram, "etcd_server_apply_duration_seconds",
      "The latency distributions of v2 apply called by backend."
    ) { member, page in
      for kind in AppliedKind.allCases {
        let durations = member.metrics.applies[kind]
        if durations.count > 0 { page.samples(durations, labels: kind.labels) }
      }
    },
    // As etcd 3.6: etcdserver/txn/metrics.go.
    .histogram(
      "etcd_server_range_duration_seconds", "The latency distributions of txn.Range"
    ) { $0.metrics.ranges },
  ]
}
