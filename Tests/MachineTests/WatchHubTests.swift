import Base
import Testing

@testable import Machine

@Suite struct WatchHubTests {
  private let start = Instant(nanoseconds: 0)

  @Test func watchIDsCountFromZeroAndRequestedOnesAreHonoured() throws {
    let world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    func create(_ id: Int64 = 0) throws -> Int64 {
      try world.hub.create(on: stream, key: [97], rangeEnd: [], startRevision: 0, requestedID: id)
    }
    #expect(try create() == 0)
    #expect(try create(1) == 1)
    #expect(try create() == 2)
    #expect(throws: WatchRefusal.duplicateID) { try create(1) }
    #expect(WatchRefusal.duplicateID.reason == "mvcc: duplicate watch ID provided on the WatchStream")
    #expect(world.hub.cancel(1, on: stream))
    #expect(!world.hub.cancel(1, on: stream))
    #expect(try create(1) == 1)
  }

  @Test func aStreamOfManyWatchersClosesInSlicesAndHearsNothingMore() throws {
    var world = WatchWorld()
    world.hub.removalsAtOnce = 4
    let crowded = world.hub.openStream(now: start)
    for n in 0..<10 {
      _ = try world.hub.create(
        on: crowded, key: "a".bytes, rangeEnd: [], startRevision: n < 5 ? 1 : 0, options: .progressNotify)
    }
    world.hub.requestProgress(on: crowded, into: &world.output)
    world.hub.closeStream(crowded)
    #expect(world.hub.counters.streams == 0 && world.hub.counters.watchers == 6 && world.hub.hasCatchingUp)
    // Its number is not free yet; neither changes, compactions nor time reach what is left of it.
    let other = world.hub.openStream(now: start)
    #expect(other.index != crowded.index)
    world.put("a")
    world.put("a")
    world.hub.compacted(to: world.hub.revision)
    world.hub.tick(now: start + .seconds(10_000), into: &world.output)
    world.hub.catchUp(from: world.history, into: &world.output)
    #expect(world.hub.counters.watchers == 2)
    world.catchUpFully()
    #expect(
      world.hub.counters.watchers == 0 && world.hub.counters.slowWatchers == 0 && !world.hub.hasCatchingUp)
    #expect(world.received.isEmpty && world.progress.isEmpty && world.cancelledAt.isEmpty)
    #expect(world.hub.openStream(now: start).index == crowded.index)
  }

  @Test func emptyAndReversedRangesAreRefused() {
    let world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    for end in ["a", "b"] {
      #expect(throws: WatchRefusal.emptyRange) {
        try world.hub.create(on: stream, key: "b".bytes, rangeEnd: end.bytes, startRevision: 0)
      }
    }
    #expect(WatchRefusal.emptyRange.reason == "mvcc: watcher range is empty")
    #expect(throws: WatchRefusal.negativeStart) {
      try world.hub.create(on: stream, key: "b".bytes, rangeEnd: [], startRevision: -1)
    }
    #expect(world.hub.counters.watchers == 0)
  }

  @Test func anEmptyKeyWithZeroEndWatchesEverything() throws {
    var world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: [], rangeEnd: [0], startRevision: 0)
    world.put("a", "\0", "zz")
    #expect(world.received["0/0"]?.map(\.sub) == [0, 1, 2])
  }

  @Test func aChangeForManyWatchersIsToldToTheFirstAtOnceAndToAllOnce() throws {
    var world = WatchWorld()
    world.hub.fanOut = 3
    let stream = world.hub.openStream(now: start)
    for _ in 0..<10 {
      _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: "c".bytes, startRevision: 0)
    }
    world.put("a", "b")
    #expect(world.received.count == 3 && world.hub.counters.slowWatchers == 7)
    world.put("a")
    world.catchUpFully()
    world.put("b")
    world.catchUpFully()
    #expect(world.received.count == 10 && world.hub.counters.slowWatchers == 0)
    for revisions in world.received.values { #expect(revisions.map(\.main) == [2, 2, 3, 4]) }
  }

  @Test func aWatchInThePastReplaysHistoryAndGoesOnWithoutGap() throws {
    var world = WatchWorld()
    for _ in 0..<5 { world.put("a") }
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 3)
    #expect(world.hub.counters.slowWatchers == 1)
    world.put("a")
    #expect(world.received["0/0"] == nil)
    world.catchUpFully()
    world.put("a")
    #expect(world.received["0/0"]?.map(\.main) == [3, 4, 5, 6, 7, 8])
    #expect(world.hub.counters.slowWatchers == 0)
    #expect(world.hub.counters.events == 6 && world.hub.counters.pendingEvents == 6)
  }

  @Test func aWatchOfTheFutureSeesNothingEarlierNotEvenAfterARestore() throws {
    var world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 6)
    world.put("a")
    world.write([("a", false)], publish: false)
    world.write([("a", false)], publish: false)
    world.hub.restored(revision: 4, compactedRevision: 0)
    world.catchUpFully()
    for _ in 0..<3 { world.put("a") }
    #expect(world.received["0/0"]?.map(\.main) == [6, 7])
  }

  @Test func afterARestoreASyncedWatcherGetsWhatItMissedAndNothingTwice() throws {
    var world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 0)
    world.put("a")
    world.write([("a", false)], publish: false)
    world.write([("b", false)], publish: false)
    world.hub.restored(revision: 4, compactedRevision: 1)
    world.catchUpFully()
    world.put("a")
    #expect(world.received["0/0"]?.map(\.main) == [2, 3, 5])
  }

  @Test func aCompactedStartIsCancelledWithTheCompactRevisionAndRevisionZero() throws {
    var world = WatchWorld()
    for _ in 0..<5 { world.put("a") }
    world.hub.compacted(to: 4)
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 3)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 4)
    world.hub.catchUp(from: world.history, into: &world.output)
    #expect(world.output.deliveries.first?.kind == .compacted(4))
    #expect(world.output.deliveries.first?.revision == 0)
    world.take()
    #expect(world.cancelledAt == ["0/0": 4])
    #expect(world.received["0/1"]?.map(\.main) == [4, 5, 6])
    #expect(!world.hub.cancel(0, on: stream))
  }

  @Test func aCompactionOvertakingAWatcherThatIsBehindCancelsIt() throws {
    var world = WatchWorld()
    world.hub.sliceRows = 2
    for _ in 0..<10 { world.put("a") }
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 2)
    world.catchUp()
    world.hub.compacted(to: 8)
    world.history.compacted = 8
    world.catchUpFully()
    #expect(world.received["0/0"]?.map(\.main) == [2, 3])
    #expect(world.cancelledAt["0/0"] == 8)
  }

  @Test func allChangesOfARevisionComeTogetherEvenInSmallSlices() throws {
    var world = WatchWorld()
    world.hub.sliceRows = 1
    for _ in 0..<3 { world.put("a", "b", "c") }
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: [], rangeEnd: [0], startRevision: 2)
    world.hub.catchUp(from: world.history, into: &world.output)
    #expect(world.output.deliveries.count == 1)
    #expect(world.output.deliveries[0].picks.count == 3)
    #expect(world.output.deliveries[0].revision == 4)
    world.take()
    world.catchUpFully()
    #expect(world.received["0/0"]?.count == 9)
  }

  @Test func filtersHoldBackPutsOrDeletes() throws {
    var world = WatchWorld()
    let stream = world.hub.openStream(now: start)
    for options in [WatchOptions.noPuts, .noDeletes, [.noPuts, .noDeletes]] {
      _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 0, options: options)
    }
    world.write([("a", isDelete: false)])
    world.write([("a", isDelete: true)])
    #expect(world.received["0/0"]?.map(\.main) == [3])
    #expect(world.received["0/1"]?.map(\.main) == [2])
    #expect(world.received["0/2"] == nil)
  }

  @Test func aFullStreamIsNotQueuedForAndHoldsUpNobodyElse() throws {
    var world = WatchWorld()
    let slow = world.hub.openStream(now: start)
    let quick = world.hub.openStream(now: start)
    for stream in [slow, quick] {
      _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 0)
    }
    world.hub.setPaused(slow, true)
    for _ in 0..<4 { world.put("a") }
    #expect(world.received["0/0"] == nil)
    #expect(world.received["1/0"]?.count == 4)
    #expect(!world.hub.hasCatchingUp, "a paused stream asks for no work")
    world.hub.setPaused(slow, false)
    world.catchUpFully()
    #expect(world.received["0/0"]?.map(\.main) == [2, 3, 4, 5])
  }

  @Test func aStreamThatFillsInTheMiddleOfAReplayStopsThere() throws {
    var world = WatchWorld()
    world.hub.sliceRows = 2
    for _ in 0..<6 { world.put("a") }
    let stream = world.hub.openStream(now: start)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 2)
    world.catchUp()
    world.hub.setPaused(stream, true)
    world.catchUpFully()
    #expect(world.received["0/0"]?.map(\.main) == [2, 3])
    world.hub.setPaused(stream, false)
    world.catchUpFully()
    #expect(world.received["0/0"]?.map(\.main) == [2, 3, 4, 5, 6, 7])
  }

  @Test func manyWatchersBehindAreServedByOneScan() throws {
    var world = WatchWorld()
    for _ in 0..<100 { world.put("a") }
    let stream = world.hub.openStream(now: start)
    for _ in 0..<300 {
      _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 2)
    }
    world.hub.sliceEvents = .max
    world.catchUpFully()
    #expect(world.history.scannedRows == 100)
    #expect(world.received.values.allSatisfy { $0.count == 100 })
  }

  @Test func aProgressRequestWaitsForWatchersThatAreBehind() throws {
    var world = WatchWorld()
    for _ in 0..<3 { world.put("a") }
    let stream = world.hub.openStream(now: start)
    world.hub.requestProgress(on: stream, into: &world.output)
    world.take()
    #expect(world.progress.map(\.id) == [-1])
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 2)
    world.hub.requestProgress(on: stream, into: &world.output)
    world.take()
    #expect(world.progress.count == 1)
    world.hub.catchUp(from: world.history, into: &world.output)
    #expect(world.output.deliveries.map(\.kind) == [.events, .progress])
    world.take()
    #expect(world.progress.last?.revision == 4)
    _ = try world.hub.create(on: stream, key: "a".bytes, rangeEnd: [], startRevision: 40)
    world.hub.requestProgress(on: stream, into: &world.output)
    #expect(world.output.isEmpty, "no progress speaks for a watcher of the future")
  }

  @Test func progressIsReportedToQuietSyncedWatchersOncePerInterval() throws {
    var world = WatchWorld(interval: .seconds(10))
    let stream = world.hub.openStream(now: start)
    for options in [WatchOptions.progressNotify, [], .progressNotify] {
      let key = world.hub.watcherCount(of: stream) == 2 ? "busy" : "idle"
      _ = try world.hub.create(on: stream, key: key.bytes, rangeEnd: [], startRevision: 0, options: options)
    }
    world.put("busy")
    func tick(_ seconds: Int64) {
      world.hub.tick(now: start + .seconds(seconds), into: &world.output)
      world.take()
    }
    tick(9)
    #expect(world.progress.isEmpty)
    tick(11)
    #expect(world.progress.map(\.id) == [0] && world.progress[0].revision == 2)
    tick(12)
    #expect(world.progress.count == 1)
    tick(22)
    #expect(world.progress.map(\.id).sorted() == [0, 0, 2])
  }
}
