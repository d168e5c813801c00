import Base
import CLMDB
import Glibc

/// Why a store could not be opened, taken over or written.
package enum BackendError: Error, Equatable, CustomStringConvertible {
  /// Another process has the file.
  case locked(path: String)
  /// The file is neither ours nor bbolt's.
  case foreign(path: String)
  /// The file is one of the two, but its content breaks a rule.
  case damaged(path: String, rule: String)
  /// A call to the system or to LMDB failed with `code` (errno, or one of LMDB's negative codes).
  case failed(call: String, path: String, code: Int32)
  /// The work was given up because the store closes.
  case stopped(path: String)

  package var description: String {
    switch self {
    case .locked(let path): "\(path) is in use by another process"
    case .foreign(let path): "\(path) is neither a store of this program nor a bbolt file of etcd"
    case .damaged(let path, let rule): "\(path) is damaged: \(rule)"
    case .stopped(let path): "\(path) was not completed: the store closes"
    case .failed(let call, let path, let code): "\(call) of \(path) failed: \(Self.text(of: code))"
    }
  }

  /// True where the disk (or the reserved map) had no room.
  package var isOutOfSpace: Bool {
    guard case .failed(_, _, let code) = self else { return false }
    return code == ENOSPC || code == EDQUOT || code == MDB_MAP_FULL
  }

  /// What an operator can do, to be put behind the text; empty where nothing is known. What was acknowledged is in the log.
  package var remedy: String {
    isOutOfSpace ? " (free some space on this file system and start again; nothing acknowledged was lost)" : ""
  }

  static func text(of code: Int32) -> String {
    switch code {
    case ENOSPC: "no space left on device"
    case EDQUOT: "disk quota exceeded"
    case MDB_MAP_FULL: "the address space reserved for the store is used up"
    default: String(cString: mdb_strerror(code))
    }
  }
}
