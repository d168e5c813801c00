import Base
import Event
import Machine
import Wire

/// The lines of all contested prefixes, kept in step with the store.
///
/// A line is opened by the first call that has to wait below its prefix and closed with the last. Lives on the loop.
final class Lines {
  private final class Open {
    let prefix: Bytes
    let end: Bytes
    var line: Line
    var watch: Int64 = 0

    init(prefix: Bytes, end: Bytes) {
      self.prefix = prefix
      self.end = end
      line = Line(from: prefix)
    }
  }

  private unowned let member: Member
  private let subscriptions: Subscriptions
  private var open: [Key: Open] = [:]
  /// Lines that something happened to since they were settled.
  private var touched: [Key] = []
  /// Lines whose keys are being walked.
  private var walking: [Key] = []
  /// Keys that all lines hold.
  private var keyCount = 0

  init(_ member: Member, _ subscriptions: Subscriptions) {
    self.member = member
    self.subscriptions = subscriptions
  }

  /// Takes a waiter in. The key must be in the store as it is now. False where there is no room for so long a line.
  func join(_ token: Int, prefix: Bytes, key: Bytes, created: Int64) -> Bool {
    let place = Key(prefix)
    if open[place] == nil {
      let end: Bytes = prefix.dropLast() + [0x30]
      let length = member.machine.store.count(below: prefix, end)
      guard keyCount + length <= Limits.lineKeys else { return false }
      start(place, Open(prefix: prefix, end: end))
    }
    open[place]?.line.join(token, key: key, created: created)
    touched.append(place)
    return true
  }

  func leave(_ token: Int, prefix: Bytes, created: Int64) {
    let place = Key(prefix)
    open[place]?.line.leave(token, created: created)
    closeIfEmpty(place)
  }

  private func start(_ place: Key, _ opened: Open) {
    open[place] = opened
    walking.append(place)
    watch(place, opened)
  }

  private func watch(_ place: Key, _ opened: Open) {
    let next = member.machine.store.currentRevision + 1
    opened.watch = subscriptions.watch(opened.prefix, opened.end, from: next) { [unowned self] event in
      received(event, place)
    }
  }

  private func received(_ event: Subscriptions.Event, _ place: Key) {
    guard let opened = open[place] else { return }
    touched.append(place)
    switch event {
    case .changes(let changes, _):
      counted(opened) { line in for change in changes { line.changed(change) } }
    case .lost:
      counted(opened) { $0.restart(from: opened.prefix) }
      if !walking.contains(place) { walking.append(place) }
      watch(place, opened)
    }
  }

  private func counted(_ opened: Open, _ change: (inout Line) -> Void) {
    keyCount -= opened.line.keyCount
    change(&opened.line)
    keyCount += opened.line.keyCount
  }

  /// Walks a slice, then tells `notify` whose turn has come and whose key has gone. To be called after the changes of a turn
  /// were delivered.
  func settle(_ notify: (Line.Notice) -> Void) {
    if !walking.isEmpty { walk() }
    guard !touched.isEmpty else { return }
    var places: [Key] = []
    swap(&places, &touched)
    for place in places {
      guard let opened = open[place] else { continue }
      for notice in opened.line.settle() { notify(notice) }
      closeIfEmpty(place)
    }
  }

  /// Walks lines, one after the other, for as many keys as one turn may see.
  private func walk() {
    let last = keyCount + Limits.lineSliceKeys
    var done = 0
    while done < walking.count, keyCount < last, let opened = open[walking[done]] {
      if walk(opened) { break }
      touched.append(walking[done])
      done += 1
    }
    // A line that was closed before its walk ended.
    if done < walking.count, open[walking[done]] == nil { done += 1 }
    walking.removeFirst(done)
    if !walking.isEmpty { member.loop.post {} }
  }

  /// One slice; true while there is more.
  private func walk(_ opened: Open) -> Bool {
    guard let from = opened.line.unwalked else { return false }
    var next: Bytes?
    counted(opened) { line in
      next = member.machine.store.forEachKey(from: from.bytes, before: opened.end, count: Limits.lineSliceKeys)
      {
        line.found(Bytes($0), created: $1)
      }
      line.walked(to: next)
    }
    return next != nil
  }

  private func closeIfEmpty(_ place: Key) {
    guard let opened = open[place], opened.line.waiterCount == 0 else { return }
    subscriptions.cancel(opened.watch)
    keyCount -= opened.line.keyCount
    open[place] = nil
  }
}
