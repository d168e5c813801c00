import Base
import CLMDB
import CShim
import Glibc

/// One open LMDB file with its tables. It closes when the last transaction that refers to it is gone.
final class LMDBEnvironment: @unchecked Sendable {
  // `@unchecked` is right here: everything is constant after `init`, and LMDB's handles may be used from
  // several threads as long as a transaction is used by one at a time.
  let handle: OpaquePointer
  let path: String
  /// By `Bucket.rawValue`.
  let tables: [MDB_dbi]
  /// Pairs whose keys are too long for LMDB, see `LongKey`.
  let longTable: MDB_dbi
  /// An exclusive flock on the file for as long as it is open; LMDB itself would let a second process write.
  private let lock: Int32

  /// Opens or creates the file. The directory must exist.
  init(path: String, unsafeNoSync: Bool, mapBytes: Int = Limits.storeMapBytes) throws(BackendError) {
    // The lock comes first: a second environment in one process would ruin the first one's table of readers
    // by merely being opened.
    lock = try lockFile(at: path, creating: true)
    let handle: OpaquePointer
    do throws(BackendError) {
      handle = try Self.openHandle(path, unsafeNoSync: unsafeNoSync, mapBytes: mapBytes)
    } catch {
      close(lock)
      throw error
    }
    do throws(BackendError) {
      (tables, longTable) = try Self.openTables(handle, path)
    } catch {
      mdb_env_close(handle)
      close(lock)
      throw error
    }
    self.handle = handle
    self.path = path
  }

  deinit {
    mdb_env_close(handle)
    close(lock)
  }

  func table(_ bucket: Bucket) -> MDB_dbi { tables[Int(bucket.rawValue)] }

  /// The map is reserved once, as large as the system grants: growing it under readers is not safe.
  private static func openHandle(_ path: String, unsafeNoSync: Bool, mapBytes: Int) throws(BackendError)
    -> OpaquePointer
  {
    var mapBytes = mapBytes
    while true {
      var made: OpaquePointer?
      try check(mdb_env_create(&made), "create", path)
      guard let handle = made else { throw .failed(call: "create", path: path, code: ENOMEM) }
      mdb_env_set_maxdbs(handle, UInt32(Bucket.allCases.count + 2))
      mdb_env_set_maxreaders(handle, Limits.storeReaders)
      mdb_env_set_mapsize(handle, mapBytes)
      let flags = MDB_NOSUBDIR | MDB_NOTLS | (unsafeNoSync ? MDB_NOSYNC : 0)
      let code = mdb_env_open(handle, path, UInt32(flags), 0o600)
      if code == 0 { return handle }
      mdb_env_close(handle)
      guard code == ENOMEM || code == EINVAL, mapBytes / 2 >= Limits.storeMapFloorBytes else {
        if code == MDB_INVALID || code == MDB_VERSION_MISMATCH { throw .foreign(path: path) }
        throw .failed(call: "open", path: path, code: code)
      }
      mapBytes /= 2
    }
  }

  /// Opens the tables, and makes them in a file that has none yet.
  private static func openTables(_ handle: OpaquePointer, _ path: String) throws(BackendError) -> (
    [MDB_dbi], MDB_dbi
  ) {
    var begun: OpaquePointer?
    try check(mdb_txn_begin(handle, nil, 0, &begun), "open", path)
    guard let transaction = begun else { throw .failed(call: "open", path: path, code: ENOMEM) }
    var isCommitted = false
    defer { if !isCommitted { mdb_txn_abort(transaction) } }

    let format = try openFormat(transaction, path)
    var tables: [MDB_dbi] = []
    for bucket in Bucket.allCases { tables.append(try openTable(transaction, bucket.name, path)) }
    let longTable = try openTable(transaction, "long", path)
    try writeFormat(transaction, format, path)
    isCommitted = true  // a failed commit ends the transaction as well
    try check(mdb_txn_commit(transaction), "open", path)
    return (tables, longTable)
  }

  private static func openTable(_ transaction: OpaquePointer, _ name: String, _ path: String)
    throws(BackendError) -> MDB_dbi
  {
    var table: MDB_dbi = 0
    try check(mdb_dbi_open(transaction, name, UInt32(MDB_CREATE), &table), "open", path)
    return table
  }

