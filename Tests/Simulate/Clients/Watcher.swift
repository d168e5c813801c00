import Base
import Machine
import Wire

/// A client that watches: every change of its keys once, in order, however often it has to begin anew elsewhere.
final class Watcher {
  let number: Int
  private unowned let world: World
  private let key: Bytes
  private let end: Bytes
  private let wantsPuts: Bool
  private let wantsDeletes: Bool
  private let wantsPrevious: Bool
  private let fragments: Bool

  private var host = 0
  /// The stream under way, or 0.
  private var stream = 0
  private var inbox: [Bytes] = []
  private var inboxStart = 0
  private var lastArrival: Int64 = 0
  private var isSlow = false
  private var isPaused = false
  private var isCreated = false
  /// Everything below this revision has been delivered; nil before the first stream was created.
  private var next: Int64?
  /// The first change of the model that was not looked at.
  private var place = 0
  private(set) var events = 0
  private static let fullInbox = 12

  init(number: Int, world: World) {
    self.number = number
    self.world = world
    var dice = Dice(seed: world.seed &+ UInt64(number) &* 77)
    let isOne = dice.below(3) == 0
    key = isOne ? "k\(dice.below(world.plan.keys))".bytes : "k".bytes
    end = isOne ? [] : dice.below(2) == 0 ? "l".bytes : "k5".bytes
    let filter = dice.below(6)
    wantsPuts = filter != 0
    wantsDeletes = filter != 1
    wantsPrevious = dice.below(3) == 0
    fragments = dice.below(3) == 0
  }

  /// Opens a stream where there is none; otherwise now and then ends it, or becomes slow for a while.
  func act() {
    world.agenda.add(.watcher(number), at: world.now + Int64(300_000_000 + world.dice.below(1_500_000_000)))
    if stream != 0 {
      if world.isHealing {
        isSlow = false
        drain()
      } else if world.dice.below(20) == 0 {
        isSlow.toggle()
        if isSlow { world.count(.slowWatcher) } else { drain() }
      } else if world.dice.below(40) == 0 {
        world.count(.watchCancelled)
        leave()
      }
      if stream != 0, world.dice.below(10) == 0 { world.hosts[host].life?.requestProgress(stream) }
      return
    }
    guard
      let target = world.pick(world.hosts.filter { $0.isRunning && !world.network.isCutFromClients($0.place) }),
      let life = target.life
    else { return }
    host = target.place
    world.nextStream += 1
    stream = world.nextStream
    (inbox, inboxStart, isPaused, isCreated) = ([], 0, false, false)
    if let next { place = start(of: next) }
    var request = WatchCreateRequest(key: key, rangeEnd: end, startRevision: next ?? 0)
    request.prevKv = wantsPrevious
    request.progressNotify = true
    request.fragment = fragments
    if !wantsPuts { request.filters.append(.noput) }
    if !wantsDeletes { request.filters.append(.nodelete) }
    life.watch(request, line: WatchLine(watcher: number, number: stream))
  }

  private func leave() {
    world.hosts[host].life?.unwatch(stream)
    stream = 0
  }

  /// The member is gone, and with it what had not arrived.
  func broke(_ stream: Int) {
    guard self.stream == stream else { return }
    world.count(.watchBroken)
    self.stream = 0
  }

  // MARK: The stream

  var isFull: Bool { inbox.count - inboxStart >= Self.fullInbox }

  func post(_ bytes: Bytes, stream: Int) {
    guard self.stream == stream else { return }
    inbox.append(bytes)
    if isFull { isPaused = true }
    if !isSlow { schedule() }
  }

  private func schedule() {
    lastArrival = max(lastArrival + 1, world.now + Int64(50_000 + world.dice.below(1_500_000)))
    world.agenda.add(.watchBatch(watcher: number, stream: stream), at: lastArrival)
  }

  private func drain() {
    for _ in inboxStart..<max(inbox.count, inboxStart) { schedule() }
  }

