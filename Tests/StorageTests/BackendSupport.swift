import Base
import Foundation
import Glibc

@testable import Storage

/// A fresh directory, removed with its content when the value is dropped.
final class TemporaryFolder {
  let path: String
  init() {
    var template = Array((FileManager.default.temporaryDirectory.path + "/backend-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no temporary folder: \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
  func read(_ name: String) throws -> Bytes { Bytes(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }
  func write(_ bytes: Bytes, _ name: String) -> String {
    _ = FileManager.default.createFile(atPath: file(name), contents: Data(bytes))
    return file(name)
  }
}

/// Everything a view shows, bucket by bucket.
func content(of view: any FrozenView) -> [String: [[Bytes]]] {
  var all: [String: [[Bytes]]] = [:]
  for bucket in Bucket.allCases {
    var pairs: [[Bytes]] = []
    view.scan(bucket) { key, value in
      pairs.append([Bytes(key), Bytes(value)])
      return true
    }
    all[bucket.name] = pairs
  }
  return all
}

func rows(of backend: any Backend, from: Revision = Revision(main: 0), through: Revision = Revision(main: .max))
  -> [String]
{
  var rows: [String] = []
  backend.scanRows(from: from, through: through) { revision, isTombstone, record in
    rows.append("\(revision.main).\(revision.sub)\(isTombstone ? "t" : "") \(hex(Bytes(record)))")
    return true
  }
  return rows
}

func row(_ backend: any Backend, _ revision: Revision) -> Bytes? {
  var found: Bytes?
  let isThere = backend.row(at: revision) { record, isTombstone in found = Bytes(record) + [isTombstone ? 1 : 0]
  }
  return isThere ? found : nil
}

func openStore(_ path: String, onCommitted: @escaping @Sendable () -> Void = {}) throws -> LMDBBackend {
  try LMDBBackend(path: path, onCommitted: onCommitted)
}
