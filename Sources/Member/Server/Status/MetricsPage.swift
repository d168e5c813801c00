import Base
import CShim
import Config
import Glibc
import HTTP
import Machine
import Raft
import Storage
import Wire

extension Member {
  /// `/metrics`: every family that boards and alerts of etcd 3.4 use and that a member of today has something to say about.
  func metricsPage() -> Bytes {
    var page = MetricsText()
    serverFamilies(&page)
    diskFamilies(&page)
    storeFamilies(&page)
    clientFamilies(&page)
    processFamilies(&page)
    return page.bytes
  }

  private func serverFamilies(_ page: inout MetricsText) {
    page.gauge(
      "etcd_server_has_leader", "Whether or not a leader exists. 1 is existence, 0 is not.",
      node.lead != 0 ? 1 : 0)
    page.gauge(
      "etcd_server_is_leader", "Whether or not this member is a leader. 1 if is, 0 otherwise.", isLeader ? 1 : 0
    )
    page.gauge("etcd_server_is_learner", "Whether or not this member is a learner. 1 if is, 0 otherwise.", 0)
    page.gauge(
      "etcd_server_id", "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
      1, labels: "server_id=\"\(id.hex)\"")
    page.gauge(
      "etcd_server_version", "Which version is running. 1 for 'server_version' label with current version.", 1,
      labels: "server_version=\"\(etcdVersion)\"")
    page.gauge(
      "etcd_server_go_version", "What the server is written in. 1 for 'server_go_version' label.", 1,
      labels: "server_go_version=\"swift\"")
    if let version = machine.roster.version {
      let parts = "\(version.major).\(version.minor)"
      page.gauge(
        "etcd_cluster_version",
        "Which version is running. 1 for 'cluster_version' label with current cluster version", 1,
        labels: "cluster_version=\"\(parts)\"")
    }
    page.counter(
      "etcd_server_leader_changes_seen_total", "The number of leader changes seen.", metrics.leaderChanges)
    page.counter(
      "etcd_server_heartbeat_send_failures_total",
      "The total number of leader heartbeat send failures (likely overloaded from slow disk).", 0)
    page.counter(
      "etcd_server_slow_apply_total",
      "The total number of slow apply requests (likely overloaded from slow disk).", metrics.slowApplies)
    page.counter(
      "etcd_server_slow_read_indexes_total",
      "The total number of pending read indexes not in sync with leader's or timed out read index requests.",
      metrics.slowReadIndexes)
    page.counter(
      "etcd_server_read_indexes_failed_total", "The total number of failed read indexes seen.",
      metrics.readIndexesFailed)
    page.gauge(
      "etcd_server_proposals_committed_total", "The total number of consensus proposals committed.",
      Double(node.committedIndex))
    page.gauge(
      "etcd_server_proposals_applied_total", "The total number of consensus proposals applied.",
      Double(node.appliedIndex))
    page.gauge(
      "etcd_server_proposals_pending", "The current number of pending proposals to commit.",
      Double(proposals.count))
    page.counter(
      "etcd_server_proposals_failed_total", "The total number of failed proposals seen.",
      metrics.proposalsFailed)
    page.gauge(
      "etcd_server_quota_backend_bytes", "Current backend storage quota size in bytes.",
      Double(settings.quotaBytes ?? 0))
    page.gauge(
      "etcd_server_quota_nearly_used",
      "1 if more than \(Limits.quotaWarningPercent) % of the storage quota is in use. 0 if not.",
      machine.quota.isNearlyFull(sizeBytes: machine.sizeBytes) ? 1 : 0)
    page.counter(
      "etcd_server_health_success", "The total number of successful health checks", metrics.healthSuccesses)
    page.counter(
      "etcd_server_health_failures", "The total number of failed health checks", metrics.healthFailures)
    page.gauge(
      "etcd_server_snapshot_apply_in_progress_total",
      "1 if the server is applying the incoming snapshot. 0 if none.", 0)
    page.counter(
      "etcd_server_learner_promote_successes",
      "The total number of successful learner promotions while this member is leader.", 0)
  }

