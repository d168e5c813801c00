import Base
import Foundation
import Testing
import Wire

@testable import Storage

/// A member of the original, alone on loopback, for as long as this object lives or until `stop`.
private final class GoMember {
  static let isInstalled = access("/usr/bin/etcd", X_OK) == 0 && access("/usr/bin/etcdctl", X_OK) == 0

  private let process = Process()
  private let client: String

  init(_ data: String, snapshotCount: Int) throws {
    client = "http://127.0.0.1:\(try freePort())"
    let peer = "http://127.0.0.1:\(try freePort())"
    process.executableURL = URL(fileURLWithPath: "/usr/bin/etcd")
    process.arguments = [
      "--data-dir", data, "--name", "m", "--snapshot-count", "\(snapshotCount)", "--logger", "zap",
      "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
      "--initial-advertise-peer-urls", peer, "--initial-cluster", "m=\(peer)",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<200 where (try? ask("get", "x")) == nil { usleep(50_000) }
  }
  deinit { stop() }

  /// The output of one `etcdctl` call.
  @discardableResult
  func ask(_ arguments: String...) throws -> String {
    let tool = Process()
    let output = Pipe()
    tool.executableURL = URL(fileURLWithPath: "/usr/bin/etcdctl")
    tool.arguments = ["--endpoints", client, "--command-timeout", "5s"] + arguments
    tool.environment = ["ETCDCTL_API": "3"]
    tool.standardOutput = output
    tool.standardError = FileHandle.nullDevice
    try tool.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    tool.waitUntilExit()
    if tool.terminationStatus != 0 { throw CocoaError(.executableLoad) }
    return text
  }

  func stop() {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }
}

/// A port nobody listens on at the moment.
private func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, length)
      _ = getsockname(descriptor, $0, &length)
    }
  }
  return UInt16(bigEndian: address.sin_port)
}

@Suite(
  "The log and snapshots, exchanged with Go's etcd", .enabled(if: GoMember.isInstalled, "etcd is not installed")
)
struct WALExchangeTests {
  let place = TemporaryDirectory()
  let disk = SystemDisk()
  var data: DataDirectory { DataDirectory(place.path + "/data") }

  /// Every record of the log is framed again; the bytes must be the same.
  func checkBytes() throws {
    for name in try disk.names(in: data.wal).filter({ $0.hasSuffix(".wal") }) {
      let file = try disk.open(data.wal + "/" + name, .read)
      let reader = WALReader([file])
      var encoder = WALEncoder(checksum: 0)
      var isFirst = true
      while case .record(let record) = try reader.next() {
        switch WALRecordKind(rawValue: record.kind) {
        case .metadata: encoder.add(metadata: Bytes(record.data))
        case .entry: encoder.add(.entry, try Entry(decoding: record.data))
        case .state: encoder.add(.state, try HardState(decoding: record.data))
        case .snapshot: encoder.add(.snapshot, try WALSnapshot(decoding: record.data))
        case .checksum:
          #expect(isFirst)
          encoder = WALEncoder(checksum: record.checksum)
          encoder.addChecksum()
        case nil: Issue.record("record of kind \(record.kind)")
        }
        isFirst = false
      }
      let ours = Bytes(encoder.framed)
      #expect(ours == Bytes(try file.readAll().prefix(ours.count)))
      #expect(ours.count == reader.offset && ours.count > 500)
    }
  }

  func put(_ key: String, _ value: String, after last: Entry) -> Entry {
    let request = InternalRaftRequest(
      body: .put(PutRequest(key: key.bytes, value: value.bytes)), header: RequestHeader(id: 1 << 60))
    return Entry(term: last.term, index: last.index + 1, data: request.encoded())
  }

  @Test("we read Go's and go on, Go reads ours and goes on, byte for byte", .timeLimit(.minutes(2)))
  func thereAndBack() throws {
    var member = try GoMember(data.path, snapshotCount: 5)
    for index in 0..<12 { try member.ask("put", "key\(index)", "value\(index)") }
    member.stop()
    try checkBytes()

    // Ours continues a Go log behind Go's own snapshot.
    let store = SnapStore(disk, directory: data.snap)
    let snapshot = try #require(try store.newest(knownToLogIn: data.wal))
    let path = data.snap + "/" + SnapName(term: snapshot.metadata.term, index: snapshot.metadata.index).text
    let stored = try disk.open(path, .read).readAll()
    let encoded = snapshot.encoded()
    #expect(SnapRecord(crc: CRC32C.of(encoded), data: encoded).encoded() == stored)
    #expect(snapshot.data?.starts(with: "{\"Root\":".bytes) == true)

    let start = WALSnapshot(index: snapshot.metadata.index, term: snapshot.metadata.term)
    let (wal, contents) = try WAL.open(disk, in: data.wal, at: start)
    #expect(contents.hasSnapshot && contents.brokenCopy == nil)
    let last = try #require(contents.entries.last)
    let added = put("ours", "appended", after: last)
    var state = contents.state
    state.commit = added.index
    _ = try wal.append([added], state: state)
    try store.save(snapshot)
    try wal.close()

    member = try GoMember(data.path, snapshotCount: 10_000)
    #expect(try member.ask("get", "ours", "--print-value-only") == "appended\n")
    #expect(try member.ask("get", "key11", "--print-value-only") == "value11\n")
    try member.ask("put", "theirs", "later")
    member.stop()
    try checkBytes()

    // The same entries in a log made wholly by us, in many small files.
    let all = try WAL.read(disk, in: data.wal, at: start)
    try disk.removeTree(data.wal)
    let ours = try WAL.create(disk, in: data.wal, metadata: all.metadata, options: smallFiles(300))
    _ = try ours.saveSnapshot(start)
    for entry in all.entries { _ = try ours.append([entry], state: all.state) }
    try ours.close()
    #expect(try disk.names(in: data.wal).count > 2)

    member = try GoMember(data.path, snapshotCount: 10_000)
    #expect(try member.ask("get", "ours", "--print-value-only") == "appended\n")
    #expect(try member.ask("get", "theirs", "--print-value-only") == "later\n")
    try member.ask("put", "theirs", "last")
    member.stop()
    #expect(try WAL.read(disk, in: data.wal, at: start).entries.count > all.entries.count)
  }

  @Test("while Go's etcd runs, its log cannot be opened", .timeLimit(.minutes(1)))
  func locked() throws {
    let member = try GoMember(data.path, snapshotCount: 1000)
    let error = #expect(throws: WALError.self) { try WAL.open(disk, in: data.wal, at: WALSnapshot()) }
    #expect(error?.description.contains("is locked by another process") == true)
    member.stop()
    try WAL.open(disk, in: data.wal, at: WALSnapshot()).0.close()
  }
}
