import Base
import TLS

/// What a client is told.
package struct ClientSettings {
  /// As operators write them; the first one's scheme decides whether all are encrypted.
  package var endpoints: [String]
  /// Each endpoint's own scheme decides instead: DNS may name both kinds.
  package var mixesSchemes = false
  package var keepaliveTime = TimeSpan.zero
  package var keepaliveTimeout = TimeSpan.seconds(20)
  /// Encrypts where endpoints have no scheme or `https`; nil means plain, or the system's authorities for `https`.
  package var tls: TLSSettings?
  /// Both empty: no signing in.
  package var user = ""
  package var password = ""
  /// How long signing in may take; zero for no end.
  package var dialTimeout = TimeSpan.zero
  /// For spreading waits.
  package var seed: UInt64 = 1
  /// Hears of each attempt of a call that failed: target, attempt from 0 on, why.
  package var onFailedAttempt: (_ target: String, _ attempt: Int, _ status: RPCFailure) -> Void = { _, _, _ in }

  package init(endpoints: [String]) { self.endpoints = endpoints }
}

/// Why a client cannot be made.
package enum ClientError: Error, CustomStringConvertible {
  case noEndpoints
  case tls(TLSError)

  package var description: String {
    switch self {
    case .noEndpoints: "etcdclient: no available endpoints"
    case .tls(let error): error.description
    }
  }
}
