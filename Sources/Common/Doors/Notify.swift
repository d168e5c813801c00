import Base
import Glibc

/// Tells systemd how the service stands, over the datagram socket it names. As sd_notify(3); without the variable nothing
/// happens.
package enum Notify {
  package static func ready() { send("READY=1") }
  package static func stopping() { send("STOPPING=1") }

  private static func send(_ state: String) {
    guard let name = getenv("NOTIFY_SOCKET") else { return }
    var path = String(cString: name).bytes
    guard path.count > 1, path[0] == UInt8(ascii: "/") || path[0] == UInt8(ascii: "@") else { return }
    var address = sockaddr_un()
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    address.sun_family = sa_family_t(AF_UNIX)
    // `@` stands for the abstract name space, whose names begin with a zero byte.
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let text = state.bytes
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
