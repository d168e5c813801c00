import Base
import Testing

@testable import Machine

/// The past as a plain list.
final class ListedHistory: ChangeHistory {
  var changes: [Change] = []
  var scannedRows = 0
  var compacted: Int64 = 0

  func scan(from: Int64, through: Int64, _ visit: (Change) -> Bool) {
    // Rows come in order of revision: find the first by halving.
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].revision.main < from { low = middle + 1 } else { high = middle }
    }
    for change in changes[low...] where change.revision.main >= compacted {
      if change.revision.main > through { return }
      scannedRows += 1
      if !visit(change) { return }
    }
  }
}

/// A hub, its history and what every watcher received.
struct WatchWorld {
  let hub: WatchHub
  let history = ListedHistory()
  var output = WatchOutput()
  var received: [String: [Revision]] = [:]
  var cancelledAt: [String: Int64] = [:]
  var progress: [(stream: Int, id: Int64, revision: Int64)] = []

  init(seed: UInt64 = 1, interval: TimeSpan = .seconds(600)) {
    hub = WatchHub(revision: 1, compactedRevision: 0, seed: seed, progressInterval: interval)
  }

  static func name(_ stream: StreamID, _ id: Int64) -> String { "\(stream.index)/\(id)" }

  mutating func write(_ keys: [(String, isDelete: Bool)], publish: Bool = true) {
    let main = (history.changes.last?.revision.main ?? 1) + 1
    let changes = keys.enumerated().map { sub, change in
      Change(
        revision: Revision(main: main, sub: Int64(sub)), isDelete: change.isDelete, isCreate: false,
        key: change.0.bytes, record: change.0.bytes)
    }
    history.changes += changes
    if publish {
      hub.publish(changes, into: &output)
      take()
    }
  }

  mutating func put(_ keys: String...) { write(keys.map { ($0, false) }) }

  mutating func catchUp() {
    hub.catchUp(from: history, into: &output)
    take()
  }

  mutating func catchUpFully() {
    while hub.hasCatchingUp { catchUp() }
  }

  mutating func take() {
    for delivery in output.deliveries {
      let name = WatchWorld.name(delivery.stream, delivery.watchID)
      switch delivery.kind {
      case .events:
        let changes = output.changes(of: delivery)
        #expect(!changes.isEmpty)
        #expect(delivery.revision >= changes.last?.revision.main ?? 0)
        if let last = received[name]?.last, let first = changes.first {
          #expect(last.main < first.revision.main, "a revision is never split over responses")
        }
        received[name, default: []] += changes.map(\.revision)
      case .progress: progress.append((delivery.stream.index, delivery.watchID, delivery.revision))
      case .compacted(let revision):
        #expect(cancelledAt[name] == nil)
        cancelledAt[name] = revision
      }
    }
    output.removeAll()
  }
}

private struct ModelWatcher {
  var stream: StreamID
  var id: Int64
  var name: String
  var key: String
  var end: String
  var start: Int64
  var options: WatchOptions

  func wants(_ change: Change) -> Bool {
    guard change.revision.main >= start, !options.contains(change.isDelete ? .noDeletes : .noPuts) else {
      return false
    }
    if end.isEmpty { return change.key == key.bytes }
    let isAfterStart = compareBytes(change.key, key.bytes) >= 0
    return isAfterStart && (end == "\0" || compareBytes(change.key, end.bytes) < 0)
  }
}

/// Random traffic against the hub, checked against lists.
private struct ModelRun {
  var world: WatchWorld
  var dice: Dice
  var streams: [StreamID] = []
  var watchers: [ModelWatcher] = []
  var paused: Set<Int> = []
  var generation: [Int: Int] = [:]

  init(seed: UInt64) {
    world = WatchWorld(seed: seed)
    dice = Dice(seed: seed &* 77)
    world.hub.sliceRows = 1 + dice.below(7)
    world.hub.sliceEvents = 1 + dice.below(20)
    world.hub.batchSize = 1 + dice.below(6)
    world.hub.removalsAtOnce = 1 + Int(seed % 3)
    for _ in 0..<3 { streams.append(world.hub.openStream(now: Instant(nanoseconds: 0))) }
  }

  mutating func key() -> String {
    let letters = ["a", "b", "aa", "ab", "b\u{1}", "c", "ba", "abc"]
    return letters[dice.below(letters.count)]
  }

  mutating func step() {
    switch dice.below(14) {
    case 0...1: create()
    case 2: cancel()
    case 3...6: write(published: true)
    case 7...9: world.catchUp()
    case 10...11: pauseOrResume()
    case 12: if dice.below(6) == 0 { compact() }
    default: if dice.below(8) == 0 { reopen() } else if dice.below(6) == 0 { restore() }
    }
  }

  mutating func create() {
    let stream = streams[dice.below(streams.count)]
    let key = key()
    let end = dice.below(3) == 0 ? "" : (dice.below(3) == 0 ? "\0" : self.key())
    let now = world.hub.revision
    let start = dice.below(2) == 0 ? 0 : max(1, now - 8 + Int64(dice.below(14)))
    let options: WatchOptions = [[], [], .noPuts, .noDeletes][dice.below(4)]
    do {
      let id = try world.hub.create(
        on: stream, key: key.bytes, rangeEnd: end.bytes, startRevision: start, options: options)
      let name = WatchWorld.name(stream, id)
      #expect(world.received[name] == nil)
      watchers.append(
        ModelWatcher(
          stream: stream, id: id, name: name, key: key, end: end, start: start == 0 ? now + 1 : start,
          options: options))
    } catch {
      #expect(error == .emptyRange && end != "\0" && key >= end)
    }
  }

