// Storage: everything a member keeps on disk. The write-ahead log and the snapshot files in etcd's own form, the
// data directory around them, the tables of the store, and bbolt files for exchange.
//
// It may touch files, always through a `Disk` where a test must be able to fail or forget; the tables are the
// backend's own. It must never answer "durable" before the disk did, never repair what is damage rather than a write
// cut short, and never go on after a failed write or sync: what the disk holds is then unknown until the next start.