  private func diskFamilies(_ page: inout MetricsText) {
    page.histogram(
      "etcd_disk_wal_fsync_duration_seconds", "The latency distributions of fsync called by WAL.",
      metrics.walSync)
    page.counter("etcd_disk_wal_write_bytes_total", "Total number of bytes written in WAL.", metrics.walBytes)
    page.histogram(
      "etcd_disk_backend_commit_duration_seconds", "The latency distributions of commit called by backend.",
      metrics.backendCommit)
    page.histogram(
      "etcd_disk_backend_snapshot_duration_seconds", "The latency distribution of backend snapshots.",
      metrics.backendSnapshot)
    page.histogram(
      "etcd_disk_backend_defrag_duration_seconds", "The latency distribution of backend defragmentation.",
      metrics.backendDefragment)
    page.gauge(
      "etcd_disk_defrag_inflight",
      "Whether or not defrag is active on the member. 1 means active, 0 means not.",
      Double(metrics.defragmentsUnderWay))
    page.histogram(
      "etcd_debugging_snap_save_total_duration_seconds",
      "The total latency distributions of save called by snapshot.", metrics.snapSave)
  }

  private func storeFamilies(_ page: inout MetricsText) {
    let store = machine.store
    let counters = store.counters
    for prefix in ["etcd_mvcc_", "etcd_debugging_mvcc_"] {
      page.counter(prefix + "put_total", "Total number of puts seen by this member.", counters.puts)
      page.counter(prefix + "delete_total", "Total number of deletes seen by this member.", counters.deletes)
      page.counter(prefix + "range_total", "Total number of ranges seen by this member.", counters.ranges)
      page.counter(prefix + "txn_total", "Total number of txns seen by this member.", counters.txns)
      page.gauge(
        prefix + "db_total_size_in_bytes",
        "Total size of the underlying database physically allocated in bytes.", Double(backend.sizeBytes))
    }
    page.gauge(
      "etcd_mvcc_db_total_size_in_use_in_bytes",
      "Total size of the underlying database logically in use in bytes.", Double(backend.sizeInUseBytes))
    page.gauge("etcd_mvcc_db_open_read_transactions", "The number of currently open read transactions", 1)
    page.histogram(
      "etcd_mvcc_hash_duration_seconds", "The latency distribution of storage hash operation.", metrics.hash)
    page.histogram(
      "etcd_mvcc_hash_rev_duration_seconds", "The latency distribution of storage hash by revision operation.",
      metrics.hashAtRevision)
    page.gauge(
      "etcd_debugging_auth_revision", "The current revision of auth store.", Double(machine.auth.revision))
    page.gauge("etcd_debugging_mvcc_keys_total", "Total number of keys.", Double(store.keyCount))
    page.gauge(
      "etcd_debugging_mvcc_current_revision", "The current revision of store.", Double(store.currentRevision))
    page.gauge(
      "etcd_debugging_mvcc_compact_revision", "The revision of the last compaction in store.",
      Double(store.compactRevision))
    page.counter(
      "etcd_debugging_mvcc_total_put_size_in_bytes", "The total size of put kv pairs seen by this member.",
      counters.putBytes)
    page.counter(
      "etcd_debugging_mvcc_db_compaction_keys_total", "Total number of db keys compacted.",
      counters.compactedRows)
    let watching = machine.hub.counters
    page.gauge(
      "etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.", Double(watching.streams))
    page.gauge("etcd_debugging_mvcc_watcher_total", "Total number of watchers.", Double(watching.watchers))
    page.gauge(
      "etcd_debugging_mvcc_slow_watcher_total", "Total number of unsynced slow watchers.",
      Double(watching.slowWatchers))
    page.counter(
      "etcd_debugging_mvcc_events_total", "Total number of events sent by this member.", watching.events)
    page.gauge(
      "etcd_debugging_mvcc_pending_events_total", "Total number of pending events to be sent.",
      Double(watching.pendingEvents))
    let leases = machine.lessor.counters
    page.counter("etcd_debugging_lease_granted_total", "The total number of granted leases.", leases.granted)
    page.counter("etcd_debugging_lease_revoked_total", "The total number of revoked leases.", leases.revoked)
    page.counter(
      "etcd_debugging_lease_renewed_total", "The number of renewed leases seen by the leader.", leases.renewed)
    page.counter(
      "etcd_debugging_server_lease_expired_total", "The total number of expired leases.", metrics.leasesExpired)
  }

