/// What a service is called in DNS: `_etcd-server-ssl-NAME._tcp.DOMAIN`. As etcd 3.4: pkg/srv/srv.go, GetSRVService.
struct SRVName: Hashable, Sendable {
  /// `etcd-server` for members, `etcd-client` for clients.
  var service: String
  var isSecure: Bool
  /// The suffix of `--discovery-srv-name`; empty for none.
  var suffix: String
  var domain: String

  var scheme: String { isSecure ? "https" : "http" }
  /// The service with its suffixes, as messages name it.
  var label: String { service + (isSecure ? "-ssl" : "") + (suffix.isEmpty ? "" : "-" + suffix) }
  var text: String { "_\(label)._tcp.\(domain)" }

  /// The encrypted service is asked for first.
  static func both(_ service: String, suffix: String, domain: String) -> [SRVName] {
    [true, false].map { SRVName(service: service, isSecure: $0, suffix: suffix, domain: domain) }
  }
}

/// Why service records lead nowhere.
package enum SRVFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are none.
  case noRecords(String)
  /// What may heal by itself: a name that is not there yet, a name server that is silent.
  case passing(String)
  /// What stands there cannot be used.
  case wrong(String)
  case cancelled

  package var description: String {
    switch self {
    case .noRecords(let text), .passing(let text), .wrong(let text): text
    case .cancelled: "given up"
    }
  }
}
