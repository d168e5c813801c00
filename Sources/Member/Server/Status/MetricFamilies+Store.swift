import Base
import Doors
import Machine
import Storage

// Rows MET-07 and MET-12: the key space and the tree of the v2 API.

extension MetricFamily {
  static let storeFamilies: [MetricFamily] =
    keySpaceFamilies + [
      .gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "Total size of the underlying database logically in use in bytes."
      ) { Double($0.backend.sizeInUseBytes) },
      // The loop's own, and the frozen views of snapshots and hashes.
      .gauge(
        "etcd_mvcc_db_open_read_transactions", "The number of currently open read transactions"
      ) { Double($0.backend.openReaders) },
      .histogram(
        "etcd_mvcc_hash_duration_seconds", "The latency distribution of storage hash operation."
      ) { $0.metrics.hash },
      .histogram(
        "etcd_mvcc_hash_rev_duration_seconds", "The latency distribution of storage hash by revision operation."
      ) { $0.metrics.hashAtRevision },
      .gauge("etcd_debugging_mvcc_keys_total", "Total number of keys.") { Double($0.machine.store.keyCount) },
      .gauge("etcd_debugging_mvcc_current_revision", "The current revision of store.") {
        Double($0.machine.store.currentRevision)
      },
      .gauge("etcd_debugging_mvcc_compact_revision", "The revision of the last compaction in store.") {
        Double($0.machine.store.compactRevision)
      },
      .gauge(
        "etcd_debugging_mvcc_total_put_size_in_bytes", "The total size of put kv pairs seen by this member."
      ) { Double($0.machine.store.counters.putBytes) },
    ] + compactionFamilies + treeFamilies

  /// Under their name, and under the older one that some boards still ask for.
  private static let keySpaceFamilies: [MetricFamily] = [
    .counter("etcd_mvcc_put_total", "Total number of puts seen by this member.", puts),
    .counter("etcd_debugging_mvcc_put_total", "Total number of puts seen by this member.", puts),
    .counter("etcd_mvcc_delete_total", "Total number of deletes seen by this member.", deletes),
    .counter("etcd_debugging_mvcc_delete_total", "Total number of deletes seen by this member.", deletes),
    .counter("etcd_mvcc_range_total", "Total number of ranges seen by this member.", ranges),
    .counter("etcd_debugging_mvcc_range_total", "Total number of ranges seen by this member.", ranges),
    .counter("etcd_mvcc_txn_total", "Total number of txns seen by this member.", txns),
    .counter("etcd_debugging_mvcc_txn_total", "Total number of txns seen by this member.", txns),
    .gauge("etcd_mvcc_db_total_size_in_bytes", allocated, size),
    .gauge("etcd_debugging_mvcc_db_total_size_in_bytes", allocated, size),
  ]

  private static let allocated: StaticString =
    "Total size of the underlying database physically allocated in bytes."
  private static let puts: @Sendable (Member) -> UInt64 = { $0.machine.store.counters.puts }
  private static let deletes: @Sendable (Member) -> UInt64 = { $0.machine.store.counters.deletes }
  private static let ranges: @Sendable (Member) -> UInt64 = { $0.machine.store.counters.ranges }
  private static let txns: @Sendable (Member) -> UInt64 = { $0.machine.store.counters.txns }
  private static let size: @Sendable (Member) -> Double = { Double($0.backend.sizeBytes) }

  private static let compactionFamilies: [MetricFamily] = [
    .counter("etcd_debugging_mvcc_db_compaction_keys_total", "Total number of db keys compacted.") {
      $0.machine.store.counters.compactedRows
    },
    .histogram(
      "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
      "Bucketed histogram of db compaction pause duration."
    ) { $0.metrics.compactionPause },
    .histogram(
      "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
      "Bucketed histogram of db compaction total duration."
    ) { $0.metrics.compactionTotal },
    .histogram(
      "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
      "Bucketed histogram of index compaction pause duration."
    ) { $0.metrics.indexCompactionPause },
    // As etcd 3.5.
    .gauge(
      "etcd_debugging_mvcc_db_compaction_last", "The unix time of the last db compaction. Resets to 0 on start."
    ) { Double($0.metrics.lastCompactionSeconds) },
  ]

  private static let treeFamilies: [MetricFamily] = [
    .vector(
      .counter, "etcd_debugging_store_reads_total",
      "Total number of reads action by (get/getRecursive), local to this member."
    ) { member, page in page.sample("action=\"get\"", member.machine.v2.stats.getsSuccess) },
    .vector(
      .counter, "etcd_debugging_store_writes_total",
      "Total number of writes (e.g. set/compareAndDelete) seen by this member."
    ) { member, page in
      let stats = member.machine.v2.stats
      for (action, count) in [
        ("create", stats.createSuccess), ("set", stats.setsSuccess), ("update", stats.updateSuccess),
        ("delete", stats.deleteSuccess), ("compareAndSwap", stats.compareAndSwapSuccess),
        ("compareAndDelete", stats.compareAndDeleteSuccess),
      ] { page.sample("action=\"\(action)\"", count) }
    },
    .counter("etcd_debugging_store_expires_total", "Total number of expired keys.") {
      $0.machine.v2.stats.expireCount
    },
    .counter(
      "etcd_debugging_store_watch_requests_total",
      "Total number of incoming watch requests (new or reestablished)."
    ) { $0.metrics.treeWatches },
    .gauge("etcd_debugging_store_watchers", "Count of currently active watchers.") {
      Double($0.machine.v2.watcherCount)
    },
  ]
}
