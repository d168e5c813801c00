import Base
import Glibc
import Storage

/// The disk of one simulated machine: what is written, what of it is durable, and what waits between the two.
///
/// It outlives the processes on it. Those use it through a `ProcessDisk` each, which dies with them.
final class FalseDisk {
  final class Inode {
    let isDirectory: Bool
    var content: Bytes = []
    var durable: Bytes = []
    /// Changes of the content since the last sync, oldest first.
    var unsynced: [Change] = []
    /// The number of the process that holds the lock, or 0.
    var lockedBy: UInt32 = 0
    init(isDirectory: Bool) { self.isDirectory = isDirectory }

    func syncNow() {
      for change in unsynced { FalseDisk.apply(change, to: &durable) }
      unsynced.removeAll(keepingCapacity: true)
    }
  }

  enum Change {
    case write(offset: Int, Bytes)
    case resize(Int)
  }

  private enum NameChange {
    case link(String, Inode)
    case unlink(String)
    case move(String, to: String)

    var directories: [String] {
      switch self {
      case .link(let path, _), .unlink(let path): [parentPath(of: path)]
      case .move(let path, let target): [parentPath(of: path), parentPath(of: target)]
      }
    }
  }

  private(set) var inodes: [String: Inode] = [:]
  private var durableInodes: [String: Inode] = [:]
  private var unsyncedNames: [NameChange] = []
  /// Whole stores that arrived from leaders, by index: durable beside the snapshot files, as `.snap.db` files are.
  var receivedStores: [UInt64: any FrozenView] = [:]

  init(directories: [String]) {
    for directory in directories {
      let inode = Inode(isDirectory: true)
      inodes[directory] = inode
      durableInodes[directory] = inode
    }
  }

  /// Everything is gone: another disk stands in its place.
  func wipe(directories: [String]) {
    (inodes, durableInodes, unsyncedNames, receivedStores) = ([:], [:], [], [:])
    for directory in directories {
      let inode = Inode(isDirectory: true)
      inodes[directory] = inode
      durableInodes[directory] = inode
    }
  }

  // MARK: What befalls it

  func releaseLocks() {
    for inode in inodes.values { inode.lockedBy = 0 }
  }

  /// The machine loses power: of what was not synced, parts chosen by `dice` survive. Of a directory's changes a beginning
  /// does; of a file's all, none, a beginning, or single sectors in any order.
  func losePower(_ dice: inout Dice) {
    var lost: Set<String> = []
    for change in unsyncedNames {
      if change.directories.contains(where: lost.contains) || dice.below(2) == 0 {
        lost.formUnion(change.directories)
      } else {
        Self.apply(change, to: &durableInodes)
      }
    }
    unsyncedNames = []
    var reached: [String: Inode] = [:]
    for (path, inode) in durableInodes.sorted(by: { $0.key < $1.key }) {
      guard path == "/data" || reached[parentPath(of: path)] != nil else { continue }
      Self.settle(inode, &dice)
      reached[path] = inode
    }
    inodes = reached
    durableInodes = reached
  }

  private static func settle(_ inode: Inode, _ dice: inout Dice) {
    if !inode.unsynced.isEmpty {
      let mood = dice.below(4)
      let kept = mood == 3 ? dice.below(inode.unsynced.count + 1) : inode.unsynced.count
      for change in inode.unsynced.prefix(kept) where mood > 0 {
        switch change {
        case .resize: if mood != 2 || dice.below(2) == 0 { apply(change, to: &inode.durable) }
        case .write(let offset, let data):
          if mood != 2 { apply(change, to: &inode.durable) } else { tear(&inode.durable, offset, data, &dice) }
        }
      }
      inode.unsynced = []
    }
    inode.content = inode.durable
    inode.lockedBy = 0
  }

  /// A sector is written whole or not at all.
  private static func tear(_ bytes: inout Bytes, _ offset: Int, _ data: Bytes, _ dice: inout Dice) {
    var start = 0
    while start < data.count {
      let end = min(data.count, start + 512 - (offset + start) % 512)
      if dice.below(2) == 0 { overwrite(&bytes, at: offset + start, data[start..<end]) }
      start = end
    }
  }

  /// A copy for an experiment, as a process started now would find it.
  func copy() -> FalseDisk {
    let other = FalseDisk(directories: [])
    for (path, inode) in inodes {
      let copied = Inode(isDirectory: inode.isDirectory)
      copied.content = inode.content
      copied.durable = inode.content
      other.inodes[path] = copied
      other.durableInodes[path] = copied
    }
    return other
  }

  /// Files with something in them, for the fault that spoils one.
  func files(suffix: String) -> [(path: String, inode: Inode)] {
    inodes.filter { !$0.value.isDirectory && $0.key.hasSuffix(suffix) && !$0.value.content.isEmpty }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: What processes do with it

  func children(of directory: String) -> [String] {
    inodes.keys.filter { $0 != directory && parentPath(of: $0) == directory }.map { lastPart(of: $0) }.sorted()
  }

  func link(_ path: String, _ inode: Inode) { change(.link(path, inode)) }
  func unlink(_ path: String) { change(.unlink(path)) }
  func move(_ path: String, to target: String) { change(.move(path, to: target)) }

  private func change(_ change: NameChange) {
    Self.apply(change, to: &inodes)
    unsyncedNames.append(change)
  }

  func syncDirectory(_ path: String) {
    for change in unsyncedNames where change.directories.contains(path) {
      Self.apply(change, to: &durableInodes)
    }
    unsyncedNames.removeAll { $0.directories.contains(path) }
  }

  private static func apply(_ change: NameChange, to names: inout [String: Inode]) {
    switch change {
    case .link(let path, let inode): names[path] = inode
    case .unlink(let path): names[path] = nil
    case .move(let path, let target):
      for (name, inode) in names where name == path || name.hasPrefix(path + "/") {
        names[name] = nil
        names[target + name.dropFirst(path.count)] = inode
      }
    }
  }

  static func apply(_ change: Change, to bytes: inout Bytes) {
    switch change {
    case .resize(let size):
      if size < bytes.count {
        bytes.removeSubrange(size...)
      } else {
        bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
      }
    case .write(let offset, let data): overwrite(&bytes, at: offset, data[...])
    }
  }

  static func overwrite(_ bytes: inout Bytes, at offset: Int, _ data: ArraySlice<UInt8>) {
    if bytes.count < offset + data.count { apply(.resize(offset + data.count), to: &bytes) }
    bytes.withUnsafeMutableBytes { target in
      data.withUnsafeBytes { source in
        if let from = source.baseAddress, let to = target.baseAddress {
          memcpy(to + offset, from, source.count)
        }
      }
    }
  }
}
