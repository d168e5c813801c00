import Base
import Glibc
import Storage
import Testing
import Wire

/// What a member was told is durable.
private struct Promise {
  var exists = false
  var entries: [Entry] = []
  var term: UInt64 = 0
  var vote: UInt64 = 0
  var snapshot = WALSnapshot()
}

/// A small life of a log: it is made, grows through several files, is snapshotted, released, purged.
private struct Life {
  let disk: MemoryDisk
  let directory = "/data/member/wal"
  let snapDirectory = "/data/member/snap"
  var promise = Promise()

  init(_ disk: MemoryDisk) { self.disk = disk }

  mutating func run() throws {
    try disk.makeDirectories(snapDirectory)
    try disk.makeDirectories(parentPath(of: directory))
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(2048))
    promise.exists = true
    try grow(wal, through: 36)
    try wal.close()
  }

  /// Appends up to `last`, noting after each acknowledged turn what may never be lost.
  mutating func grow(_ wal: WAL, through last: UInt64) throws {
    var index = wal.lastIndex
    while index < last {
      index += 1
      let added = [entry(index, term: index / 10 + 1, "value \(index) " + String(repeating: "x", count: 200))]
      let state = HardState(term: index / 10 + 1, vote: index / 20, commit: index - 1)
      _ = try wal.append(added, state: state)
      promise.entries += added
      (promise.term, promise.vote) = (state.term, state.vote)
      if index % 9 == 0 { try snapshot(wal, index - 2) }
      if index % 4 == 0 { wal.prepareNextFile() }
    }
  }

  mutating func snapshot(_ wal: WAL, _ index: UInt64) throws {
    let noted = WALSnapshot(index: index, term: index / 10 + 1)
    let metadata = SnapshotMetadata(index: noted.index, term: noted.term)
    try SnapStore(disk, directory: snapDirectory).save(RaftSnapshot(data: "\(index)".bytes, metadata: metadata))
    _ = try wal.saveSnapshot(noted)
    promise.snapshot = noted
    wal.releaseFiles(before: index)
    _ = try WAL.purge(disk, directory: directory, keep: 2)
    _ = try SnapStore(disk, directory: snapDirectory).purge(keep: 2)
  }

  /// Opens what is left on `disk` and checks it against the promise.
  func reopened(on disk: MemoryDisk, _ what: String) throws -> (WAL, WALContents, WALSnapshot)? {
    if !WAL.exists(disk, in: directory) {
      #expect(!promise.exists, "\(what): the log is gone")
      return nil
    }
    let store = SnapStore(disk, directory: snapDirectory)
    try store.removeLeftovers()
    let metadata = try store.newest(knownToLogIn: directory)?.metadata ?? SnapshotMetadata()
    let start = WALSnapshot(index: metadata.index, term: metadata.term)
    #expect(start.index >= promise.snapshot.index, "\(what): the snapshot is gone")
    let (wal, contents) = try WAL.open(disk, in: directory, at: start, options: smallFiles(2048))
    let promised = promise.entries.filter { $0.index > start.index }
    #expect(Array(contents.entries.prefix(promised.count)) == promised, "\(what): entries are gone")
    #expect(
      contents.state.term >= promise.term && contents.state.vote >= promise.vote, "\(what): a vote is gone")
    #expect(contents.metadata == metadataA)
    return (wal, contents, start)
  }
}

@Suite("A log on a failing disk")
struct WALFaultTests {
  @Test(
    "whichever operation fails and whatever a power cut takes, nothing acknowledged is lost",
    arguments: [UInt64](1...3))
  func everyOperation(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    var number = 0
    while true {
      number += 1
      let disk = MemoryDisk()
      disk.failingOperation = number
      var life = Life(disk)
      do { try life.run() } catch {}
      if !disk.hasFailed { break }
      try survive(&life, disk, &dice, "operation \(number), seed \(seed)")
    }
    #expect(number > 150)
  }

  /// Cuts power, opens, grows, kills, opens, cuts power again, opens.
  private func survive(_ life: inout Life, _ disk: MemoryDisk, _ dice: inout Dice, _ what: String) throws {
    let cut = disk.afterPowerCut(&dice)
    do {
      guard let (wal, contents, start) = try life.reopened(on: cut, what) else { return }
      // What was answered once may never be taken back, promised before or not.
      life.promise.entries = life.promise.entries.filter { $0.index <= start.index } + contents.entries
      (life.promise.term, life.promise.vote) = (contents.state.term, contents.state.vote)
      var grown = Life(cut)
      grown.promise = life.promise
      try grown.grow(wal, through: wal.lastIndex + 9)
      let killed = cut.afterKill()
      guard let second = try grown.reopened(on: killed, what + ", killed") else { return }
      grown.promise.entries =
        grown.promise.entries.filter { $0.index <= second.2.index } + second.1.entries
      _ = try grown.reopened(on: killed.afterPowerCut(&dice), what + ", second cut")
    } catch {
      Issue.record("\(what): \(error)")
    }
  }

  @Test("what an opening answered after a kill survives a power cut")
  func killBetweenWriteAndSync() throws {
    for seed in 1...20 {
      var dice = Dice(seed: UInt64(seed))
      let disk = MemoryDisk()
      let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles())
      _ = try wal.append([entry(1, "a")], state: HardState(term: 1, vote: 1, commit: 0))
      // The write arrives, the sync does not: the process dies between them.
      disk.failingOperation = disk.operations + 2
      #expect(throws: WALError.self) {
        try wal.append([entry(2, "b")], state: HardState(term: 2, vote: 2, commit: 1))
      }
      let killed = disk.afterKill()
      let (_, seen) = try WAL.open(killed, in: "/data/wal", at: WALSnapshot(), options: smallFiles())
      let cut = killed.afterPowerCut(&dice)
      let (_, left) = try WAL.open(cut, in: "/data/wal", at: WALSnapshot(), options: smallFiles())
      #expect(left.entries == seen.entries && left.state == seen.state)
    }
  }

  @Test("a full disk is named in words an operator can act on")
  func fullDisk() throws {
    let disk = MemoryDisk()
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles())
    disk.failingOperation = disk.operations + 1
    disk.failureCode = ENOSPC
    let error = #expect(throws: WALError.self) { try wal.append([entry(1, "a")]) }
    #expect(
      error?.description
        == "wal: no space left on device: write /data/wal/0000000000000000-0000000000000000.wal "
        + "(free some space on this file system and start again; nothing acknowledged was lost)")
  }
}