  /// A file with tables but without our mark is somebody else's.
  private static func openFormat(_ transaction: OpaquePointer, _ path: String) throws(BackendError) -> MDB_dbi {
    var table: MDB_dbi = 0
    let code = mdb_dbi_open(transaction, "format", 0, &table)
    if code == 0 { return table }
    guard code == MDB_NOTFOUND else { throw .failed(call: "open", path: path, code: code) }
    var root: MDB_dbi = 0
    try check(mdb_dbi_open(transaction, nil, 0, &root), "open", path)
    var statistics = MDB_stat()
    try check(mdb_stat(transaction, root, &statistics), "open", path)
    guard statistics.ms_entries == 0 else { throw .foreign(path: path) }
    return try openTable(transaction, "format", path)
  }

  private static func writeFormat(_ transaction: OpaquePointer, _ table: MDB_dbi, _ path: String)
    throws(BackendError)
  {
    let name = "version".bytes
    var found: Bytes?
    try name.withValue { (key) throws(BackendError) in
      var value = MDB_val()
      let code = mdb_get(transaction, table, &key, &value)
      if code == 0 { return found = Bytes(value.bytes) }
      guard code == MDB_NOTFOUND else { throw .failed(call: "open", path: path, code: code) }
      var written = key
      let versionCode = "1".bytes.withValue { mdb_put(transaction, table, &written, &$0, 0) }
      try check(versionCode, "open", path)
    }
    if let found, found != "1".bytes {
      throw .damaged(path: path, rule: "format version \(String(utf8: found)) is not known to this release")
    }
  }

  /// Pages in use and pages the file has, in bytes.
  func sizes() throws(BackendError) -> StoreSizes {
    let transaction = try LMDBReader(self)
    var pages = 2  // the two meta pages
    var pageBytes = 4096
    // 0 and 1 are LMDB's own: the list of free pages and the table of tables.
    for table in [0, 1] + tables + [longTable] {
      var statistics = MDB_stat()
      try check(mdb_stat(transaction.handle, table, &statistics), "stat", path)
      pages += statistics.ms_branch_pages + statistics.ms_leaf_pages + statistics.ms_overflow_pages
      pageBytes = Int(statistics.ms_psize)
    }
    var info = MDB_envinfo()
    try check(mdb_env_info(handle, &info), "stat", path)
    return StoreSizes(
      allocatedBytes: Int64((info.me_last_pgno + 1) * pageBytes), inUseBytes: Int64(pages * pageBytes))
  }
}

/// How large the durable store is.
struct StoreSizes: Sendable {
  var allocatedBytes: Int64
  var inUseBytes: Int64
}

/// Throws for any code but success.
func check(_ code: Int32, _ call: String, _ path: String) throws(BackendError) {
  if code != 0 { throw .failed(call: call, path: path, code: code) }
}

/// Takes an exclusive flock; the lock ends when the descriptor closes. Go's etcd asks for the same lock.
func lockFile(at path: String, creating: Bool = false) throws(BackendError) -> Int32 {
  let descriptor = cshim_open(path, creating ? O_RDWR | O_CREAT : O_RDONLY, 0o600)
  guard descriptor >= 0 else { throw .failed(call: "open", path: path, code: errno) }
  guard cshim_flock_exclusive(descriptor) == 0 else {
    let code = errno
    close(descriptor)
    if code == EWOULDBLOCK { throw .locked(path: path) }
    throw .failed(call: "flock", path: path, code: code)
  }
  return descriptor
}

extension MDB_val {
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: mv_data, count: mv_size) }

  /// LMDB takes mutable pointers and writes through none of them.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
  }
}

extension Bytes {
  /// The bytes in LMDB's form, for the time of the call.
  func withValue<Result, Failure: Error>(_ body: (inout MDB_val) throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    let outcome: Swift.Result<Result, Failure> = withUnsafeBytes { bytes in
      var value = MDB_val(bytes)
      do throws(Failure) { return .success(try body(&value)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}