  func receive(_ stream: Int) {
    guard self.stream == stream, inboxStart < inbox.count, !isSlow else { return }
    if world.network.isCutFromClients(host) {
      world.count(.watchBroken)
      return leave()
    }
    let bytes = inbox[inboxStart]
    inboxStart += 1
    if inboxStart == inbox.count { (inbox, inboxStart) = ([], 0) }
    guard let response = try? WatchResponse(decoding: bytes) else { finding("a watch response cannot be read") }
    take(response)
    if isPaused, inbox.count - inboxStart < Self.fullInbox / 2 {
      isPaused = false
      world.hosts[host].life?.setPaused(stream, false)
    }
  }

  private var who: String { "watcher \(number) at \(world.hosts[host].name)" }

  private func take(_ response: WatchResponse) {
    let revision = response.header?.revision ?? 0
    if response.created {
      expect(!response.canceled, "\(who) is refused: \(response.cancelReason)")
      expect(!isCreated, "\(who) is created twice")
      isCreated = true
      if next == nil {
        next = revision + 1
        place = start(of: revision + 1)
      }
      return
    }
    expect(isCreated, "\(who) hears of changes before it is created")
    if response.canceled || response.compactRevision != 0 { return compacted(response.compactRevision) }
    if response.events.isEmpty, !response.fragment { return progressed(to: revision) }
    for event in response.events { take(event) }
    if !response.fragment { endOfRevision() }
  }

  /// All changes of a revision come together, unless the response is cut and says so.
  private func endOfRevision() {
    guard let last = next else { return }
    let changes = world.truth.model.changes
    while place < changes.count, changes[place].main == last {
      expect(!wants(changes[place]), "\(who) hears of a part of revision \(last) only")
      place += 1
    }
    next = last + 1
  }

  private func start(of revision: Int64) -> Int {
    let starts = world.truth.model.starts
    return revision < starts.count ? starts[Int(revision)] : world.truth.model.changes.count
  }

  private func wants(_ change: Model.Change) -> Bool {
    (change.isDelete ? wantsDeletes : wantsPuts) && Model.holds(key, end, change.key)
  }

  private func take(_ event: KVEvent) {
    let changes = world.truth.model.changes
    while place < changes.count, !wants(changes[place]) { place += 1 }
    guard let pair = event.kv, place < changes.count else {
      finding("\(who) hears of a change that was not made: \(event)")
    }
    let change = changes[place]
    expect(
      change.pair == pair && change.isDelete == (event.type == .delete),
      "\(who) expects revision \(change.main).\(change.sub) \(change.pair), hears of \(pair.modRevision) \(pair)"
    )
    place += 1
    next = change.main
    events += 1
  }

  private func progressed(to revision: Int64) {
    let changes = world.truth.model.changes
    expect(
      revision <= world.truth.model.revision, "\(who) is told of progress to \(revision), which is not yet")
    while place < changes.count, changes[place].main <= revision {
      expect(
        !wants(changes[place]),
        "\(who) is told of progress to \(revision), and \(changes[place].main) is missing")
      place += 1
    }
    next = max(next ?? 0, revision + 1)
  }

  private func compacted(_ revision: Int64) {
    expect(
      revision > (next ?? .max) && revision <= world.truth.model.compacted,
      "\(who) at \(next ?? 0) is cancelled by the compaction of \(revision)")
    world.count(.watchCompacted)
    next = revision
    place = start(of: revision)
    leave()
  }

  /// Nothing is missing: everything that it wants has arrived.
  var isComplete: Bool {
    let changes = world.truth.model.changes
    guard next != nil else { return false }
    while place < changes.count, !wants(changes[place]) { place += 1 }
    return place >= changes.count
  }
}

extension World {
  func tell(_ line: WatchLine, _ bytes: Bytes) { watchers[line.watcher].post(bytes, stream: line.number) }
  func isFull(_ line: WatchLine) -> Bool { watchers[line.watcher].isFull }
}
