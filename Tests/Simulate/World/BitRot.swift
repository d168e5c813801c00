import Base
import Storage
import Wire

/// A bit of a file flips, or a block of it reads as zeros. What a member would find is tried on a copy of its disk: it
/// may refuse to start, or see exactly what was written, and nothing else.
struct BitRot {
  let world: World
  let host: Host

  func strike() -> Bool {
    guard let life = host.life, life.working.isEmpty else { return false }
    let disk = host.disk.copy()
    guard let expected = read(disk) else { finding("\(host.name): its own log cannot be read") }
    let files = disk.files(suffix: ".wal") + disk.files(suffix: ".snap")
    guard let file = world.pick(files) else { return false }
    let place = spoil(&file.inode.content)
    if let found = read(disk) {
      // A snapshot that cannot be read gives way to an older one, with more of the log behind it.
      let behind = found.entries.drop { $0.index <= expected.snapshot }
      let reaches = (found.entries.last?.index ?? found.snapshot) >= expected.snapshot
      expect(
        behind == expected.entries[...] && found.state == expected.state && found.snapshot <= expected.snapshot
          && reaches,
        "\(host.name): after damage to \(file.path) at \(place) the log reads differently, and nobody notices: "
          + "snapshot \(found.snapshot), \(found.entries.count) entries, \(found.state), not \(expected.snapshot), "
          + "\(expected.entries.count) entries, \(expected.state)")
    }
    return true
  }

  private func spoil(_ bytes: inout Bytes) -> Int {
    // Somewhere in what was written, not in the room behind it.
    let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
    let place = world.dice.below(end)
    bytes[place] ^= 1 << UInt8(world.dice.below(8))
    return place
  }

  private struct Found {
    var entries: [Entry]
    var state: HardState
    var snapshot: UInt64
  }

  private func read(_ disk: FalseDisk) -> Found? {
    let process = ProcessDisk(disk, process: 1)
    let directory = DataDirectory("/data")
    let snapshots = SnapStore(process, directory: directory.snap)
    let newest: RaftSnapshot?
    do throws(WALError) { newest = try snapshots.newest(knownToLogIn: directory.wal) } catch { return nil }
    let position = newest?.metadata ?? SnapshotMetadata()
    var options = WALOptions()
    options.segmentBytes = world.plan.segmentBytes
    guard
      let (wal, contents) = try? WAL.open(
        process, in: directory.wal, at: WALSnapshot(index: position.index, term: position.term),
        options: options)
    else { return nil }
    try? wal.close()
    // A start stops where the log ends before what it says is committed (`Raft.Node`).
    if contents.state.commit > contents.entries.last?.index ?? position.index { return nil }
    return Found(entries: contents.entries, state: contents.state, snapshot: position.index)
  }
}
