import Base
import CShim
import Glibc

/// Questions to the name servers of `/etc/resolv.conf`, by glibc's resolver: its search list, its timeouts, its turn to
/// TCP where an answer is too large. Blocks its thread for as long as that takes.
enum NameServers {
  struct Services {
    var records: [ServiceRecord]
    /// How long they hold.
    var life: TimeSpan
  }

  /// Service records, the most preferred first; aliases are followed.
  static func services(of name: String) throws(DNSFailure) -> Services {
    var (name, seconds) = (name, UInt32.max)
    for _ in 0...Limits.dnsAliases {
      switch try DNSAnswer(reading: ask(name)).content {
      case .services(let records, let life):
        return Services(
          records: records.sorted { ($0.priority, $0.target, $0.port) < ($1.priority, $1.target, $1.port) },
          life: .seconds(Int64(min(seconds, life))))
      case .alias(let next, let life):
        // With a dot behind, so that the search list is left alone.
        (name, seconds) = (next + ".", min(seconds, life))
      }
    }
    throw .malformed("more than \(Limits.dnsAliases) aliases")
  }

  private static func ask(_ name: String) throws(DNSFailure) -> Bytes {
    let serviceKind: Int32 = 33
    var answer = Bytes(repeating: 0, count: Limits.dnsAnswerBytes)
    var reason: Int32 = 0
    let count = Int(cshim_dns_search(name, serviceKind, &answer, Int32(answer.count), &reason))
    guard count >= 0 else {
      switch reason {
      case HOST_NOT_FOUND: throw .noSuchHost
      case NO_DATA: throw .noRecords
      case TRY_AGAIN: throw .temporary("the name server does not answer, or cannot say")
      default: throw .temporary("the name server refuses or fails")
      }
    }
    guard count <= answer.count else { throw .malformed("it is truncated") }
    return Bytes(answer[..<count])
  }
}

/// Addresses of hosts, by the system's own rules (`/etc/hosts`, `nsswitch.conf`, DNS).
enum HostAddresses {
  /// `address:port`, in the form of `inet_ntop`. IPv4 that is mapped into IPv6 is the same as plain.
  static func of(_ host: String, port: String) -> Result<Set<String>, DNSFailure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port.isEmpty ? nil : port, &hints, &list)
    guard code == 0 else {
      if code == EAI_NONAME || code == -5 { return .failure(.noSuchHost) }
      return .failure(.temporary(gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"))
    }
    defer { freeaddrinfo(list) }
    var found: Set<String> = []
    var next = list
    while let entry = next {
      if let text = numeric(entry.pointee) { found.insert(text) }
      next = entry.pointee.ai_next
    }
    return .success(found)
  }

  private static func numeric(_ entry: addrinfo) -> String? {
    var host = [CChar](repeating: 0, count: 64)
    var port = [CChar](repeating: 0, count: 8)
    guard
      getnameinfo(
        entry.ai_addr, entry.ai_addrlen, &host, socklen_t(host.count), &port, socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV) == 0
    else { return nil }
    let text = String(utf8: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    let isMapped = text.hasPrefix("::ffff:") && text.contains(".")
    let address = isMapped ? String(text.dropFirst(7)) : text
    return address + " " + String(utf8: port.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
  }
}
