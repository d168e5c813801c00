import Base
import CLMDB
import CShim
import Glibc

/// The store as a file: which kind it is, how it is made anew, taken over and put in place.
///
/// A new file is always made beside the store under a name of its own and renamed over it when it is durable,
/// so that each step may be the last one before a crash. LMDB's lock file carries the data file's name and
/// is renamed with it: two open environments must never share one.
enum StoreFile {
  enum Kind: Equatable {
    case missing, ours, bolt, foreign
  }

  static let copySuffix = ".defrag"
  static let importSuffix = ".import"

  /// Both formats carry their magic behind a page header of sixteen bytes.
  static func kind(of path: String) throws(BackendError) -> Kind {
    let descriptor = cshim_open(path, O_RDONLY, 0)
    if descriptor < 0 {
      if errno == ENOENT { return .missing }
      throw .failed(call: "open", path: path, code: errno)
    }
    defer { close(descriptor) }
    var start = Bytes(repeating: 0, count: 20)
    let count = pread(descriptor, &start, start.count, 0)
    if count < 0 { throw .failed(call: "read", path: path, code: errno) }
    // A crash in the very first start leaves an empty file.
    if count == 0 { return .missing }
    switch start.withUnsafeBytes({ $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self).littleEndian }) {
    case lmdbMagic: return .ours
    case BoltPage.magic: return .bolt
    default:
      // bbolt lives with one damaged meta page; the other one lies at the second page.
      return BoltFile.hasMeta(path) ? .bolt : .foreign
    }
  }
  private static let lmdbMagic: UInt32 = 0xBEEF_C0DE

  /// Opens the store at `path`; a missing one is made, a bbolt file is taken over.
  static func open(_ path: String, unsafeNoSync: Bool, log: Log) throws(BackendError) -> LMDBEnvironment {
    remove(path + copySuffix)
    remove(path + importSuffix)
    switch try kind(of: path) {
    case .ours: return try LMDBEnvironment(path: path, unsafeNoSync: unsafeNoSync)
    case .missing:
      let environment = try LMDBEnvironment(path: path, unsafeNoSync: unsafeNoSync)
      try syncDirectory(of: path)
      return environment
    case .bolt: return try takeOver(path, unsafeNoSync: unsafeNoSync, log: log)
    case .foreign: throw .foreign(path: path)
    }
  }

  /// Puts a store made from a bbolt file in the place of that file, which stays beside it as `db.bbolt-<n>`.
  private static func takeOver(_ path: String, unsafeNoSync: Bool, log: Log) throws(BackendError)
    -> LMDBEnvironment
  {
    let lock = try lockFile(at: path)  // refused while a Go member has it open
    defer { close(lock) }
    log(.info, "taking over a bbolt file", LogField("path", path))
    let made = try importImage(path, into: path, unsafeNoSync: unsafeNoSync)
    let kept = try keep(path)
    try replace(with: made)
    log(
      .info, "took over a bbolt file; the original is kept and may be removed", LogField("path", path),
      LogField("original", kept))
    return made
  }

  /// Makes a store from the bbolt image at `image`, durable under the name `path` + ".import".
  static func importImage(_ image: String, into path: String, unsafeNoSync: Bool) throws(BackendError)
    -> LMDBEnvironment
  {
    do {
      let reader = try BoltReader(BoltFile(path: image))
      try reader.check()
      return try make(path + importSuffix, unsafeNoSync: unsafeNoSync) {
        (loader) throws(BackendError) in try loader.load(reader, path: image)
      }
    } catch let error as BoltError {
      throw .damaged(path: image, rule: error.description)
    } catch let error as BackendError {
      throw error
    } catch {
      broken("an error of no known type: \(error)")
    }
  }

  /// A fresh, dense copy of a frozen view, durable under the name `path` + ".defrag".
  /// Given up soon after `stop` was raised.
  static func copy(_ view: any FrozenView, path: String, unsafeNoSync: Bool, unless stop: Flag) -> Result<
    LMDBEnvironment, BackendError
  > {
    do throws(BackendError) {
      return .success(
        try make(path + copySuffix, unsafeNoSync: unsafeNoSync) { (loader) throws(BackendError) in
          try loader.load(view, unless: stop)
        })
    } catch { return .failure(error) }
  }

  private static func make(
    _ path: String, unsafeNoSync: Bool, _ fill: (StoreLoader) throws(BackendError) -> Void
  ) throws(BackendError) -> LMDBEnvironment {
    remove(path)
    do throws(BackendError) {
      let environment = try LMDBEnvironment(path: path, unsafeNoSync: unsafeNoSync)
      try fill(StoreLoader(environment))
      try check(mdb_env_sync(environment.handle, 1), "sync", path)
      return environment
    } catch {
      remove(path)
      throw error
    }
  }

  /// Renames a made store over the store it stands for. It stays open: neither LMDB nor a flock minds.
  ///
  /// Throws only while the old store is in place still. Behind the rename there is no way back.
  static func replace(with made: LMDBEnvironment) throws(BackendError) {
    let path = made.storePath
    guard rename(made.path, path) == 0 else { throw .failed(call: "rename", path: made.path, code: errno) }
    // Were this lost in a crash, the next start would make a lock file of its own.
    rename(made.path + "-lock", path + "-lock")
    do throws(BackendError) { try syncDirectory(of: path) } catch {
      broken("the replaced store is not known to be durable: \(error)")
    }
  }

  static func discard(_ made: LMDBEnvironment) { remove(made.path) }

  /// A second name for the original; unlike a rename it leaves no moment without a store.
  private static func keep(_ path: String) throws(BackendError) -> String {
    var number = 1
    while true {
      let name = "\(path).bbolt-\(number)"
      if link(path, name) == 0 { return name }
      guard errno == EEXIST else { throw .failed(call: "link", path: path, code: errno) }
      // A takeover that a crash cut short has given the name already.
      if identity(of: name) == identity(of: path) { return name }
      number += 1
    }
  }

  private static func identity(of path: String) -> UInt64? {
    var status = stat()
    return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  private static func remove(_ path: String) {
    unlink(path)
    unlink(path + "-lock")
  }

  static func syncDirectory(of path: String) throws(BackendError) {
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let directory = end.map { String(path[..<$0]) } ?? "."
    let descriptor = cshim_open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY, 0)
    guard descriptor >= 0 else { throw .failed(call: "open", path: directory, code: errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw .failed(call: "sync", path: directory, code: errno) }
  }
}

extension LMDBEnvironment {
  /// The store this file stands for: its own path, or that without the suffix it was made under.
  var storePath: String {
    for suffix in [StoreFile.copySuffix, StoreFile.importSuffix] where path.hasSuffix(suffix) {
      return String(path.dropLast(suffix.utf8.count))
    }
    return path
  }
}
