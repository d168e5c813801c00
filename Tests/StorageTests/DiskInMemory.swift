import Base
import Glibc
import Storage

/// A disk in memory that forgets what was not synced, and fails on demand.
///
/// Every change counts as one operation; the one with the number `failingOperation` fails with `failureCode`. A failed write may
/// have written its first sectors. After a failed sync the changes look written but a later sync does not bring them to
/// the disk, as Linux behaves. Give logs on it small files: every sync copies a file.
final class MemoryDisk: Disk {
  final class Node {
    let isDirectory: Bool
    var content: [UInt8] = []
    var durable: [UInt8] = []
    var unsynced: [Change] = []
    var isLocked = false
    init(isDirectory: Bool) { self.isDirectory = isDirectory }

    func copy() -> Node {
      let copy = Node(isDirectory: isDirectory)
      (copy.content, copy.durable, copy.unsynced) = (content, durable, unsynced)
      return copy
    }
  }

  enum Change {
    case write(offset: Int, [UInt8])
    case resize(Int)
  }

  enum NameChange {
    case link(String, Node)
    case unlink(String)
    case move(String, to: String)

    var directories: [String] {
      switch self {
      case .link(let path, _), .unlink(let path): [parentPath(of: path)]
      case .move(let path, let target): [parentPath(of: path), parentPath(of: target)]
      }
    }
  }

  var nodes: [String: Node] = [:]
  private var durableNodes: [String: Node] = [:]
  private var unsyncedNames: [NameChange] = []

  private(set) var operations = 0
  var failingOperation: Int?
  var failureCode = EIO
  private(set) var syncs = 0
  private(set) var writes = 0
  /// Whether the operation that was to fail was reached.
  private(set) var hasFailed = false

  init(directories: [String] = ["/data"]) {
    for directory in directories {
      let node = Node(isDirectory: true)
      nodes[directory] = node
      durableNodes[directory] = node
    }
  }

  // What a test does to it.

  /// The disk after a power cut: of what was not synced, parts chosen by `dice` survive.
  func afterPowerCut(_ dice: inout Dice) -> MemoryDisk {
    let disk = MemoryDisk(directories: [])
    var names = durableNodes
    var lost: Set<String> = []
    for change in unsyncedNames {
      // Of each directory a beginning of its changes survives.
      if change.directories.contains(where: lost.contains) || dice.below(2) == 0 {
        lost.formUnion(change.directories)
      } else {
        Self.apply(change, to: &names)
      }
    }
    for (path, node) in names where Self.isReachable(path, in: names) {
      let kept = Node(isDirectory: node.isDirectory)
      kept.content = Self.survivors(of: node, &dice)
      kept.durable = kept.content
      disk.nodes[path] = kept
      disk.durableNodes[path] = kept
    }
    return disk
  }

  /// The disk after the process was killed: everything written is still seen, and what was not synced still may be lost.
  func afterKill() -> MemoryDisk {
    let disk = MemoryDisk(directories: [])
    var copies: [ObjectIdentifier: Node] = [:]
    func copied(_ node: Node) -> Node {
      if let copy = copies[ObjectIdentifier(node)] { return copy }
      let copy = node.copy()
      copies[ObjectIdentifier(node)] = copy
      return copy
    }
    disk.nodes = nodes.mapValues(copied)
    disk.durableNodes = durableNodes.mapValues(copied)
    disk.unsyncedNames = unsyncedNames.map {
      if case .link(let path, let node) = $0 { .link(path, copied(node)) } else { $0 }
    }
    return disk
  }

  /// Puts a durable file there, with the directory it stands in.
  func put(_ path: String, _ bytes: [UInt8]) {
    let node = Node(isDirectory: false)
    node.content = bytes
    node.durable = bytes
    nodes[path] = node
    durableNodes[path] = node
    var directory = parentPath(of: path)
    while nodes[directory] == nil, directory != "/" {
      let node = Node(isDirectory: true)
      nodes[directory] = node
      durableNodes[directory] = node
      directory = parentPath(of: directory)
    }
  }

  func bytes(of path: String) -> [UInt8] { nodes[path]?.content ?? [] }

  private static func survivors(of node: Node, _ dice: inout Dice) -> [UInt8] {
    var bytes = node.durable
    let mood = dice.below(3)
    for change in node.unsynced where mood > 0 {
      switch change {
      case .resize(let size):
        if mood == 1 || dice.below(2) == 0 { resize(&bytes, to: size) }
      case .write(let offset, let data):
        // A sector is written whole or not at all.
        var start = 0
        while start < data.count {
          let end = min(data.count, start + 512 - (offset + start) % 512)
          if mood == 1 || dice.below(2) == 0 { overwrite(&bytes, at: offset + start, data[start..<end]) }
          start = end
        }
      }
    }
    return bytes
  }

  private static func isReachable(_ path: String, in names: [String: Node]) -> Bool {
    var parent = parentPath(of: path)
    while parent != "/" {
      if names[parent] == nil { return names[path]?.isDirectory == true && path.utf8.count < 7 }
      if parent == "/data" { return true }
      parent = parentPath(of: parent)
    }
    return true
  }

  private static func apply(_ change: NameChange, to names: inout [String: Node]) {
    switch change {
    case .link(let path, let node): names[path] = node
    case .unlink(let path): names[path] = nil
    case .move(let path, let target):
      for (name, node) in names where name == path || name.hasPrefix(path + "/") {
        names[name] = nil
        names[target + name.dropFirst(path.count)] = node
      }
    }
  }

