import Base
import Glibc
import Storage
import Wire

let memberA: UInt64 = 0x6945_ef48_5cb4_4bfc
let clusterA: UInt64 = 0xcf1f_a5b7_5c71_155a
let metadataA = WALMetadata(nodeID: memberA, clusterID: clusterA).encoded()

/// Bytes from hex digits that a test wrote.
func unhex(_ text: String) -> Bytes { bytes(hex: text) ?? [] }

func entry(_ index: UInt64, term: UInt64 = 1, _ text: String) -> Entry {
  Entry(term: term, index: index, data: text.bytes)
}

func smallFiles(_ bytes: Int = 4096) -> WALOptions {
  var options = WALOptions()
  options.segmentBytes = bytes
  return options
}

/// A directory of its own in the system's temporary directory, removed at the end.
final class TemporaryDirectory {
  let path: String
  init() {
    var template = Array("/tmp/storage-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }
  deinit { try? SystemDisk().removeTree(path) }
}
