import Base
import CLMDB
import CShim

/// The thread that makes batches durable, one LMDB transaction each, and rewrites the store when asked.
///
/// LMDB's write transactions belong to one thread of the system, so nothing else writes while this one lives.
final class CommitThread: Sendable {
  enum Order: Sendable {
    case commit(Batch)
    case defragment(unsafeNoSync: Bool)
    /// From the helper that copied the store: the copy lacks only what was committed since it began.
    case copied(Result<LMDBEnvironment, BackendError>)
  }
  enum Report: Sendable {
    case committed(seconds: Double, sizes: StoreSizes)
    case defragmented(LMDBEnvironment, sizes: StoreSizes)
    case defragmentFailed(BackendError)
    case failed(BackendError)
  }

  private let orders: Mailbox<Order>
  let reports = Mailbox<Report>()
  private let thread: Thread
  private let stopFlag = Flag()

  init(_ environment: LMDBEnvironment, onReport: @escaping @Sendable () -> Void) {
    let orders = Mailbox<Order>()
    let reports = self.reports
    self.orders = orders
    let stopFlag = self.stopFlag
    thread = Thread(name: "commit") {
      let worker = CommitWorker(environment, orders: orders, stopFlag: stopFlag) {
        reports.post($0)
        onReport()
      }
      worker.run()
    }
  }

  func post(_ order: Order) { orders.post(order) }

  /// Ends the thread after what was posted, and gives up a copy in the making; call once.
  func stop() {
    stopFlag.raise()
    orders.close()
    thread.join()
  }
}

/// What the commit thread owns.
private final class CommitWorker {
  private var environment: LMDBEnvironment
  private let orders: Mailbox<CommitThread.Order>
  private let stopFlag: Flag
  private let report: (CommitThread.Report) -> Void
  /// Batches committed since a copy began; nil while none is made.
  private var committedSinceCopy: [Batch]?
  private var copier: Thread?

  init(
    _ environment: LMDBEnvironment, orders: Mailbox<CommitThread.Order>, stopFlag: Flag,
    report: @escaping (CommitThread.Report) -> Void
  ) {
    self.environment = environment
    self.orders = orders
    self.stopFlag = stopFlag
    self.report = report
  }

  func run() {
    while let letters = orders.waitForAll() {
      for letter in letters { execute(letter) }
    }
    copier?.join()
    // The copier may have ended just now: its file is of no use any more.
    for case .copied(.success(let copy)) in orders.takeAll() { StoreFile.discard(copy) }
  }

  private func execute(_ order: CommitThread.Order) {
    do throws(BackendError) {
      switch order {
      case .commit(let batch): try commit(batch)
      case .defragment(let unsafeNoSync): try beginCopy(unsafeNoSync: unsafeNoSync)
      case .copied(let result): try finishCopy(result)
      }
    } catch {
      report(.failed(error))
    }
  }

  private func commit(_ batch: Batch) throws(BackendError) {
    let start = cshim_monotonic_now()
    let writer = try LMDBWriter(environment)
    try writer.write(batch)
    try writer.commit()
    let seconds = Double(cshim_monotonic_now() - start) / 1e9
    committedSinceCopy?.append(batch)
    report(.committed(seconds: seconds, sizes: try environment.sizes()))
  }

  /// The copy reads a state frozen here, between two commits, on a thread of its own; commits go on meanwhile.
  private func beginCopy(unsafeNoSync: Bool) throws(BackendError) {
    let view = try LMDBView(environment)
    let path = environment.storePath
    let orders = self.orders
    let stopFlag = self.stopFlag
    committedSinceCopy = []
    copier = Thread(name: "defragment") {
      orders.post(.copied(StoreFile.copy(view, path: path, unsafeNoSync: unsafeNoSync, unless: stopFlag)))
    }
  }

  /// Brings the copy up to date and puts it in the store's place. A failed copy changes nothing.
  private func finishCopy(_ result: Result<LMDBEnvironment, BackendError>) throws(BackendError) {
    copier?.join()
    copier = nil
    let batches = committedSinceCopy ?? []
    committedSinceCopy = nil
    do throws(BackendError) {
      let copy = try result.get()
      for batch in batches {
        let writer = try LMDBWriter(copy)
        try writer.write(batch)
        try writer.commit()
      }
      try StoreFile.replace(with: copy)
      environment = copy
      report(.defragmented(copy, sizes: try copy.sizes()))
    } catch {
      if case .success(let copy) = result, copy !== environment { StoreFile.discard(copy) }
      report(.defragmentFailed(error))
    }
  }
}
