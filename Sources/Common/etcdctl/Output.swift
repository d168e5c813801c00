import Base
import Glibc
import Synchronization

/// Where commands write: standard output, gathered into larger writes, and standard error. Content is bytes, as keys
/// and values need not be text.
enum Output {
  private static let kept = 64 * 1024
  private static let waiting = Mutex<Bytes>([])

  static func write(_ bytes: Bytes) {
    waiting.withLock { waiting in
      waiting += bytes
      if waiting.count >= kept { send(&waiting) }
    }
  }

  static func write(_ text: String) { write(text.bytes) }
  static func line(_ text: String) { write(text + "\n") }
  static func line(_ bytes: Bytes) { write(bytes + [0x0A]) }

  /// Lets what was written so far be seen.
  static func flush() { waiting.withLock { send(&$0) } }

  /// What `body` writes to standard output, instead of writing it.
  static func captured(_ body: () throws -> Void) rethrows -> Bytes {
    flush()
    capture.withLock { $0 = [] }
    defer { capture.withLock { $0 = nil } }
    try body()
    flush()
    return capture.withLock { $0 ?? [] }
  }
  private static let capture = Mutex<Bytes?>(nil)

  private static func send(_ bytes: inout Bytes) {
    let isCaptured = capture.withLock { kept in
      kept?.append(contentsOf: bytes)
      return kept != nil
    }
    if !isCaptured { send(bytes, to: 1) }
    bytes.removeAll(keepingCapacity: true)
  }

  static func errorLine(_ text: String) { error(text + "\n") }

  static func error(_ text: String) {
    // In the order of events, should both streams end in one place.
    flush()
    send(text.bytes, to: 2)
  }

  private static func send(_ bytes: Bytes, to descriptor: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }  // nobody reads us; there is nowhere to say so
      sent += count
    }
  }
}