  fileprivate static func resize(_ bytes: inout [UInt8], to size: Int) {
    if size < bytes.count {
      bytes.removeSubrange(size...)
    } else {
      bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
  }

  fileprivate static func overwrite(_ bytes: inout [UInt8], at offset: Int, _ data: ArraySlice<UInt8>) {
    if bytes.count < offset + data.count { resize(&bytes, to: offset + data.count) }
    bytes.withUnsafeMutableBytes { target in
      data.withUnsafeBytes { source in
        if let from = source.baseAddress, let to = target.baseAddress {
          memcpy(to + offset, from, source.count)
        }
      }
    }
  }

  // What the rooms do with it.

  /// Counts an operation; true where it is the one to fail.
  private func fails() -> Bool {
    operations += 1
    if operations == failingOperation {
      hasFailed = true
      return true
    }
    return false
  }

  private func step(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
    if fails() { throw DiskError(operation, path, code: failureCode) }
  }

  private func change(_ change: NameChange) {
    Self.apply(change, to: &nodes)
    unsyncedNames.append(change)
  }

  func open(_ path: String, _ access: DiskAccess) throws(DiskError) -> any DiskFile {
    if let node = nodes[path] { return MemoryFile(self, node, path) }
    guard case .create = access, nodes[parentPath(of: path)] != nil else {
      throw DiskError(.open, path, code: ENOENT)
    }
    try step(.open, path)
    let node = Node(isDirectory: false)
    change(.link(path, node))
    return MemoryFile(self, node, path)
  }

  func status(of path: String) throws(DiskError) -> DiskStatus? {
    nodes[path].map {
      DiskStatus(isDirectory: $0.isDirectory, size: $0.content.count, mode: $0.isDirectory ? 0o700 : 0o600)
    }
  }

  func names(in directory: String) throws(DiskError) -> [String] {
    if nodes[directory] == nil { throw DiskError(.list, directory, code: ENOENT) }
    return nodes.keys.filter { $0 != directory && parentPath(of: $0) == directory }.map { lastPart(of: $0) }
      .sorted()
  }

  func rename(_ path: String, to newPath: String) throws(DiskError) {
    if nodes[path] == nil { throw DiskError(.rename, path, code: ENOENT) }
    try step(.rename, path)
    change(.move(path, to: newPath))
  }

  func remove(_ path: String) throws(DiskError) {
    if nodes[path] == nil { throw DiskError(.remove, path, code: ENOENT) }
    if try !isEmpty(path) { throw DiskError(.remove, path, code: ENOTEMPTY) }
    try step(.remove, path)
    change(.unlink(path))
  }

  private func isEmpty(_ path: String) throws(DiskError) -> Bool { try names(in: path).isEmpty }

  func makeDirectory(_ path: String) throws(DiskError) {
    if nodes[path] != nil { throw DiskError(.mkdir, path, code: EEXIST) }
    try step(.mkdir, path)
    change(.link(path, Node(isDirectory: true)))
  }

  func syncDirectory(_ path: String) throws(DiskError) {
    if nodes[path] == nil { throw DiskError(.open, path, code: ENOENT) }
    try step(.fsync, path)
    syncs += 1
    for change in unsyncedNames where change.directories.contains(path) {
      Self.apply(change, to: &durableNodes)
    }
    unsyncedNames.removeAll { $0.directories.contains(path) }
  }

  func freeBytes(at path: String) throws(DiskError) -> Int64 { 1 << 40 }

  func lockDirectory(_ path: String) throws(DiskError) -> any DiskLock {
    let file = try open(path, .write)
    try file.lock()
    return MemoryLock(file)
  }

  private final class MemoryLock: DiskLock {
    let file: any DiskFile
    init(_ file: any DiskFile) { self.file = file }
    func close() { file.close() }
  }

  private final class MemoryFile: DiskFile {
    let disk: MemoryDisk
    let node: Node
    var path: String
    var holdsLock = false

    init(_ disk: MemoryDisk, _ node: Node, _ path: String) {
      self.disk = disk
      self.node = node
      self.path = path
    }
    deinit { close() }

    func size() throws(DiskError) -> Int { node.content.count }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
      let fails = disk.fails()
      // The system copies by pages, so a write that fails half-way ends at a border of sectors.
      let half = max(0, (offset + bytes.count / 2) / 512 * 512 - offset)
      let data = Array(bytes.prefix(fails ? half : bytes.count))
      overwrite(&node.content, at: offset, data[...])
      node.unsynced.append(.write(offset: offset, data))
      disk.writes += 1
      if fails { throw DiskError(.write, path, code: disk.failureCode) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
      let found = node.content[min(offset, node.content.count)..<min(offset + buffer.count, node.content.count)]
      found.withUnsafeBytes { buffer.copyMemory(from: $0) }
      return found.count
    }

    func truncate(to size: Int) throws(DiskError) {
      try disk.step(.truncate, path)
      resize(&node.content, to: size)
      node.unsynced.append(.resize(size))
    }

    func preallocate(to size: Int) throws(DiskError) {
      try disk.step(.preallocate, path)
      if size <= node.content.count { return }
      resize(&node.content, to: size)
      node.unsynced.append(.resize(size))
    }

    func syncData() throws(DiskError) {
      defer { node.unsynced = [] }
      try disk.step(.fdatasync, path)
      disk.syncs += 1
      for change in node.unsynced {
        switch change {
        case .resize(let size): resize(&node.durable, to: size)
        case .write(let offset, let data): overwrite(&node.durable, at: offset, data[...])
        }
      }
    }

    func sync() throws(DiskError) { try syncData() }

    func lock() throws(DiskError) {
      if node.isLocked { throw DiskError(.lock, path, code: EWOULDBLOCK) }
      node.isLocked = true
      holdsLock = true
    }

    func close() {
      if holdsLock { node.isLocked = false }
      holdsLock = false
    }
  }
}
