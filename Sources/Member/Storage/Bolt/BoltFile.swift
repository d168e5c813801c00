import Base
import CShim
import Glibc

/// The bytes of a bbolt file: mapped for reading, or a copy in memory.
package final class BoltFile: @unchecked Sendable {
  // `@unchecked` is right here: the bytes are constant until `deinit`.
  package let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Maps the file. It must not be shortened by anyone while it is mapped.
  package init(path: String) throws(BackendError) {
    let descriptor = cshim_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { throw .failed(call: "open", path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .failed(call: "stat", path: path, code: errno) }
    guard status.st_size > 0 else { throw .foreign(path: path) }
    let mapped = mmap(nil, status.st_size, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else { throw .failed(call: "mmap", path: path, code: errno) }
    bytes = UnsafeRawBufferPointer(start: mapped, count: status.st_size)
    isMapped = true
  }

  package init(copying content: Bytes) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 16)
    copy.copyBytes(from: content)
    bytes = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }

  /// True where the file has a valid meta page, be it the first or the second.
  static func hasMeta(_ path: String) -> Bool {
    guard let file = try? BoltFile(path: path) else { return false }
    return BoltReader.newestMeta(in: file.bytes) != nil
  }
}