  mutating func cancel() {
    guard !watchers.isEmpty else { return }
    let watcher = watchers.remove(at: dice.below(watchers.count))
    let wasLive = world.cancelledAt[watcher.name] == nil
    #expect(world.hub.cancel(watcher.id, on: watcher.stream) == wasLive)
    check(watcher, isComplete: false)
  }

  mutating func write(published: Bool) {
    var keys: [(String, isDelete: Bool)] = []
    for _ in 0...dice.below(4) {
      let key = key()
      if !keys.contains(where: { $0.0 == key }) { keys.append((key, dice.below(3) == 0)) }
    }
    world.write(keys, publish: published)
  }

  mutating func pauseOrResume() {
    let stream = streams[dice.below(streams.count)]
    let isPaused = !paused.contains(stream.index)
    if isPaused { paused.insert(stream.index) } else { paused.remove(stream.index) }
    world.hub.setPaused(stream, isPaused)
  }

  mutating func compact() {
    let revision = max(1, world.hub.revision - Int64(dice.below(6)))
    world.history.compacted = max(world.history.compacted, revision)
    world.hub.compacted(to: revision)
  }

  mutating func reopen() {
    let place = dice.below(streams.count)
    let old = streams[place]
    for watcher in watchers where watcher.stream == old { check(watcher, isComplete: false) }
    watchers.removeAll { $0.stream == old }
    world.hub.closeStream(old)
    paused.remove(old.index)
    streams[place] = world.hub.openStream(now: Instant(nanoseconds: 0))
    // The slot is used again: what the old stream received is forgotten.
    for name in Array(world.received.keys) where name.hasPrefix("\(old.index)/") { world.received[name] = nil }
    for name in Array(world.cancelledAt.keys) where name.hasPrefix("\(old.index)/") {
      world.cancelledAt[name] = nil
    }
  }

  mutating func restore() {
    for _ in 0..<dice.below(4) { write(published: false) }
    let now = world.history.changes.last?.revision.main ?? 1
    world.hub.restored(revision: max(1, now), compactedRevision: world.history.compacted)
  }

  func check(_ watcher: ModelWatcher, isComplete: Bool) {
    let expected = world.history.changes.filter(watcher.wants).map(\.revision)
    let received = world.received[watcher.name] ?? []
    if isComplete && world.cancelledAt[watcher.name] == nil {
      #expect(received == expected, "watcher \(watcher)")
    } else {
      #expect(Array(expected.prefix(received.count)) == received, "watcher \(watcher)")
    }
  }

  mutating func finish() {
    for stream in streams { world.hub.setPaused(stream, false) }
    world.catchUpFully()
    for watcher in watchers { check(watcher, isComplete: true) }
    #expect(world.hub.counters.slowWatchers == 0)
    let live = watchers.filter { world.cancelledAt[$0.name] == nil }.count
    #expect(world.hub.counters.watchers == live)
    for stream in streams { world.hub.closeStream(stream) }
    world.catchUpFully()
    #expect(world.hub.counters.watchers == 0 && world.hub.counters.streams == 0)
    let isEmpty = world.hub.index.isEmpty
    #expect(isEmpty)
  }
}

@Suite struct WatchModelTests {
  @Test(arguments: 1...60)
  func everyWatcherGetsItsEventsOnceInOrderThroughPausesCompactionsAndRestores(seed: Int) {
    var run = ModelRun(seed: UInt64(seed))
    for _ in 0..<400 { run.step() }
    run.finish()
  }

  @Test func theIndexAnswersAsAListDoes() {
    var dice = Dice(seed: 5)
    var index = WatchIndex(seed: 9)
    var model: [Int32: (key: Bytes, end: Bytes?, isOnward: Bool, entry: Int32)] = [:]
    func key(_ dice: inout Dice) -> Bytes { (0...dice.below(3)).map { _ in UInt8(97 + dice.below(3)) } }
    for round in 0..<1_500 {
      if dice.below(3) > 0 || model.isEmpty {
        let start = key(&dice)
        let end = key(&dice)
        let kind = dice.below(3)
        if kind == 1 && compareBytes(start, end) >= 0 { continue }
        let entry = index.insert(
          watcher: Int32(round), key: start, extent: kind == 0 ? .key : kind == 1 ? .to(end) : .onward)
        model[Int32(round)] = (start, kind == 1 ? end : nil, kind == 2, entry)
      } else if let victim = model.keys.sorted().dropFirst(dice.below(model.count)).first {
        if let entry = model.removeValue(forKey: victim)?.entry { index.remove(entry: entry) }
      }
      let probe = key(&dice)
      var found: [Int32] = []
      probe.withUnsafeBytes { index.match($0, into: &found) }
      let expected = model.filter { _, range in
        if let end = range.end { return compareBytes(range.key, probe) <= 0 && compareBytes(probe, end) < 0 }
        return range.isOnward ? compareBytes(range.key, probe) <= 0 : range.key == probe
      }
      #expect(found.sorted() == expected.keys.sorted())
    }
    for watcher in model.values { index.remove(entry: watcher.entry) }
    let isEmpty = index.isEmpty
    #expect(isEmpty)
  }
}
