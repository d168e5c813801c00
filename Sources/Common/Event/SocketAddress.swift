import Base
import Glibc

/// Where a socket is bound or connected: an IP address and port, or a path.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// Four or sixteen bytes, and for link-local IPv6 the interface's number.
    case ip(Bytes, port: UInt16, scope: UInt32)
    case unix(String)
  }
  package var kind: Kind

  package static func ip(_ bytes: Bytes, port: UInt16) -> SocketAddress {
    .init(kind: .ip(bytes, port: port, scope: 0))
  }
  package static func unix(_ path: String) -> SocketAddress { .init(kind: .unix(path)) }
  package static let anyIPv6 = Bytes(repeating: 0, count: 16)

  package init(kind: Kind) { self.kind = kind }

  /// A literal address (`127.0.0.1`, `::1`, with or without brackets); nil for names. Empty means all interfaces.
  package init?(literal host: String, port: UInt16) {
    var host = host
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host.isEmpty {
      self = .ip(Self.anyIPv6, port: port)
      return
    }
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, host, &v4) == 1 {
      self = .ip(withUnsafeBytes(of: v4) { Bytes($0) }, port: port)
    } else if inet_pton(AF_INET6, host, &v6) == 1 {
      self = .ip(withUnsafeBytes(of: v6) { Bytes($0) }, port: port)
    } else {
      return nil
    }
  }

  package var port: UInt16 {
    if case .ip(_, let port, _) = kind { return port }
    return 0
  }

  /// `tcp` or `unix`, as Go names networks.
  package var network: String {
    if case .unix = kind { return "unix" }
    return "tcp"
  }

  /// The host alone: the address's text, or the path.
  package var host: String {
    switch kind {
    case .unix(let path): path
    case .ip(let bytes, _, _): Self.text(bytes)
    }
  }

  package var isLoopback: Bool {
    guard case .ip(let bytes, _, _) = kind else { return true }
    return bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// As Go prints it: `127.0.0.1:2379`, `[::1]:2379`, or the path.
  package var description: String {
    switch kind {
    case .unix(let path): path
    case .ip(let bytes, let port, _): bytes.count == 4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }
  }

  private static func text(_ bytes: Bytes) -> String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

// To and from C.
extension SocketAddress {
  var family: Int32 {
    switch kind {
    case .unix: AF_UNIX
    case .ip(let bytes, _, _): bytes.count == 4 ? AF_INET : AF_INET6
    }
  }

  /// Lends the address to a system call; nil when a path is too long for one.
  func withC<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R? {
    var storage = sockaddr_storage()
    guard let count = fill(&storage) else { return nil }
    return withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(count)) }
    }
  }

  private func fill(_ storage: inout sockaddr_storage) -> Int? {
    withUnsafeMutableBytes(of: &storage) { memory in
      switch kind {
      case .unix(let path):
        let bytes = Bytes(path.utf8)
        guard bytes.count < 108 else { return nil }
        memory.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        memory[2..<(2 + bytes.count)].copyBytes(from: bytes)
        return 2 + bytes.count + 1
      case .ip(let bytes, let port, let scope):
        memory.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
        memory.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
        let offset = bytes.count == 4 ? 4 : 8
        memory[offset..<(offset + bytes.count)].copyBytes(from: bytes)
        if bytes.count == 4 { return MemoryLayout<sockaddr_in>.size }
        memory.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
        return MemoryLayout<sockaddr_in6>.size
      }
    }
  }

  /// From C; IPv4 addresses mapped into IPv6 become plain IPv4, as in Go.
  init(c memory: UnsafeRawBufferPointer) {
    let family = memory.count >= 2 ? Int32(memory.loadUnaligned(as: sa_family_t.self)) : AF_UNIX
    switch family {
    case AF_INET where memory.count >= 8: self = .ip(Bytes(memory[4..<8]), port: Self.port(memory))
    case AF_INET6 where memory.count >= 28:
      let bytes = Bytes(memory[8..<24])
      let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      let scope = memory.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
      kind = .ip(isMapped ? Bytes(bytes[12...]) : bytes, port: Self.port(memory), scope: isMapped ? 0 : scope)
    default: self = .unix(String(utf8: memory.dropFirst(2).prefix { $0 != 0 }))
    }
  }

  private static func port(_ memory: UnsafeRawBufferPointer) -> UInt16 {
    UInt16(bigEndian: memory.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
  }

  /// Lets a system call (`accept`, `getsockname`) write an address; nil when it fails with its result.
  static func reading(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> (result: Int32, address: SocketAddress) {
    var storage = sockaddr_storage()
    var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &count) }
    }
    let address = withUnsafeBytes(of: &storage) { memory in
      SocketAddress(c: UnsafeRawBufferPointer(rebasing: memory.prefix(result < 0 ? 0 : Int(count))))
    }
    return (result, address)
  }
}
