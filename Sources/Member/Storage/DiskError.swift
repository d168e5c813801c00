import Glibc

/// The file system refused: what was tried, where, and the system's reason.
package struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Operation: String, Sendable {
    case open, stat, list, rename, remove, mkdir, statfs, write, read, truncate, preallocate, lock
    case fdatasync, fsync
  }

  package var operation: Operation
  package var path: String
  /// The system's error number (`errno`).
  package var code: Int32

  package init(_ operation: Operation, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Somebody else holds the lock.
  package var isLocked: Bool { operation == .lock && (code == EWOULDBLOCK || code == EACCES) }
  package var isMissing: Bool { code == ENOENT }
  package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }

  /// The reason first, in the system's words, then what failed and what an operator can do.
  package var description: String {
    if isLocked {
      return "\(path) is locked by another process: is another etcd running on this data directory?"
    }
    let reason = String(cString: strerror(code))
    let text = "\(reason.prefix(1).lowercased())\(reason.dropFirst()): \(operation.rawValue) \(path)"
    return advice.map { "\(text) (\($0))" } ?? text
  }

  private var advice: String? {
    switch code {
    case ENOSPC: "free some space on this file system and start again; nothing acknowledged was lost"
    case EDQUOT: "raise the disk quota of this user and start again; nothing acknowledged was lost"
    case EROFS: "the file system is mounted read-only; look for disk errors in the kernel's log"
    case EACCES, EPERM: "the data directory must belong to the user that runs etcd"
    case EIO: "the device failed; move this member to another disk"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n, LimitNOFILE)"
    default: nil
    }
  }
}
