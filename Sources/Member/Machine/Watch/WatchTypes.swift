import Base

/// A client's watch stream: an index into the hub's streams, reused after the stream is closed.
package struct StreamID: Hashable, Sendable {
  package var index: Int
  package init(_ index: Int) { self.index = index }
}

/// What a watcher asks for beyond its keys. As etcd 3.4: etcdserverpb.WatchCreateRequest.
package struct WatchOptions: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Filter NOPUT.
  package static let noPuts = WatchOptions(rawValue: 1)
  /// Filter NODELETE.
  package static let noDeletes = WatchOptions(rawValue: 2)
  /// The pair before the change is wanted too.
  package static let previousPair = WatchOptions(rawValue: 4)
  /// An empty response is wanted when nothing happened for the progress interval.
  package static let progressNotify = WatchOptions(rawValue: 8)
  /// Large responses may be cut.
  package static let fragment = WatchOptions(rawValue: 16)
}

/// Why a watcher is not created; the reply then carries watch id -1, created, canceled and this text.
package enum WatchRefusal: Error, Sendable, Equatable {
  case emptyRange
  case duplicateID
  /// A negative start revision. As etcd 3.4.38: refused like a compacted one.
  case negativeStart

  package var reason: String {
    switch self {
    case .emptyRange: "mvcc: watcher range is empty"
    case .duplicateID: "mvcc: duplicate watch ID provided on the WatchStream"
    case .negativeStart: "etcdserver: mvcc: required revision has been compacted"
    }
  }
}

/// One response for one watcher, to be encoded and sent in the order given.
package struct WatchDelivery: Sendable {
  package enum Kind: Sendable, Equatable {
    /// The changes at `WatchOutput.picks[picks]`, in order of revision.
    case events
    /// No events; everything up to `revision` has been delivered. Watch id -1 stands for all of the stream.
    case progress
    /// The watcher is gone: its position was compacted away. The header's revision is 0.
    case compacted(Int64)
  }
  package var stream: StreamID
  package var watchID: Int64
  /// For the response header.
  package var revision: Int64
  package var kind: Kind
  package var options: WatchOptions
  /// Which of the output's `picks` belong to this response.
  package var picks: Range<Int>
}

/// What the hub wants sent, collected over one or more calls; the caller empties it after encoding.
package struct WatchOutput: Sendable {
  /// Every change that some delivery refers to, once.
  package var changes: [Change] = []
  /// Indices into `changes`; deliveries refer to runs of it, which several may share.
  package var picks: [Int32] = []
  package var deliveries: [WatchDelivery] = []
  package init() {}

  package var isEmpty: Bool { deliveries.isEmpty }

  package mutating func removeAll() {
    changes.removeAll(keepingCapacity: true)
    picks.removeAll(keepingCapacity: true)
    deliveries.removeAll(keepingCapacity: true)
  }

  /// The changes of one delivery.
  package func changes(of delivery: WatchDelivery) -> [Change] {
    picks[delivery.picks].map { changes[Int($0)] }
  }
}

/// The store's past, as far as it is not compacted; what watchers that are behind are served from.
package protocol ChangeHistory {
  /// Visits every change with `from <= revision.main <= through` in order until `visit` answers false.
  func scan(from: Int64, through: Int64, _ visit: (Change) -> Bool)
}

/// Figures for metrics and logs.
package struct WatchCounters: Sendable, Equatable {
  package var streams = 0
  package var watchers = 0
  /// Watchers that are behind the store (`etcd_debugging_mvcc_slow_watcher_total`).
  package var slowWatchers = 0
  /// Events handed out so far, each watcher counted (`etcd_debugging_mvcc_events_total`).
  package var events: UInt64 = 0
  /// Events handed out and not reported as sent (`etcd_debugging_mvcc_pending_events_total`).
  package var pendingEvents = 0
}