  private func clientFamilies(_ page: inout MetricsText) {
    page.counter(
      "etcd_network_client_grpc_received_bytes_total", "The total number of bytes received from grpc clients.",
      metrics.clientBytesReceived)
    page.counter(
      "etcd_network_client_grpc_sent_bytes_total", "The total number of bytes sent to grpc clients.",
      metrics.clientBytesSent)
    page.gauge(
      "etcd_network_client_held_bytes", "Bytes of replies and requests that client connections hold.",
      Double(front.bytes.used))
    page.counter(
      "etcd_network_client_dropped_connections_total",
      "The total number of connections dropped because they held too much.", front.bytes.dropped)
    page.family(
      "etcd_server_client_requests_total", "counter", "The total number of client requests per client version.")
    for (origin, count) in metrics.requestsByVersion.sorted(by: {
      ($0.key.kind, $0.key.version) < ($1.key.kind, $1.key.version)
    }) {
      page.sample(
        "etcd_server_client_requests_total",
        "client_api_version=\(jsonQuoted(origin.version)),type=\"\(origin.kind)\"", String(count))
    }
    callFamily(&page, "grpc_server_started_total", "Total number of RPCs started on the server.") { $0.started }
    callFamily(
      &page, "grpc_server_msg_received_total", "Total number of RPC stream messages received on the server."
    ) { $0.received }
    callFamily(&page, "grpc_server_msg_sent_total", "Total number of gRPC stream messages sent by the server.")
    { $0.sent }
    page.family(
      "grpc_server_handled_total", "counter",
      "Total number of RPCs completed on the server, regardless of success or failure.")
    eachCall { labels, line in
      for (code, count) in line.handled.enumerated() {
        page.sample(
          "grpc_server_handled_total", "grpc_code=\"\(StatusCode(rawValue: UInt32(code)).name)\",\(labels)",
          String(count))
      }
    }
    guard settings.metrics == "extensive" else { return }
    page.family(
      "grpc_server_handling_seconds", "histogram",
      "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.")
    eachCall { labels, line in page.samples("grpc_server_handling_seconds", labels, line.handling) }
  }

  private func callFamily(
    _ page: inout MetricsText, _ name: String, _ help: String, _ value: (CallCounters.Line) -> UInt64
  ) {
    page.family(name, "counter", help)
    eachCall { labels, line in page.sample(name, labels, String(value(line))) }
  }

  private func eachCall(_ visit: (String, CallCounters.Line) -> Void) {
    for (method, line) in zip(Wire.Method.all, metrics.calls.lines) {
      let type =
        switch method.kind {
        case .unary: "unary"
        case .serverStream: "server_stream"
        case .clientStream: "client_stream"
        case .bidi: "bidi_stream"
        }
      visit("grpc_method=\"\(method.name)\",grpc_service=\"\(method.service)\",grpc_type=\"\(type)\"", line)
    }
  }

  private func processFamilies(_ page: inout MetricsText) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let cpu =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let descriptors = Double(ProcessFacts.openDescriptors)
    page.gauge("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", cpu)
    page.gauge("process_open_fds", "Number of open file descriptors.", descriptors)
    page.gauge("process_max_fds", "Maximum number of open file descriptors.", Double(limit.rlim_cur))
    page.gauge("os_fd_used", "The number of used file descriptors.", descriptors)
    page.gauge("os_fd_limit", "The file descriptor limit.", Double(limit.rlim_cur))
    let memory = ProcessFacts.memory
    page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", Double(memory.resident))
    page.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", Double(memory.virtual))
    page.gauge(
      "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
      Double(startedWall) / 1e9)
    page.gauge(
      "go_memstats_alloc_bytes", "Number of bytes allocated and still in use.", Double(cshim_allocated_bytes()))
    page.gauge("go_threads", "Number of OS threads created.", Double(memory.threads))
    page.gauge(
      "go_goroutines", "Requests and streams that are open.",
      Double(proposals.count + machine.hub.counters.streams))
    page.gauge("go_info", "What the server is written in.", 1, labels: "version=\"swift\"")
  }

  private func jsonQuoted(_ text: String) -> String {
    let safe = text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? "_" : String($0) }.joined()
    return "\"\(safe)\""
  }
}

/// What the kernel says of this process.
enum ProcessFacts {
  /// Descriptors this process may have; 0 where the kernel does not say.
  static var descriptorLimit: UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return UInt64(limit.rlim_cur)
  }

  static var openDescriptors: Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return max(count - 3, 0)  // itself, `.` and `..`
  }

  static var memory: (resident: Int, virtual: Int, threads: Int) {
    guard let file = fopen("/proc/self/stat", "r") else { return (0, 0, 0) }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 1024)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return (0, 0, 0) }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Fields are counted from behind the name in parentheses, which may hold blanks.
    let fields = text.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
    guard fields.count > 21 else { return (0, 0, 0) }
    let pages = Int(fields[21]) ?? 0
    return (pages * Int(sysconf(Int32(_SC_PAGESIZE))), Int(fields[20]) ?? 0, Int(fields[17]) ?? 0)
  }
}
