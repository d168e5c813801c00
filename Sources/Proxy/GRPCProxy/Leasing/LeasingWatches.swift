import Base
import Event
import Wire

/// The watches of the leasing protocol: one of all leasing keys, by which we hear who wants what we own and who has given
/// what we want; and one of each key that we own, by which writes are noticed that asked nobody. 3.4 never notices those.
///
/// They want a leader behind them: from a member that lost touch nobody could take what we own.
final class LeasingWatches: WatchOwner {
  private unowned let proxy: GRPCProxy
  private unowned let hub: LeasingHub
  private var all: WatchTable.WatcherID?
  private var watchers: [Key: WatchTable.WatcherID] = [:]
  private var keys: [WatchTable.WatcherID: Key] = [:]
  private var timer: Timer?
  private var isOver = false

  init(_ proxy: GRPCProxy, _ hub: LeasingHub) {
    self.proxy = proxy
    self.hub = hub
  }

  func follow() {
    guard all == nil, !isOver else { return }
    proxy.watches.watch(
      self, WatchTable.Range(keys: hub.keys.all, requiresLeader: true), start: 0, wantsProgress: false
    ) { all = $0 }
  }

  func stop() {
    isOver = true
    timer = nil
  }

  func watch(_ key: Key, from revision: Int64) {
    guard watchers[key] == nil else { return }
    proxy.watches.watch(
      self, WatchTable.Range(keys: KeyRange(key.bytes, []), requiresLeader: true), start: revision,
      wantsProgress: false
    ) { id in
      watchers[key] = id
      keys[id] = key
    }
  }

  func unwatch(_ key: Key) {
    guard let id = watchers.removeValue(forKey: key) else { return }
    keys[id] = nil
    proxy.watches.cancel(id)
  }

  func watchCreated(_ id: WatchTable.WatcherID, _ header: ResponseHeader) { if id == all { hub.watchesLive() } }

  func watchEnded(_ id: WatchTable.WatcherID, _ reply: WatchResponse, wasAnnounced: Bool) {
    if id == all {
      all = nil
      hub.watchesGone(reply.cancelReason.isEmpty ? "the watch of the leasing keys ended" : reply.cancelReason)
      let timer = Timer(proxy.loop) { [weak self] in self?.follow() }
      timer.once(after: Limits.leasingRetryWait)
      self.timer = timer
    } else if let key = keys.removeValue(forKey: id) {
      watchers[key] = nil
      hub.unwatched(key)
    }
  }

  func watchDelivered(_ id: WatchTable.WatcherID, _ delivery: WatchDelivery, first: Int) {
    for event in delivery.reply.events[first...] {
      guard let pair = event.kv else { continue }
      if id != all {
        if let key = keys[id] {
          hub.changed(key, event.type == .delete ? nil : pair, at: pair.modRevision)
        }
      } else if let key = hub.keys.owned(by: pair.key) {
        if event.type == .delete {
          hub.deleted(key, at: pair.modRevision)
        } else if pair.value == LeasingKeys.revoke {
          hub.revoked(key, born: pair.createRevision, lease: pair.lease)
        }
      }
    }
  }

  func watchProgressed(_ id: WatchTable.WatcherID, _ header: ResponseHeader) {}

  /// What is missed now is told later; whoever wants a key waits for that, or for the end of our lease.
  func watchInterrupted() {}

  /// The member has no leader: the watches are made again at another.
  func watchStreamFailed(_ status: RPCStatus) {}
}
