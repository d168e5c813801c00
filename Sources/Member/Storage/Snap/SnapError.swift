/// Why a snapshot file cannot be saved or used. The first words are etcd's.
package enum SnapError: Error, Equatable, Sendable, CustomStringConvertible {
  case disk(DiskError)
  case empty(path: String)
  case checksum(path: String)
  case undecodable(path: String)

  package var description: String {
    switch self {
    case .disk(let error): "snap: \(error)"
    case .empty(let path): "snap: empty snapshot (\(path))"
    case .checksum(let path): "snap: crc mismatch (\(path))"
    case .undecodable(let path): "snap: corrupted snapshot file (\(path))"
    }
  }
}
