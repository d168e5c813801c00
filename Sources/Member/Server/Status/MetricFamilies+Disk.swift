import Base
import Doors
import Storage

// Rows MET-06 and MET-10: the log, snapshots and the store's file.

extension MetricFamily {
  static let diskFamilies: [MetricFamily] = [
    .histogram(
      "etcd_disk_wal_fsync_duration_seconds", "The latency distributions of fsync called by WAL.",
      \.walSync),
    // A gauge in etcd, too.
    .gauge("etcd_disk_wal_write_bytes_total", "Total number of bytes written in WAL.") {
      Double($0.metrics.walBytes)
    },
    // As etcd 3.5.
    .histogram(
      "etcd_disk_wal_write_duration_seconds", "The latency distribution of WAL writes including sync.",
      \.walWrite),
    .histogram(
      "etcd_disk_backend_commit_duration_seconds", "The latency distributions of commit called by backend.",
      \.backendCommit),
    .histogram(
      "etcd_disk_backend_snapshot_duration_seconds", "The latency distribution of backend snapshots.",
      \.backendSnapshot),
    .histogram(
      "etcd_disk_backend_defrag_duration_seconds", "The latency distribution of backend defragmentation.",
      \.backendDefragment),
    .gauge(
      "etcd_disk_defrag_inflight", "Whether or not defrag is active on the member. 1 means active, 0 means not."
    ) { Double($0.metrics.defragmentsUnderWay) },
    // A commit of LMDB writes and syncs; it neither rebalances nor spills, so those two stay empty.
    .histogram(
      "etcd_debugging_disk_backend_commit_write_duration_seconds",
      "The latency distributions of commit.write called by bboltdb backend.",
      \.backendCommit),
    .histogram(
      "etcd_debugging_disk_backend_commit_rebalance_duration_seconds",
      "The latency distributions of commit.rebalance called by bboltdb backend."
    ) { _ in Histogram(.sync) },
    .histogram(
      "etcd_debugging_disk_backend_commit_spill_duration_seconds",
      "The latency distributions of commit.spill called by bboltdb backend."
    ) { _ in Histogram(.sync) },
    .histogram(
      "etcd_snap_fsync_duration_seconds", "The latency distributions of fsync called by snap.",
      \.snapWrite),
    .histogram(
      "etcd_debugging_snap_save_marshalling_duration_seconds",
      "The marshalling cost distributions of save called by snapshot.",
      \.snapMarshalling),
    .histogram(
      "etcd_debugging_snap_save_total_duration_seconds",
      "The total latency distributions of save called by snapshot.",
      \.snapSave),
    .histogram(
      "etcd_snap_db_fsync_duration_seconds", "The latency distributions of fsyncing .snap.db file",
      \.snapStoreSync),
    .histogram(
      "etcd_snap_db_save_total_duration_seconds", "The total latency distributions of v3 snapshot save",
      \.snapStoreSave),
  ]
}
