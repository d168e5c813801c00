import Base
import CLMDB
import Glibc
import Synchronization

/// The durable backend: one LMDB file under a running batch in memory, and a commit thread between them.
///
/// The file is `DATA/member/snap/db`. Where a Go member left a bbolt file there, it is taken over on opening.
package final class LMDBBackend: Backend {
  private let committer: CommitThread
  private let unsafeNoSync: Bool

  /// The turn's read transaction, which holds the open file; it rests between turns. Made anew when the file was
  /// replaced, nil once the backend was closed.
  private var openReader: LMDBReader?
  private var reader: LMDBReader {
    guard let openReader else { broken("the store is used after it was closed") }
    return openReader
  }
  private var running = Batch()
  /// Sealed and handed over; read until the loop has taken the report.
  private var committing: Batch?
  /// A defragmentation may keep the batch for its end; then it is not ours to empty.
  private var isCommittingKept = false
  /// A caller relies on the commit that it waits for.
  private var isWaiting = false
  /// The disk has no room for a commit, which is the operator's to mend: nothing is committed any more, and the owner is to end
  /// the process in order.
  package private(set) var failure: BackendError?
  /// An emptied batch whose memory the next one uses.
  private var spare: Batch?
  private var lastRevision: Revision
  private var sizes: StoreSizes
  /// What was sealed last; the index itself may be ahead of it.
  private var sealedIndex: UInt64

  /// How long the last commit took on its thread, in seconds; nil before the first one.
  package private(set) var lastCommitSeconds: Double?
  /// Commits made since the store was opened.
  package private(set) var commits: UInt64 = 0
  package private(set) var isDefragmenting = false
  private var defragmentResult: Result<Void, BackendError>?

  /// Opens the store at `path`, whose directory must exist; a missing one is made, with all ten buckets.
  ///
  /// `onCommitted` runs on the commit thread after each commit and at the end of a defragmentation; it should
  /// only wake the loop, which then calls `reapCommit`.
  package convenience init(
    path: String, unsafeNoSync: Bool = false, log: Log = .silent,
    onCommitted: @escaping @Sendable () -> Void
  ) throws(BackendError) {
    let environment = try StoreFile.open(path, unsafeNoSync: unsafeNoSync, log: log)
    try self.init(environment, unsafeNoSync: unsafeNoSync, onCommitted: onCommitted)
  }

  /// Opens a store made from a bbolt image (a snapshot received from a peer), in its place or not yet. Nothing may be written
  /// before it is.
  package convenience init(
    of imported: ImportedStore, onCommitted: @escaping @Sendable () -> Void
  ) throws(BackendError) {
    try self.init(imported.environment, unsafeNoSync: imported.unsafeNoSync, onCommitted: onCommitted)
  }

  private init(
    _ environment: LMDBEnvironment, unsafeNoSync: Bool, onCommitted: @escaping @Sendable () -> Void
  ) throws(BackendError) {
    self.unsafeNoSync = unsafeNoSync
    let reader = try LMDBReader(environment)
    openReader = reader
    lastRevision = reader.lastRevision ?? Revision(main: -1)
    sizes = try environment.sizes()
    let stored = reader.get(.meta, MetaKey.consistentIndex.bytes)
    index = stored.flatMap { $0.withUnsafeBytes(MetaKey.decode) } ?? 0
    sealedIndex = index
    reader.rest()
    committer = CommitThread(environment, onReport: onCommitted)
  }

  deinit { if openReader != nil { committer.stop() } }

  /// Makes everything durable, ends the commit thread and closes the file, once no frozen view needs it.
  /// The backend must not be used afterwards.
  package func close() {
    commitAndWait()
    committer.stop()
    openReader = nil
  }

  // MARK: Writes

  package func appendRow(_ revision: Revision, isTombstone: Bool, record: Bytes) {
    invariant(revision > lastRevision, "row \(revision) appended after \(lastRevision)")
    lastRevision = revision
    running.appendRow(revision, isTombstone: isTombstone, record: record)
  }

  package func deleteRow(_ revision: Revision, isTombstone: Bool) {
    running.deleteRow(revision, isTombstone: isTombstone)
  }

  package func put(_ bucket: Bucket, _ key: Bytes, _ value: Bytes) {
    invariant(bucket != .key && !key.isEmpty, "a pair of \(bucket.name) without a key, or a row put as a pair")
    running.change(bucket, key, .put(value))
  }

  package func delete(_ bucket: Bucket, _ key: Bytes) { running.change(bucket, key, .delete) }

  private var index: UInt64
  package var consistentIndex: UInt64 {
    get { index }
    set {
      invariant(newValue >= index, "consistent index \(newValue) below \(index)")
      index = newValue
    }
  }

  // MARK: Reads

  package func row(
    at revision: Revision, _ body: (_ record: UnsafeRawBufferPointer, _ isTombstone: Bool) -> Void
  ) -> Bool {
    if running.hides(revision) { return false }
    if let row = running.row(at: revision) {
      body(row.record, row.isTombstone)
      return true
    }
    if let committing {
      if committing.hides(revision) { return false }
      if let row = committing.row(at: revision) {
        body(row.record, row.isTombstone)
        return true
      }
    }
    guard let row = reader.row(at: revision) else { return false }
    body(row.record, row.isTombstone)
    return true
  }

  package func scanRows(
    from: Revision, through: Revision,
    _ visit: (_ revision: Revision, _ isTombstone: Bool, _ record: UnsafeRawBufferPointer) -> Bool
  ) {
    let running = self.running
    let committing = self.committing
    // Rows of a commit that has ended but was not reported yet are in the file too: they are left to the batch.
    let firstAbove = committing?.rows.first?.revision ?? running.rows.first?.revision
    var goesOn = true
    if firstAbove.map({ from < $0 }) ?? true {
      reader.seek(from: from) { key, record in
        if key.revision > through { return false }
        if let firstAbove, key.revision >= firstAbove { return false }
        if running.hides(key.revision) || committing?.hides(key.revision) == true { return true }
        goesOn = visit(key.revision, key.isTombstone, record)
        return goesOn
      }
    }
    for batch in [committing, running] {
      guard goesOn, let batch else { continue }
      var place = batch.index(of: from)
      while goesOn, place < batch.rows.count, batch.rows[place].revision <= through {
        let row = batch.rows[place]
        place += 1
        if running.hides(row.revision) || batch.hides(row.revision) { continue }
        goesOn = visit(row.revision, row.isTombstone, row.record)
      }
    }
  }

  package func get(_ bucket: Bucket, _ key: Bytes) -> Bytes? {
    if bucket == .meta, key == MetaKey.consistentIndex.bytes {
      return index == 0 ? nil : MetaKey.encode(index)
    }
    for batch in [running, committing] {
      switch batch?.change(bucket, key) {
      case .put(let value): return value
      case .delete: return nil
      case nil: continue
      }
    }
    return reader.get(bucket, key)
  }

  package func pairs(_ bucket: Bucket) -> [(key: Bytes, value: Bytes)] {
    var stored: [(key: Bytes, value: Bytes)] = []
    reader.scan(bucket, after: nil) { key, value in
      stored.append((Bytes(key), Bytes(value)))
      return true
    }
    var changes = committing?.changes[Int(bucket.rawValue)] ?? [:]
    changes.merge(running.changes[Int(bucket.rawValue)]) { _, later in later }
    if bucket == .meta, index > 0 { changes[MetaKey.consistentIndex] = .put(MetaKey.encode(index)) }
    if changes.isEmpty { return stored }
    stored.removeAll { changes[Key($0.key)] != nil }
    for case (let key, .put(let value)) in changes { stored.append((key.bytes, value)) }
    return stored.sorted { compareBytes($0.key, $1.key) < 0 }
  }

  package func endTurn() { reader.rest() }

  /// Read transactions that are open: the loop's own and those of frozen views.
  package var openReaders: Int { LMDBReader.count.load(ordering: .relaxed) }

  package func frozenView() -> any FrozenView {
    do throws(BackendError) { return try LMDBView(reader.environment) } catch {
      broken("no frozen view of the store: \(error)")
    }
  }

  // MARK: Commits

  package var pendingOperations: Int { running.operations }
  /// What the writes not yet sealed hold in memory, and will take in the file.
  package var pendingBytes: Int { running.estimatedBytes }
  package var isCommitting: Bool { committing != nil }

  @discardableResult package func seal() -> Bool {
    if isCommitting { return false }
    if running.isEmpty, index == sealedIndex { return true }
    if index != sealedIndex {
      running.change(.meta, MetaKey.consistentIndex.bytes, .put(MetaKey.encode(index)))
      sealedIndex = index
    }
    let sealed = running
    committing = sealed
    isCommittingKept = isDefragmenting
    running = spare ?? Batch()
    spare = nil
    committer.post(.commit(sealed))
    return true
  }

  package func commitAndWait() {
    waitForCommit()
    seal()
    waitForCommit()
  }

  private func waitForCommit() {
    isWaiting = true
    defer { isWaiting = false }
    if let failure { stop(because: failure) }
    while isCommitting {
      guard let reports = committer.reports.waitForAll() else { return }
      for report in reports { take(report) }
    }
  }

  package func reapCommit() {
    for report in committer.reports.takeAll() { take(report) }
  }

  private func take(_ report: CommitThread.Report) {
    switch report {
    case .committed(let seconds, let sizes):
      // The turn's transaction may be older than the commit, and the batch goes now.
      reader.rest()
      lastCommitSeconds = seconds
      commits += 1
      self.sizes = sizes
      recycle()
    case .defragmented(let copy, let sizes):
      replaceEnvironment(with: copy)
      self.sizes = sizes
      isDefragmenting = false
      defragmentResult = .success(())
    case .defragmentFailed(let error):
      isDefragmenting = false
      defragmentResult = .failure(error)
    case .failed(let error):
      guard error.isOutOfSpace, !isWaiting else { stop(because: error) }
      failure = error
    }
  }

  private func recycle() {
    guard let done = committing.take(), !isCommittingKept else { return }
    done.reset()
    spare = done
  }

  private func replaceEnvironment(with copy: LMDBEnvironment) {
    do throws(BackendError) { openReader = try LMDBReader(copy) } catch {
      broken("the defragmented store cannot be read: \(error)")
    }
    reader.rest()
  }

  /// After a failed commit nobody knows what is in the file until it was opened anew, so the process ends.
  private func stop(because error: BackendError) -> Never {
    broken("the store could not be made durable: \(error)\(error.remedy)")
  }

  // MARK: Size and defragmentation

  package var sizeBytes: Int64 { max(sizes.allocatedBytes, sizeInUseBytes) }
  package var sizeInUseBytes: Int64 {
    sizes.inUseBytes + Int64(running.estimatedBytes + (committing?.estimatedBytes ?? 0))
  }

  /// Begins to rewrite the store densely into a new file, on another thread and without holding up writes or
  /// commits; false while that is under way already. The end is reported as a commit's end is: after
  /// `reapCommit`, `takeDefragmentResult` answers.
  package func beginDefragment() -> Bool {
    if isDefragmenting { return false }
    isDefragmenting = true
    defragmentResult = nil
    committer.post(.defragment(unsafeNoSync: unsafeNoSync))
    return true
  }

  /// How the last defragmentation ended, once; nil while it goes on or where it was asked for already.
  /// A failure (no room for the copy, say) leaves the store as it was.
  package func takeDefragmentResult() -> Result<Void, BackendError>? { defragmentResult.take() }
}
