import Base
import COpenSSL
import Glibc

/// Serial numbers that are refused. As etcd 3.4 (pkg/transport/listener_tls.go, checkCRL) only serials count:
/// neither issuer nor signature nor dates of the list are looked at.
struct RevocationList {
  private let list: Handle

  /// An X509_CRL that is freed once.
  private final class Handle {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { X509_CRL_free(pointer) }
  }

  /// Reads PEM or DER.
  init(file: String) throws(TLSError) {
    let bytes = try readFile(file)
    let bio = BIO_new_mem_buf(bytes, Int32(bytes.count))
    defer { BIO_free(bio) }
    var found = PEM_read_bio_X509_CRL(bio, nil, nil, nil)
    if found == nil {
      ERR_clear_error()
      found = bytes.withUnsafeBufferPointer { buffer in
        var start = buffer.baseAddress
        return d2i_X509_CRL(nil, &start, buffer.count)
      }
    }
    guard let found else { throw .queued("not a revocation list", file: file) }
    list = Handle(found)
  }

  func revokes(_ certificate: OpaquePointer) -> Bool {
    var entry: OpaquePointer?
    // A certificate's serial is lent, though the C type of the look-up does not promise not to write to it.
    return X509_CRL_get0_by_serial(list.pointer, &entry, X509_get_serialNumber(certificate)) == 1
  }
}

/// A whole file of at most `Limits.certificateFileBytes`.
func readFile(_ path: String) throws(TLSError) -> Bytes {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw TLSError("open \(path): \(goText(errno))") }
  defer { close(descriptor) }
  var bytes = Bytes()
  var chunk = Bytes(repeating: 0, count: 16 * 1024)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    if count == 0 { return bytes }
    if count < 0 {
      if errno == EINTR { continue }
      throw TLSError("read \(path): \(goText(errno))")
    }
    bytes.append(contentsOf: chunk[..<count])
    if bytes.count > Limits.certificateFileBytes { throw TLSError("file too large", file: path) }
  }
}

/// The system's text with a small first letter, as Go prints it.
func goText(_ code: Int32) -> String {
  guard let text = strerror(code).map({ String(cString: $0) }), let first = text.first else {
    return "errno \(code)"
  }
  return first.lowercased() + text.dropFirst()
}

/// What changes when a file is replaced or written.
struct FileStamp: Equatable {
  private var device: UInt = 0
  private var inode: UInt = 0
  private var size = 0
  private var seconds = 0
  private var nanoseconds = 0

  /// A file that is not there has a stamp of its own.
  init(_ path: String) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return }
    device = UInt(facts.st_dev)
    inode = UInt(facts.st_ino)
    size = Int(facts.st_size)
    seconds = facts.st_mtim.tv_sec
    nanoseconds = facts.st_mtim.tv_nsec
  }
}
