import Base
import Wire

/// Keeps the cache in step with the cluster: makes the watches that it asks for, together with those of clients, and tells it
/// what they say. The watches want a leader behind them: a member that lost touch must not vouch for anything.
final class CacheKeeper: WatchOwner {
  private unowned let proxy: GRPCProxy
  private var watchers: [KeyRange: WatchTable.WatcherID] = [:]
  private var ranges: [WatchTable.WatcherID: KeyRange] = [:]

  init(_ proxy: GRPCProxy) { self.proxy = proxy }

  func perform(_ effects: [RangeCache.Effect]) {
    for effect in effects {
      switch effect {
      case .watch(let range):
        // What a client reads as an empty key a watch knows as the smallest.
        proxy.watches.watch(
          self, WatchTable.Range(keys: range, requiresLeader: true), start: 0, wantsProgress: false
        ) { id in
          watchers[range] = id
          ranges[id] = range
        }
      case .forget(let range):
        guard let id = watchers.removeValue(forKey: range) else { break }
        ranges[id] = nil
        proxy.watches.cancel(id)
      }
    }
  }

  func watchCreated(_ id: WatchTable.WatcherID, _ header: ResponseHeader) {
    if let range = ranges[id] { proxy.cache.live(range, from: header.revision) }
  }

  func watchEnded(_ id: WatchTable.WatcherID, _ reply: WatchResponse, wasAnnounced: Bool) {
    guard let range = ranges.removeValue(forKey: id) else { return }
    watchers[range] = nil
    proxy.cache.refused(range)
  }

  func watchDelivered(_ id: WatchTable.WatcherID, _ delivery: WatchDelivery, first: Int) {
    guard let range = ranges[id], let last = delivery.reply.events.last?.kv?.modRevision else { return }
    proxy.cache.changed(range, at: last)
  }

  func watchProgressed(_ id: WatchTable.WatcherID, _ header: ResponseHeader) {}

  /// Nothing may be answered that was kept before: the ranges are tracked anew when they are next asked for.
  func watchInterrupted() {
    let lost = ranges
    ranges = [:]
    watchers = [:]
    for (id, range) in lost {
      proxy.cache.refused(range)
      proxy.watches.cancel(id)
    }
  }

  func watchStreamFailed(_ status: RPCStatus) { watchInterrupted() }
}
