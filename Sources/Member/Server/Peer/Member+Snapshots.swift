import Base
import CShim
import Config
import Event
import Glibc
import Machine
import Raft
import Storage
import Wire

// Snapshots between members: the whole state of one moment, sent to who is too far behind; and one received, put in place
// of our own. As etcd 3.4: etcdserver/snapshot_merge.go and etcdserver/server.go, applySnapshot.

/// The state of one moment: what a raft snapshot says of it, and the store.
struct CapturedState {
  var snapshot: RaftSnapshot
  var view: any FrozenView
}

/// A store that a leader sent, not in its place yet, and what is read from it.
private struct Arrived {
  var file: ImportedStore
  var backend: LMDBBackend
  var state: ArrivedState

  init(_ file: ImportedStore, _ backend: LMDBBackend, _ state: ArrivedState) {
    self.file = file
    self.backend = backend
    self.state = state
  }
}

/// What an installed store takes the place of. Each part would be freed by whoever lets go of it last.
private final class Replaced {
  private let state: ArrivedState
  private var view: (any FrozenView)?
  /// Keeps the file's blocks while its name goes to another.
  private let descriptor: Int32

  /// - Parameter state: what arrived, which holds what was there before once the machine has taken it over.
  init(_ state: ArrivedState, _ backend: LMDBBackend, path: String) {
    self.state = state
    view = backend.frozenView()
    descriptor = cshim_open(path, O_RDONLY, 0)
  }

  func letGo() {
    view = nil
    if descriptor >= 0 { Glibc.close(descriptor) }
    state.empty()
  }
}

extension Member {
  // MARK: Sending

  /// Raft asks that this member be given a snapshot. Its end is reported in any case.
  func sendSnapshot(_ message: RaftMessage) {
    let receiver = MemberID(message.to)
    guard postings.count < Limits.peerSnapshots, let peer = transport.peers[receiver] else {
      return reportSnapshot(receiver, problem: "too many snapshots are on their way")
    }
    let url = peer.url
    transport.figures[receiver, default: PeerFigures()].snapshotsSent.underWay += 1
    captureState { [unowned self] captured in
      var merged = message
      merged.snapshot = captured.snapshot
      let index = merged.snapshot.metadata.index
      let began = loop.now
      var posting: SnapshotPosting?
      posting = SnapshotPosting(merged, captured.view, transport, to: url) { [unowned self] problem in
        postings.removeAll { $0 === posting }
        posting = nil
        logHeldUntil = loop.now + Limits.peerSnapshotGrace
        transport.figures[receiver]?.snapshotsSent.ended(hasFailed: problem != nil, took: loop.now - began)
        if problem == nil {
          log(
            .info,
            "database snapshot [index: \(index), to: \(receiver.hex)] sent out successfully, took \((loop.now - began).seconds)s"
          )
        }
        reportSnapshot(receiver, problem: problem)
      }
      if let posting { postings.append(posting) }
    }
  }

  private func reportSnapshot(_ receiver: MemberID, problem: String?) {
    if let problem {
      log(.warning, "database snapshot to \(receiver.hex) failed to be sent out (\(problem))")
      node.reportUnreachable(receiver.rawValue)
      transport.figures[receiver]?.sendFailures += 1
    }
    node.reportSnapshot(receiver.rawValue, isSent: problem == nil)
  }

  /// Gives the state of one moment, as soon as it is durable: the store's index is exactly the snapshot's.
  func captureState(_ done: @escaping (CapturedState) -> Void) {
    captures.append(done)
    captureIfPossible()
  }

  /// Takes what is to be said of this moment and seals the batch that ends with it. After a start the store may be ahead of
  /// what was applied anew: then the moment is yet to come, or the receiver's store would be ahead of its log.
  func captureIfPossible() {
    guard !captures.isEmpty, captured == nil, !backend.isCommitting,
      node.appliedIndex >= backend.consistentIndex
    else { return }
    var snapshot = RaftSnapshot(data: machine.v2.save())
    let applied = node.appliedIndex
    snapshot.metadata = SnapshotMetadata(confState: confState, index: applied, term: appliedTerm(applied))
    backend.seal()
    if backend.isCommitting { captured = snapshot } else { finishCapture(snapshot) }
  }

