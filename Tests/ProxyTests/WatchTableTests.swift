import Base
import Testing

@testable import Proxy

@Suite struct WatchTableTests {
  private let key = WatchTable.Range(keys: KeyRange("k".bytes, []), requiresLeader: false)

  /// A table with one watcher on a group that is current at revision 10.
  private func begun() -> (WatchTable, watcher: Int) {
    var table = WatchTable()
    let (id, effects) = table.add(key, start: 0, wantsProgress: false)
    #expect(effects == [.open(1, start: 0)])
    let created = table.created(1, at: 10)
    #expect(created == [.created(id, revision: 10)])
    return (table, id)
  }

  @Test("Watchers of one range share a watch; the later one is told of at once")
  func sharing() {
    var (table, first) = begun()
    let (second, effects) = table.add(key, start: 0, wantsProgress: false)
    #expect(effects == [.created(second, revision: 10)])
    let delivered = table.events(1, at: [11, 11, 12])
    #expect(delivered == [.deliver(first, first: 0), .deliver(second, first: 0)])
    #expect(table.groupCount == 1 && table.watcherCount == 2)
    let gone = table.remove(first)
    let last = table.remove(second)
    #expect(gone == [] && last == [.close(1)])
  }

  @Test("One that joins before the watch is there waits for it")
  func joiningEarly() {
    var table = WatchTable()
    let (first, _) = table.add(key, start: 0, wantsProgress: false)
    let (second, effects) = table.add(key, start: 0, wantsProgress: false)
    #expect(effects == [])
    let created = table.created(1, at: 4)
    #expect(created == [.created(first, revision: 4), .created(second, revision: 4)])
  }

  @Test("One that wants less than the watch brings is spared the rest")
  func laterStart() {
    var (table, first) = begun()
    let (second, effects) = table.add(key, start: 15, wantsProgress: false)
    #expect(effects == [.created(second, revision: 10)])
    #expect(table.events(1, at: [14]) == [.deliver(first, first: 0)])
    #expect(table.events(1, at: [15, 16]) == [.deliver(first, first: 0), .deliver(second, first: 0)])
    let (third, _) = table.add(key, start: 18, wantsProgress: false)
    #expect(
      table.events(1, at: [17, 18, 19]) == [
        .deliver(first, first: 0), .deliver(second, first: 0), .deliver(third, first: 1),
      ])
  }

  @Test("History needs a watch of its own, which joins the other once both stand at the same place")
  func history() {
    var (table, first) = begun()
    _ = table.events(1, at: [12])
    let (second, effects) = table.add(key, start: 3, wantsProgress: false)
    #expect(effects == [.open(2, start: 3)])
    #expect(table.created(2, at: 12) == [.created(second, revision: 12)])
    // Nobody who wants the present may join what is still in the past.
    let old = table.events(2, at: [5, 12])
    #expect(old == [.deliver(second, first: 0)])
    #expect(table.groupCount == 2)
    // The present comes on the one first, then on the other.
    #expect(table.events(1, at: [13]) == [.deliver(first, first: 0)])
    #expect(table.events(2, at: [13]) == [.deliver(second, first: 0), .close(2)])
    #expect(table.events(1, at: [14]) == [.deliver(first, first: 0), .deliver(second, first: 0)])
  }

  @Test("The one that is ahead joins without a double")
  func mergingAhead() {
    var (table, first) = begun()
    let (second, _) = table.add(key, start: 3, wantsProgress: false)
    _ = table.created(2, at: 10)
    #expect(table.events(2, at: [5, 11]) == [.deliver(second, first: 0), .close(2)])
    #expect(table.events(1, at: [11]) == [.deliver(first, first: 0)])
    #expect(table.events(1, at: [12]) == [.deliver(first, first: 0), .deliver(second, first: 0)])
  }

  @Test("One that does not keep up goes on where it stood")
  func pausing() {
    var (table, first) = begun()
    let (second, _) = table.add(key, start: 0, wantsProgress: false)
    _ = table.events(1, at: [11])
    #expect(table.pause(second) == [])
    #expect(table.events(1, at: [12, 13]) == [.deliver(first, first: 0)])
    #expect(table.resume(second) == [.open(2, start: 12)])
    // It was announced long ago.
    #expect(table.created(2, at: 13) == [])
    #expect(table.events(2, at: [12, 13]) == [.deliver(second, first: 0)])
    #expect(table.pause(first) == [.close(1)])
    // The other's watch stands where it stood.
    #expect(table.resume(first) == [])
    #expect(table.remove(first) == [])
    #expect(table.remove(second) == [.close(2)])
  }

  @Test("A stream that breaks is made again where each watch stood")
  func losing() {
    var (table, first) = begun()
    _ = table.events(1, at: [20])
    let wanting = WatchTable.Range(keys: key.keys, requiresLeader: true)
    let (_, effects) = table.add(wanting, start: 0, wantsProgress: false)
    #expect(effects == [.open(2, start: 0)])
    table.lost(requiresLeader: false)
    let openings = table.openings(requiresLeader: false)
    #expect(openings.map(\.group) == [1] && openings.map(\.start) == [21])
    // One that joins meanwhile is told of with the others' watch.
    let (third, joined) = table.add(key, start: 0, wantsProgress: false)
    #expect(joined == [])
    #expect(table.created(1, at: 30) == [.created(third, revision: 30)])
    #expect(table.events(1, at: [25]) == [.deliver(first, first: 0), .deliver(third, first: 0)])
    #expect(table.watchers(requiresLeader: true).count == 1)
  }

  @Test("A watch that is refused or ends takes its watchers along, but not those that lost nothing")
  func ending() {
    var table = WatchTable()
    let (first, _) = table.add(key, start: 3, wantsProgress: false)
    #expect(table.ended(1, compacted: 0) == [.refused(first)])
    let (old, _) = table.add(key, start: 3, wantsProgress: false)
    _ = table.created(2, at: 50)
    let (new, _) = table.add(key, start: 40, wantsProgress: false)
    #expect(table.ended(2, compacted: 30) == [.ended(old), .open(3, start: 40)])
    #expect(table.created(3, at: 50) == [])
    #expect(table.events(3, at: [41]) == [.deliver(new, first: 0)])
  }

  @Test("Notices of progress go to those who want them, and bring watches together")
  func progress() {
    var table = WatchTable()
    let (first, _) = table.add(key, start: 0, wantsProgress: true)
    _ = table.created(1, at: 10)
    let (second, _) = table.add(key, start: 2, wantsProgress: false)
    _ = table.created(2, at: 10)
    #expect(table.progressed(2, to: 30) == [.close(2)])
    #expect(table.progressed(1, to: 30) == [.progress(first)])
    #expect(table.events(1, at: [31]) == [.deliver(first, first: 0), .deliver(second, first: 0)])
    let (_, effects) = table.add(key, start: 31, wantsProgress: false)
    #expect(effects == [.open(3, start: 31)])
  }
}
