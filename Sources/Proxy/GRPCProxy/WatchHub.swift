import Base
import Client
import Event
import HTTP
import Wire

/// Hears of watchers of its own.
protocol WatchOwner: AnyObject {
  func watchCreated(_ id: WatchTable.WatcherID, _ header: ResponseHeader)
  /// It is not there any more; with `wasAnnounced` it had been created.
  func watchEnded(_ id: WatchTable.WatcherID, _ reply: WatchResponse, wasAnnounced: Bool)
  /// Changes from the one with number `first` on.
  func watchDelivered(_ id: WatchTable.WatcherID, _ delivery: WatchDelivery, first: Int)
  func watchProgressed(_ id: WatchTable.WatcherID, _ header: ResponseHeader)
  /// For a moment nothing is known of its ranges: the member's stream broke. What is missed now is told later.
  func watchInterrupted()
  /// The member's stream ended with a reason that the client must hear.
  func watchStreamFailed(_ status: RPCStatus)
}

/// All watches that clients and the cache share: carries out what the table decides.
final class WatchHub {
  private unowned let proxy: GRPCProxy
  private var table = WatchTable()
  private var owners: [WatchTable.WatcherID: any WatchOwner] = [:]
  /// One stream for those who want a leader behind it, one for the others.
  private lazy var streams = [
    WatchBack(proxy, self, requiresLeader: false), WatchBack(proxy, self, requiresLeader: true),
  ]
  /// What every reply begins with; the revision is set anew each time.
  private(set) var header = ResponseHeader()
  private(set) var coalescedEvents: UInt64 = 0

  init(_ proxy: GRPCProxy) { self.proxy = proxy }

  var watcherCount: Int { table.watcherCount }
  var groupCount: Int { table.groupCount }

  private func stream(_ requiresLeader: Bool) -> WatchBack { streams[requiresLeader ? 1 : 0] }

  // MARK: What owners ask

  /// Whether the watcher would share a watch that is there: whether it may is then for the asker to find out.
  func isJoin(_ range: WatchTable.Range, start: Int64) -> Bool { table.isJoin(range, start: start) }

  func watch(
    _ owner: any WatchOwner, _ range: WatchTable.Range, start: Int64, wantsProgress: Bool,
    _ adopt: (WatchTable.WatcherID) -> Void
  ) {
    let (id, effects) = table.add(range, start: start, wantsProgress: wantsProgress)
    owners[id] = owner
    adopt(id)
    perform(effects)
  }

  func cancel(_ id: WatchTable.WatcherID) {
    owners[id] = nil
    perform(table.remove(id))
  }

  /// A member is none any more: streams that are still there move to another.
  func leave(_ channel: Channel) { for stream in streams { stream.leave(channel) } }

  func pause(_ id: WatchTable.WatcherID) { perform(table.pause(id)) }
  func resume(_ id: WatchTable.WatcherID) { perform(table.resume(id)) }

  /// `done` hears the revision up to which everything has been delivered on the stream.
  func requestProgress(requiresLeader: Bool, _ done: @escaping (ResponseHeader) -> Void) {
    stream(requiresLeader).requestProgress(done)
  }

  // MARK: What members say

  func created(_ group: WatchTable.GroupID, _ header: ResponseHeader?) {
    note(header)
    perform(table.created(group, at: header?.revision ?? 0))
  }

  func ended(_ group: WatchTable.GroupID, _ reply: WatchResponse) {
    note(reply.header)
    perform(table.ended(group, compacted: reply.compactRevision), reply: reply)
  }

  func delivered(_ group: WatchTable.GroupID, _ reply: WatchResponse) {
    note(reply.header)
    if reply.events.isEmpty {
      return perform(table.progressed(group, to: reply.header?.revision ?? 0))
    }
    let revisions = reply.events.map { $0.kv?.modRevision ?? 0 }
    let effects = table.events(group, at: revisions)
    let shared = effects.count { if case .deliver = $0 { true } else { false } }
    if shared > 1 { coalescedEvents += UInt64(shared - 1) }
    perform(effects, delivery: WatchDelivery(reply))
  }

  /// The stream broke.
  func lost(requiresLeader: Bool) {
    table.lost(requiresLeader: requiresLeader)
    for owner in uniqueOwners(requiresLeader) { owner.watchInterrupted() }
  }

  /// What is to be asked for on a new stream.
  func openings(requiresLeader: Bool) -> [(group: WatchTable.GroupID, start: Int64)] {
    table.openings(requiresLeader: requiresLeader)
  }

  /// The stream ended, and its clients are to hear why.
  func failed(requiresLeader: Bool, _ status: RPCStatus) {
    for owner in uniqueOwners(requiresLeader) { owner.watchStreamFailed(status) }
  }

  private func uniqueOwners(_ requiresLeader: Bool) -> [any WatchOwner] {
    var seen: Set<ObjectIdentifier> = []
    return table.watchers(requiresLeader: requiresLeader).compactMap { owners[$0] }.filter {
      seen.insert(ObjectIdentifier($0)).inserted
    }
  }

  func request(for group: WatchTable.GroupID, start: Int64) -> WatchRequest? {
    guard let range = table.range(of: group) else { return nil }
    var create = WatchCreateRequest()
    create.key = range.keys.key.bytes
    create.rangeEnd = range.keys.end.bytes
    proxy.namespace.into(&create)
    create.startRevision = start
    create.progressNotify = true
    create.prevKv = true
    // Our own number for it, so that replies need no other table.
    create.watchID = group
    return WatchRequest(requestUnion: .createRequest(create))
  }

  private func note(_ header: ResponseHeader?) {
    guard let header else { return }
    let revision = max(header.revision, self.header.revision)
    self.header = header
    self.header.revision = revision
  }

  private func header(at revision: Int64) -> ResponseHeader {
    var header = header
    header.revision = revision
    return header
  }

  private func perform(
    _ effects: [WatchTable.Effect], reply: WatchResponse? = nil, delivery: WatchDelivery? = nil
  ) {
    for effect in effects {
      switch effect {
      case .open(let group, let start):
        guard let range = table.range(of: group) else { break }
        stream(range.requiresLeader).create(group, start: start)
      case .close(let group):
        for stream in streams { stream.cancel(group) }
      case .created(let id, let revision): owners[id]?.watchCreated(id, header(at: revision))
      case .refused(let id), .ended(let id):
        let owner = owners.removeValue(forKey: id)
        var wasAnnounced = false
        if case .ended = effect { wasAnnounced = true }
        owner?.watchEnded(id, reply ?? WatchResponse(), wasAnnounced: wasAnnounced)
      case .deliver(let id, let first):
        if let delivery { owners[id]?.watchDelivered(id, delivery, first: first) }
      case .progress(let id): owners[id]?.watchProgressed(id, header)
      }
    }
  }
}
