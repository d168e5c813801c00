import Base
import Foundation
import Glibc
import Testing

@testable import Storage

/// The original's own programs, where they are installed.
enum Original {
  static let etcd = "/usr/bin/etcd"
  static let etcdctl = "/usr/bin/etcdctl"
  static var isInstalled: Bool {
    [etcd, etcdctl].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }

  @discardableResult
  static func etcdctl(_ arguments: String...) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: etcdctl)
    process.arguments = arguments
    process.environment = ["ETCDCTL_API": "3", "PATH": "/usr/bin:/bin"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// A member of the original on ports that were free a moment ago; stopped by `kill`.
  final class Member {
    let process = Process()
    let client: String

    init(dataFolder: String) throws {
      let ports = try (Original.freePort(), Original.freePort())
      client = "http://127.0.0.1:\(ports.0)"
      let peer = "http://127.0.0.1:\(ports.1)"
      process.executableURL = URL(fileURLWithPath: etcd)
      process.arguments = [
        "--name", "m1", "--data-dir", dataFolder, "--listen-client-urls", client, "--advertise-client-urls",
        client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "m1=\(peer)",
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      for _ in 0..<100 {
        if try etcdctl("--endpoints", client, "endpoint", "health").code == 0 { return }
        usleep(50_000)
      }
      kill()
      throw BackendError.failed(call: "start", path: etcd, code: ETIMEDOUT)
    }

    func ctl(_ arguments: String...) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: etcdctl)
      process.arguments = ["--endpoints", client] + arguments
      process.environment = ["ETCDCTL_API": "3"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: output, as: UTF8.self)
    }

    func kill() {
      guard process.isRunning else { return }
      Glibc.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    deinit { kill() }
  }

  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard result else { throw BackendError.failed(call: "bind", path: "127.0.0.1", code: errno) }
    return UInt16(bigEndian: address.sin_port)
  }
}

@Suite(.enabled(if: Original.isInstalled, "etcd and etcdctl of the original are not installed"))
struct ExchangeOriginalTests {
  private struct Status: Decodable {
    var hash: UInt32
    var revision: Int64
    var totalKey: Int
    var totalSize: Int64
  }

  @Test("The original's etcdctl finds no fault in our file, says of it what we say, and restores it")
  func acceptsOurFile() throws {
    let folder = TemporaryFolder()
    let store = try LMDBBackend(
      of: ImportedStore(image: folder.write(GoSnapshot.bytes, "go"), path: folder.file("db"))
    ) {}
    for main in 15...6_000 {
      let record = Bytes(repeating: 0x2A, count: main % 500 == 0 ? 9_000 : main % 200)
      // A record the original can decode: key "k", then this value.
      let encoded: Bytes = [0x0A, 1, 0x6B, 0x10, 15, 0x18, 15, 0x20, 1, 0x2A] + varint(record.count) + record
      store.appendRow(Revision(main: Int64(main)), isTombstone: false, record: encoded)
    }
    store.commitAndWait()
    try SnapshotWriter(store.frozenView()).write(to: folder.file("snapshot"), withDigest: true)
    let ours = try SnapshotFile(path: folder.file("snapshot")).status()
    store.close()

    let answer = try Original.etcdctl("snapshot", "status", folder.file("snapshot"), "-w", "json")
    let theirs = try JSONDecoder().decode(Status.self, from: Data(answer.output.utf8))
    #expect(theirs.hash == ours.hash)
    #expect(theirs.revision == ours.revision)
    #expect(theirs.totalKey == ours.totalKeys)
    #expect(theirs.totalSize == ours.totalBytes)
    let restored = try Original.etcdctl(
      "snapshot", "restore", folder.file("snapshot"), "--data-dir", folder.file("data"), "--name", "m1",
      "--initial-cluster", "m1=http://127.0.0.1:1", "--initial-advertise-peer-urls", "http://127.0.0.1:1")
    #expect(restored.code == 0, "\(restored.output)")
    let taken = try openStore(folder.file("data/member/snap/db"))
    #expect(rows(of: taken).count == 17 + 5_986)
    #expect(taken.consistentIndex == 1)
    taken.close()
  }

  @Test("A killed member's data is taken over, and the original starts again from what we export")
  func takesOverAndHandsBack() throws {
    let folder = TemporaryFolder()
    let member = try Original.Member(dataFolder: folder.file("data"))
    for number in 0..<12 { _ = try member.ctl("put", "key\(number)", "value\(number)") }
    _ = try member.ctl("del", "key3")
    _ = try member.ctl("lease", "grant", "600")
    usleep(300_000)  // the original commits ten times a second
    let hash = try #require(try hashKV(member))
    member.kill()

    let path = folder.file("data/member/snap/db")
    let store = try openStore(path)
    #expect(rows(of: store).count == 13)
    #expect(store.pairs(.lease).count == 1)
    #expect(store.consistentIndex > 12)
    try SnapshotWriter(store.frozenView()).write(to: folder.file("export"), withDigest: false)
    store.close()

    #expect(rename(folder.file("export"), path) == 0)
    let again = try Original.Member(dataFolder: folder.file("data"))
    #expect(try again.ctl("get", "key7", "--print-value-only") == "value7\n")
    #expect(try again.ctl("get", "key3") == "")
    #expect(try hashKV(again) == hash)
    again.kill()
  }

  private func hashKV(_ member: Original.Member) throws -> Substring? {
    let fields = try member.ctl("endpoint", "hashkv").split(separator: ",")
    return fields.count == 2 ? fields[1] : nil
  }

  private func varint(_ value: Int) -> Bytes {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
  }
}
