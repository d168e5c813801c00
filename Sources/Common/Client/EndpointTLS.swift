import Base
import TLS

/// What the connections of one client are encrypted with.
package struct EndpointTLS {
  private let settings: ClientSettings
  /// For all endpoints, or with `mixesSchemes` for those that ask for it.
  private var context: TLSContext?

  /// Reads the files that are needed, so that mistakes show.
  package init(_ settings: ClientSettings) throws(ClientError) {
    self.settings = settings
    guard let first = settings.endpoints.first else { throw .noEndpoints }
    if settings.mixesSchemes {
      try prepare(for: settings.endpoints)
    } else {
      context = try Client.context(settings, ClientEndpoint(first))
    }
  }

  /// Makes ready for other endpoints.
  package mutating func prepare(for endpoints: [String]) throws(ClientError) {
    guard settings.mixesSchemes, context == nil,
      let secure = endpoints.map({ ClientEndpoint($0) }).first(where: { $0.scheme == .https })
    else { return }
    context = try Client.context(settings, secure)
  }

  package func context(for endpoint: ClientEndpoint) -> TLSContext? {
    settings.mixesSchemes && endpoint.scheme != .https ? nil : context
  }
}
