import Base
import Machine
import Wire

/// Looks for the oldest key below a prefix in slices, while the store goes on.
///
/// A key that comes meanwhile is younger than all that are there, so the oldest key seen is the oldest there is, if it still
/// exists at the end; where it has gone, or keys came behind a walk that found none, the search begins again.
final class OldestSearch {
  private let store: Store
  private let prefix: Bytes
  private let end: Bytes
  private let done: (KeyValue?) -> Void
  private var next: Bytes?
  private var best: (key: Bytes, created: Int64)?

  /// `done` comes from a step, with the pair as it is then.
  init(_ store: Store, _ name: Bytes, _ done: @escaping (KeyValue?) -> Void) {
    self.store = store
    self.done = done
    prefix = Contention.prefix(name)
    end = Contention.prefixEnd(name)
    next = prefix
  }

  /// Walks one slice; true at the end.
  func step() -> Bool {
    guard let from = next else { return true }
    next = store.forEachKey(from: from, before: end, count: Limits.lineSliceKeys) { key, created in
      if best.map({ created < $0.created }) ?? true { best = (Bytes(key), created) }
    }
    if next != nil { return false }
    guard let best else { return store.count(below: prefix, end) == 0 ? finish(nil) : restart() }
    guard store.createRevision(of: best.key) == best.created else { return restart() }
    return finish(try? store.range(RangeRequest(key: best.key)).kvs.first)
  }

  private func finish(_ pair: KeyValue?) -> Bool {
    done(pair)
    return true
  }

  private func restart() -> Bool {
    best = nil
    next = prefix
    return false
  }
}
