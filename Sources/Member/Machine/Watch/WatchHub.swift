import Base

/// Who watches what, and how far each watcher has come.
///
/// Every watcher sees each matching change once, in order, all changes of a revision together. It is either *synced*
/// (told by `publish` as changes happen) or *behind*: its next revision lies in the past and `catchUp` serves it from
/// history, many watchers with one scan. A watcher whose stream has too much unsent output is not queued for: it falls
/// behind at that revision and catches up when the stream drains. That one state replaces the unsynced and victim
/// watchers of etcd 3.4, mvcc/watchable_store.go, and bounds what a slow reader can hold.
///
/// A watcher costs about 200 bytes with a key of 32. Owned by the loop thread.
package final class WatchHub {
  enum State: UInt8 {
    case synced
    /// Behind, in the queue for the next batch.
    case ready
    /// Behind, member of the batch that is being served.
    case batched
    /// Behind, waiting in its stream's list until the stream drains.
    case parked
  }

  struct Watcher {
    var watchID: Int64
    /// The first revision this watcher has not been told of; changes below it are never delivered.
    var nextRevision: Int64
    var stream: Int32
    /// Its place in the index; -1 marks a free slot.
    var entry: Int32
    // Links of the list its state names (queue or parked); `next` also links free slots.
    var previous: Int32
    var next: Int32
    /// Number of its delivery while one call sorts matches; -1 otherwise.
    var mark: Int32
    var state: State
    var options: WatchOptions
    /// Nothing was sent since the last progress interval.
    var isQuiet: Bool
  }

  struct List {
    var first: Int32 = -1
    var last: Int32 = -1
  }

  struct Stream {
    var watchers: [Int64: Int32] = [:]
    var nextID: Int64 = 0
    var isPaused = false
    /// Its client has gone and its watchers are being removed; paused until the end, so that nothing is delivered.
    var isClosing = false
    /// A progress request waits until all watchers are synced.
    var owesProgress = false
    var behind = 0
    var progressWatchers = 0
    var progressDue: Instant
    var parked = List()
  }

  /// A stream that is closing, and its watchers that are still there.
  struct Closing {
    let stream: Int
    var rest: Dictionary<Int64, Int32>.Values.Iterator
  }

  /// The match of one watcher with one change of the output.
  struct Match {
    var watcher: Int32
    var change: Int32
  }

  var streams = Slab<Stream>()
  var watchers: [Watcher] = []
  private var freeWatcher: Int32 = -1
  var index: WatchIndex
  var queue = List()
  /// Bounded by the streams.
  var closing: [Closing] = []
  var batch: WatchBatch?
  var matches: [Match] = []
  var hits: [Int32] = []
  /// Streams whose last watcher caught up while they owe a progress reply.
  var settled: [Int] = []
  var dice: Dice
  /// The bounds of one slice, here so that tests can make them small.
  var sliceRows = Limits.watchSliceRows
  var sliceEvents = Limits.watchSliceEvents
  var batchSize = Limits.watchBatch
  var fanOut = Limits.watchFanOut
  var removalsAtOnce = Limits.watchersRemovedAtOnce
  let progressInterval: TimeSpan
  var earliestProgress = Instant(nanoseconds: .max)
  package internal(set) var counters = WatchCounters()

  /// The last revision given to `publish`: what "now" means to watchers.
  package internal(set) var revision: Int64
  /// Changes below this are gone; watchers that still need them are cancelled.
  package internal(set) var compactedRevision: Int64

  /// `seed` keys the hash of the index and spreads progress reports; `progressInterval` is
  /// `--experimental-watch-progress-notify-interval`, 10 minutes in 3.4.
  package init(
    revision: Int64, compactedRevision: Int64, seed: UInt64, progressInterval: TimeSpan = .seconds(600)
  ) {
    self.revision = revision
    self.compactedRevision = compactedRevision
    self.progressInterval = progressInterval
    dice = Dice(seed: seed)
    index = WatchIndex(seed: dice.next())
  }

  // MARK: Streams

  package func openStream(now: Instant) -> StreamID {
    counters.streams += 1
    return StreamID(streams.insert(Stream(progressDue: nextProgress(after: now))))
  }

  /// Ends the stream. Nothing is delivered to its watchers any more; very many of them go over several calls of `catchUp`,
  /// and the stream's number is not given out again before.
  package func closeStream(_ stream: StreamID) {
    counters.streams -= 1
    streams[stream.index].isPaused = true
    streams[stream.index].isClosing = true
    streams[stream.index].owesProgress = false
    closing.append(Closing(stream: stream.index, rest: streams[stream.index].watchers.values.makeIterator()))
    streams[stream.index].watchers = [:]
    removeOfClosing()
  }

  /// Removes some watchers of streams that are closing.
  func removeOfClosing() {
    var left = removalsAtOnce
    while let last = closing.indices.last {
      while let watcher = closing[last].rest.next() {
        remove(watcher)
        left -= 1
        if left == 0 { return }
      }
      streams.remove(at: closing.removeLast().stream)
    }
  }

  /// Tells whether the stream's unsent output is over its bound. While it is, its watchers fall behind instead of
  /// being delivered to; once it is not, they catch up.
  package func setPaused(_ stream: StreamID, _ isPaused: Bool) {
    guard streams[stream.index].isPaused != isPaused else { return }
    streams[stream.index].isPaused = isPaused
    if isPaused { return }
    while streams[stream.index].parked.first >= 0 {
      let watcher = streams[stream.index].parked.first
      unlink(watcher, from: &streams[stream.index].parked)
      enqueue(watcher)
    }
  }

  /// Revisions that the slowest watcher has still to be told of. Among very many watchers a part is looked at, evenly spread.
  package var lag: Int64 {
    guard counters.slowWatchers > 0 else { return 0 }
    var slowest = revision + 1
    for slot in stride(from: 0, to: watchers.count, by: watchers.count / Limits.watchersLookedAt + 1)
    where watchers[slot].entry >= 0 && watchers[slot].state != .synced {
      slowest = min(slowest, watchers[slot].nextRevision)
    }
    return revision + 1 - slowest
  }

  /// How many watchers the stream holds.
  package func watcherCount(of stream: StreamID) -> Int { streams[stream.index].watchers.count }

  // MARK: Watchers

  /// Creates a watcher and answers its id; the created message must be sent before anything else for it.
  ///
  /// `key`, `rangeEnd` and `startRevision` are those of the request: an empty key means the smallest one, an empty end
  /// a single key, an end of one zero byte everything from the key on; revision 0 means from now. `requestedID` 0 asks
  /// for a free id. As etcd 3.4: api/v3rpc/watch.go and mvcc/watcher.go.
  package func create(
    on stream: StreamID, key: Bytes, rangeEnd: Bytes, startRevision: Int64, options: WatchOptions = [],
    requestedID: Int64 = 0
  ) throws(WatchRefusal) -> Int64 {
    let key = key.isEmpty ? [0] : key
    let extent: WatchIndex.Extent
    if rangeEnd.isEmpty {
      extent = .key
    } else if rangeEnd == [0] {
      extent = .onward
    } else {
      guard compareBytes(key, rangeEnd) < 0 else { throw .emptyRange }
      extent = .to(rangeEnd)
    }
    guard startRevision >= 0 else { throw .negativeStart }
    let id = try chooseID(on: stream, requested: requestedID)
    let watcher = newSlot()
    let isBehind = startRevision != 0 && startRevision <= revision
    watchers[Int(watcher)] = Watcher(
      watchID: id, nextRevision: startRevision == 0 ? revision + 1 : startRevision,
      stream: Int32(stream.index), entry: index.insert(watcher: watcher, key: key, extent: extent),
      previous: -1, next: -1, mark: -1, state: .synced, options: options, isQuiet: true)
    streams[stream.index].watchers[id] = watcher
    counters.watchers += 1
    if options.contains(.progressNotify) {
      streams[stream.index].progressWatchers += 1
      earliestProgress = min(earliestProgress, streams[stream.index].progressDue)
    }
    if isBehind { fallBehind(watcher, at: startRevision) }
    return id
  }

  /// False where the stream has no such watcher: then nothing is answered.
  package func cancel(_ watchID: Int64, on stream: StreamID) -> Bool {
    guard let watcher = streams[stream.index].watchers[watchID] else { return false }
    remove(watcher)
    return true
  }

  private func chooseID(on stream: StreamID, requested: Int64) throws(WatchRefusal) -> Int64 {
    if requested != 0 {
      guard streams[stream.index].watchers[requested] == nil else { throw .duplicateID }
      return requested
    }
    var id = streams[stream.index].nextID
    while streams[stream.index].watchers[id] != nil { id += 1 }
    streams[stream.index].nextID = id + 1
    return id
  }

  private func newSlot() -> Int32 {
    if freeWatcher >= 0 {
      let slot = freeWatcher
      freeWatcher = watchers[Int(slot)].next
      return slot
    }
    watchers.append(
      Watcher(
        watchID: 0, nextRevision: 0, stream: -1, entry: -1, previous: -1, next: -1, mark: -1, state: .synced,
        options: [], isQuiet: true))
    return Int32(watchers.count - 1)
  }

  func remove(_ watcher: Int32) {
    let old = watchers[Int(watcher)]
    leaveList(watcher)
    if old.state != .synced { countCaughtUp(watcher) }
    streams[Int(old.stream)].watchers[old.watchID] = nil
    if old.options.contains(.progressNotify) { streams[Int(old.stream)].progressWatchers -= 1 }
    index.remove(entry: old.entry)
    watchers[Int(watcher)].entry = -1
    watchers[Int(watcher)].state = .synced
    watchers[Int(watcher)].next = freeWatcher
    freeWatcher = watcher
    counters.watchers -= 1
  }

  // MARK: Falling behind and catching up

  /// A synced watcher misses `revision`: from now on history serves it.
  func fallBehind(_ watcher: Int32, at revision: Int64) {
    let stream = Int(watchers[Int(watcher)].stream)
    watchers[Int(watcher)].nextRevision = max(revision, watchers[Int(watcher)].nextRevision)
    streams[stream].behind += 1
    counters.slowWatchers += 1
    if streams[stream].isPaused { park(watcher) } else { enqueue(watcher) }
  }

  /// Bookkeeping of a watcher that is no longer behind.
  func countCaughtUp(_ watcher: Int32) {
    let stream = Int(watchers[Int(watcher)].stream)
    streams[stream].behind -= 1
    counters.slowWatchers -= 1
    if streams[stream].behind == 0, streams[stream].owesProgress { settled.append(stream) }
  }

  func enqueue(_ watcher: Int32) {
    watchers[Int(watcher)].state = .ready
    link(watcher, to: &queue)
  }

  func park(_ watcher: Int32) {
    watchers[Int(watcher)].state = .parked
    link(watcher, to: &streams[Int(watchers[Int(watcher)].stream)].parked)
  }

  private func leaveList(_ watcher: Int32) {
    switch watchers[Int(watcher)].state {
    case .ready: unlink(watcher, from: &queue)
    case .parked: unlink(watcher, from: &streams[Int(watchers[Int(watcher)].stream)].parked)
    case .synced, .batched: break
    }
  }

  private func link(_ watcher: Int32, to list: inout List) {
    watchers[Int(watcher)].previous = list.last
    watchers[Int(watcher)].next = -1
    if list.last >= 0 { watchers[Int(list.last)].next = watcher } else { list.first = watcher }
    list.last = watcher
  }

  func unlink(_ watcher: Int32, from list: inout List) {
    let old = watchers[Int(watcher)]
    if old.previous >= 0 { watchers[Int(old.previous)].next = old.next } else { list.first = old.next }
    if old.next >= 0 { watchers[Int(old.next)].previous = old.previous } else { list.last = old.previous }
  }
}
