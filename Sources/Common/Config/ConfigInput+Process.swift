import Base
import Glibc

extension ConfigInput {
  /// What this process was started with. Reads the clock now; files and the route when they are asked for.
  package static func ofThisProcess() -> ConfigInput {
    ConfigInput(
      arguments: Array(CommandLine.arguments.dropFirst()), environment: allVariables(),
      now: WallTime.now(), readFile: { readWholeFile($0) }, defaultHost: { defaultRouteAddress() })
  }

  private static func allVariables() -> [String] {
    var entries: [String] = []
    var cursor = environ
    while let entry = cursor.pointee {
      entries.append(String(cString: entry))
      cursor += 1
    }
    return entries
  }

  private static func readWholeFile(_ path: String) -> Result<Bytes, FileFailure> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(FileFailure("open \(path): \(reason(errno))")) }
    defer { close(descriptor) }
    var bytes = Bytes()
    var chunk = Bytes(repeating: 0, count: Limits.readChunkBytes)
    // One byte beyond the bound is enough for the reader to refuse the file.
    while bytes.count <= Limits.configFileBytes {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        return .failure(FileFailure("read \(path): \(reason(errno))"))
      }
      bytes.append(contentsOf: chunk[..<count])
    }
    return .success(bytes)
  }

  /// The system's words as Go writes them, beginning in lower case.
  private static func reason(_ code: Int32) -> String {
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// The address that a datagram to the outside would leave by; connecting one sends nothing.
  /// As etcd 3.4: pkg/netutil/routes_linux.go, GetDefaultHost, which asks netlink.
  private static func defaultRouteAddress() -> DefaultHost {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .none(reason: reason(errno)) }
    defer { close(descriptor) }
    var outside = sockaddr_in()
    outside.sin_family = sa_family_t(AF_INET)
    outside.sin_port = UInt16(53).bigEndian
    // 192.0.2.1 is set aside for documentation: it lies outside every network, so only the default route leads there.
    outside.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian
    let connected = withUnsafePointer(to: &outside) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return .none(reason: "could not find default route") }
    var own = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &own) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    guard named == 0, inet_ntop(AF_INET, &own.sin_addr, &text, socklen_t(text.count)) != nil else {
      return .none(reason: reason(errno))
    }
    return .address(String(utf8: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }))
  }
}

extension WallTime {
  /// The wall clock in the zone of this process.
  package static func now() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var civil = tm()
    localtime_r(&time.tv_sec, &civil)
    return WallTime(
      nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
      offsetSeconds: civil.tm_gmtoff)
  }
}
