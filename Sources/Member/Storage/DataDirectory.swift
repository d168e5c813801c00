import Base
import Glibc

/// Where a member keeps its things: `DATA/member/wal`, `DATA/member/snap`; a proxy has `DATA/proxy`.
///
/// A value of paths; it does not look at the disk until asked. As etcd 3.4: etcdserver/config.go, etcdmain/etcd.go.
package struct DataDirectory: Sendable {
  package let path: String
  /// As `--wal-dir` names it, or `member/wal`.
  package let wal: String

  /// `wal` empty or nil means the usual place.
  package init(_ path: String, wal: String? = nil) {
    let path = Self.trimmed(path)
    self.path = path
    self.wal = wal.map(Self.trimmed).flatMap { $0.isEmpty ? nil : $0 } ?? path + "/member/wal"
  }

  package var member: String { path + "/member" }
  package var snap: String { path + "/member/snap" }
  package var proxy: String { path + "/proxy" }

  /// What the directory was used for.
  package enum Use: String, Sendable {
    case nothing = "empty"
    case member, proxy
  }

  /// Tells a member's directory from a proxy's. Foreign names are warned of; a missing directory is unused.
  package func use(_ disk: any Disk, log: Log = .silent) throws(DataDirectoryError) -> Use {
    let names: [String]
    do throws(DiskError) { names = try disk.names(in: path) } catch {
      if error.isMissing { return .nothing }
      throw .disk(error)
    }
    for name in names where name != "member" && name != "proxy" {
      log(
        .warning,
        "found invalid file/dir \(name) under data dir \(path) (Ignore this if you are upgrading etcd)")
    }
    switch (names.contains("member"), names.contains("proxy")) {
    case (true, true): throw .both
    case (true, false): return .member
    case (false, true): return .proxy
    case (false, false): return .nothing
    }
  }

  /// Makes the data, member and snapshot directories where they are missing, mode 0700, warns where an existing one is
  /// open to others, and makes sure they can be written. The log's own directory is made by the log.
  package func prepare(_ disk: any Disk, log: Log = .silent) throws(DataDirectoryError) {
    for directory in [path, member, snap] { try touch(directory, disk, log: log) }
    if WAL.exists(disk, in: wal) { try touch(wal, disk, log: log) }
  }

  /// Keeps a second process out of the member directory until the answer is closed.
  package func lock(_ disk: any Disk) throws(DataDirectoryError) -> any DiskLock {
    do throws(DiskError) { return try disk.lockDirectory(member) } catch {
      if error.isLocked { throw .inUse(path: path) }
      throw .disk(error)
    }
  }

  /// Makes `directory` with mode 0700 where it is missing, and writes and removes a file in it.
  /// As etcd 3.4: pkg/fileutil, TouchDirAll.
  private func touch(_ directory: String, _ disk: any Disk, log: Log) throws(DataDirectoryError) {
    do throws(DiskError) {
      if let found = try disk.status(of: directory) {
        guard found.isDirectory else { throw DiskError(.mkdir, directory, code: ENOTDIR) }
        if found.mode != 0o700 { log(.warning, Self.modeWarning(directory, found.mode)) }
      } else {
        try disk.makeDirectories(directory)
      }
      let probe = directory + "/.touch"
      try disk.open(probe, .create).close()
      try disk.remove(probe)
    } catch { throw .notWritable(path: directory, error) }
  }

  private static func modeWarning(_ directory: String, _ mode: UInt32) -> String {
    "check file permission: directory \"\(directory)\" exist, but the permission is \"\(modeText(mode))\". "
      + "The recommended permission is \"\(modeText(0o700))\" to prevent possible unprivileged access to the data."
  }

  /// As `ls -l` shows a directory's mode.
  private static func modeText(_ mode: UInt32) -> String {
    var text = "d"
    for (bit, letter) in zip((0..<9).reversed(), "rwxrwxrwx") {
      text.append(mode >> UInt32(bit) & 1 == 1 ? letter : "-")
    }
    return text
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

/// Why a data directory cannot be used.
package enum DataDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
  case disk(DiskError)
  case both
  case notWritable(path: String, DiskError)
  case inUse(path: String)

  package var description: String {
    switch self {
    case .disk(let error): "\(error)"
    case .both: "invalid datadir. Both member and proxy directories exist."
    case .notWritable(let path, let error): "cannot write to directory \(path): \(error)"
    case .inUse(let path):
      "another etcd process is using \"\(path)\": stop it first, or give this member a data directory of its own"
    }
  }
}
