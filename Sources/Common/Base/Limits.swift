/// Every bound of the program, by name and with its reason. A queue without a line here has no place in the code.
package enum Limits {
  /// Entries proposed but not yet applied, above which proposals are refused ("too many requests").
  /// As etcd 3.4: etcdserver/v3_server.go, maxGapBetweenApplyAndCommitIndex.
  package static let applyLag: UInt64 = 5_000
  /// Entries kept behind a snapshot so that a slow follower can catch up from the log.
  /// As etcd 3.4: etcdserver/server.go, DefaultSnapshotCatchUpEntries.
  package static let catchUpEntries: UInt64 = 5_000
  /// What gRPC adds to `--max-request-bytes` for its own overhead. As etcd 3.4: v3rpc/grpc.go.
  package static let grpcOverheadBytes = 512 * 1024
  /// A WAL record this large is damage, not data. As etcd 3.4: wal/decoder.go (10 MB).
  package static let walRecordBytes = 10 * 1024 * 1024
  /// Size of a WAL segment; Go cuts after the write that reaches it. As etcd 3.4: wal/wal.go.
  package static let walSegmentBytes = 64 * 1000 * 1000
  /// Of the log's last file as much is written once more at start, in case the last process met a failed sync: more than one
  /// turn writes, and a few milliseconds.
  package static let walRewrittenBytes = 16 * 1024 * 1024
  /// Memory the log's writer keeps between turns; a larger turn gives its buffer back.
  package static let walKeptBufferBytes = 1024 * 1024
  /// Default of `--quota-backend-bytes`.
  package static let defaultQuotaBytes: Int64 = 2 * 1024 * 1024 * 1024
  /// Input bytes read from one connection in one go; one scratch buffer per loop.
  package static let readChunkBytes = 64 * 1024
  /// Unsent output of one connection above which its producers must wait.
  package static let outputHighWaterBytes = 1024 * 1024
  /// Unsent output below which waiting producers go on.
  package static let outputLowWaterBytes = 256 * 1024
  /// Header bytes of one request (names, values and 32 a field, as HTTP/2 counts them).
  package static let headerListBytes = 64 * 1024
  /// Streams per connection when `--max-concurrent-streams` is left at its default: finite, so that a
  /// generic HTTP/2 client can test it (3.4 advertises 2^32-1), and so that one connection's streams stay far below what
  /// all may hold (`heldBytes`).
  package static let defaultConcurrentStreams: UInt32 = 100_000
  /// Time for a TLS handshake or the header of a first request. As etcd 3.5.33: embed/serve.go.
  package static let handshakeTime = TimeSpan.seconds(10)
  /// Descriptors kept for files and peers; connections use the rest. As etcd 3.4: embed/etcd.go.
  package static let reservedDescriptors = 150
  /// Messages inside messages, and groups inside groups, that decoding follows. A transaction inside a
  /// transaction takes two. Go has no bound but its stack; ours is 500 nested transactions.
  package static let wireNesting = 1_000
  /// Address space reserved for the store, so that the map never has to grow; halved until the system grants it.
  package static let storeMapBytes = 1 << 40
  /// Below this a granted map would be of no use.
  package static let storeMapFloorBytes = 1 << 30
  /// Read transactions of the store at one time: the loop's own and the frozen views.
  package static let storeReaders: UInt32 = 126
  /// Keys of small buckets longer than this are kept in a table of their own (LMDB takes up to 511 bytes).
  package static let storeKeyBytes = 500
  /// Rows written in one transaction when a whole store is loaded, so that dirty pages stay few.
  package static let loadTransactionRows = 16_384
  /// Bytes of a running batch after which it is handed to the commit thread, if that is free.
  package static let batchBytes = 16 * 1024 * 1024
  /// What a batch keeps for its next use; more is given back.
  package static let spareBatchRows = 20_000
  package static let spareBatchChunks = 32
  /// Image bytes in one message of a snapshot stream. As etcd 3.4: v3rpc/maintenance.go.
  package static let snapshotChunkBytes = 32 * 1024
  /// The same where the image goes to a file.
  package static let snapshotFileChunkBytes = 1024 * 1024
}

extension Limits {
  /// A configuration file larger than this was not written by a person.
  package static let configFileBytes = 1024 * 1024
  /// Lists within lists of a configuration file; two are of use.
  package static let configFileDepth = 32
  /// Keys of one map, which merging could otherwise double again and again.
  package static let configFileKeys = 10_000
  /// Arrays and objects inside each other in JSON from outside. Go allows 10,000; our stack is shared with others.
  package static let jsonNesting = 1_000
}

extension Limits {
  /// How long a line of the log waits for a full pipe before it is dropped.
  package static let logWaitMilliseconds: Int32 = 100
}