  /// The batch is durable and nothing was written since: now the store is that of the moment.
  func finishCapture(_ snapshot: RaftSnapshot) {
    var waiting: [(CapturedState) -> Void] = []
    swap(&waiting, &captures)
    for done in waiting { done(CapturedState(snapshot: snapshot, view: backend.frozenView())) }
  }

  /// The log must keep what a receiver of a snapshot needs to go on from there.
  var isLogHeld: Bool {
    if !postings.isEmpty { return true }
    guard let until = logHeldUntil else { return false }
    return loop.now < until
  }

  // MARK: Receiving

  /// What waited for the former store to be durable waits no longer: the new one stands for all of it.
  private func runDurabilityWaiters() {
    lastCommitCount = backend.commits
    let waiting = durabilityWaiters + nextDurabilityWaiters
    durabilityWaiters = []
    nextDurabilityWaiters = []
    for work in waiting { work() }
  }

  /// One at a time.
  func beginReceivingSnapshot() -> Bool {
    if isReceivingSnapshot { return false }
    isReceivingSnapshot = true
    return true
  }

  func endReceivingSnapshot() { isReceivingSnapshot = false }

  /// The snapshot is durable in our log: its store is made ready on a thread of its own, then takes the place of ours.
  func beginInstalling(_ snapshot: RaftSnapshot) {
    let index = snapshot.metadata.index
    log(.info, "applying snapshot at index \(index)...")
    metrics.isApplyingSnapshot = true
    // What the old store still gets is written now, and not while the loop waits for it.
    if backend.pendingOperations > 0 { backend.seal() }
    let image = snapshots.databasePath(index: index)
    let path = snapshots.directory + "/db"
    let unsafeNoSync = settings.skipsSync
    let errands = errands
    let wake = wake
    let options = machine.lessor.options
    _ = Base.Thread(name: "etcd-install") {
      let result: Result<Handed<Arrived>, BackendError>
      do throws(BackendError) {
        let imported = try ImportedStore(image: image, path: path, unsafeNoSync: unsafeNoSync)
        let backend = try LMDBBackend(of: imported, onCommitted: { wake.signal() })
        result = .success(
          Handed(Arrived(imported, backend, ArrivedState(backend: backend, options: options))))
      } catch { result = .failure(error) }
      errands.post { member in member.install(snapshot, result) }
    }
  }

  private func install(_ snapshot: RaftSnapshot, _ result: Result<Handed<Arrived>, BackendError>) {
    guard exit == nil else { return }
    let index = snapshot.metadata.index
    do {
      let arrived = try result.get().value
      let replaced = Replaced(arrived.state, backend, path: snapshots.directory + "/db")
      backend.close()
      try arrived.file.install()
      backend = arrived.backend
      try machine.install(arrived.state, v2: snapshot.data ?? [])
      letGo(of: replaced, through: index)
    } catch {
      // The log says that the snapshot is ours, and it cannot be had: the next start will try again.
      log(.critical, "the snapshot at index \(index) cannot be installed: \(error)")
      return stop(.failure)
    }
    // A member of 3.4 may send a store that is ahead of its snapshot: entries that it holds already change nothing.
    backend.consistentIndex = max(backend.consistentIndex, index)
    confState = snapshot.metadata.confState
    snapshotIndex = index
    node.applied(through: index)
    linkPeers()
    runDurabilityWaiters()
    metrics.isApplyingSnapshot = false
    log(.info, "finished applying incoming snapshot at index \(index)")
  }

  /// Files of the size of a store take a tenth of a second to remove, and an index to free: that too is for a thread.
  private func letGo(of replaced: Replaced, through index: UInt64) {
    let given = Handed((replaced: replaced, snapshots: snapshots, log: log))
    _ = Base.Thread(name: "etcd-install") {
      given.value.replaced.letGo()
      do throws(SnapError) { try given.value.snapshots.releaseDatabases(before: index + 1) } catch {
        given.value.log(.warning, "cannot remove received stores that are in use already: \(error)")
      }
    }
  }
}
