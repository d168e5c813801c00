import Base

/// The endpoints of a cluster and which of them the next connection goes to. It decides and does nothing else.
///
/// The lowest priority class with an active endpoint serves; within it chance by weight, or each in turn where nobody has
/// a weight. As etcd 3.4: proxy/tcpproxy/userspace.go, pick, but there endpoints of other classes have their turn too when
/// there are no weights.
struct EndpointChoice {
  struct Endpoint: Hashable, Sendable {
    var host: String
    var port: UInt16
    var priority: UInt16 = 0
    var weight: UInt16 = 0
    /// How it is called in the log, and what tells it apart: an IPv6 host has its brackets.
    var name: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  private struct Place {
    var endpoint: Endpoint
    var isActive = true
  }
  private var places: [Place] = []
  /// Endpoints given out in turn.
  private var turn = 0

  init(_ endpoints: [Endpoint]) { replace(with: endpoints) }

  var endpoints: [Endpoint] { places.map(\.endpoint) }
  var inactive: [Endpoint] { places.filter { !$0.isActive }.map(\.endpoint) }
  func knows(_ name: String) -> Bool { places.contains { $0.endpoint.name == name } }
  var hasActive: Bool { places.contains { $0.isActive } }
  func isActive(_ name: String) -> Bool { places.contains { $0.endpoint.name == name && $0.isActive } }

  /// Takes another list; what is known of those that stay is kept.
  mutating func replace(with endpoints: [Endpoint]) {
    let inactive = Set(self.inactive.map(\.name))
    var seen: Set<String> = []
    places = endpoints.filter { seen.insert($0.name).inserted }.map {
      Place(endpoint: $0, isActive: !inactive.contains($0.name))
    }
  }

  /// The endpoint for the next connection; nil when none is active.
  mutating func pick(_ dice: inout Dice) -> Endpoint? {
    let active = places.filter(\.isActive).map(\.endpoint)
    guard let best = active.map(\.priority).min() else { return nil }
    let group = active.filter { $0.priority == best }
    let weighted = group.filter { $0.weight > 0 }
    // Beside weights, an endpoint without one has a small chance: RFC 2782.
    if weighted.isEmpty || weighted.count < group.count && dice.below(100) == 0 {
      return next(of: group.filter { $0.weight == 0 })
    }
    var choice = dice.below(weighted.reduce(0) { $0 + Int($1.weight) })
    for endpoint in weighted {
      choice -= Int(endpoint.weight)
      if choice < 0 { return endpoint }
    }
    return weighted.last
  }

  private mutating func next(of group: [Endpoint]) -> Endpoint {
    defer { turn &+= 1 }
    return group[turn % group.count]
  }

  /// A connection could not be made; true when that is news.
  mutating func failed(_ name: String) -> Bool { set(name, isActive: false) }

  /// A connection was made; true when that is news.
  mutating func recovered(_ name: String) -> Bool { set(name, isActive: true) }

  private mutating func set(_ name: String, isActive: Bool) -> Bool {
    guard let index = places.firstIndex(where: { $0.endpoint.name == name }), places[index].isActive != isActive
    else { return false }
    places[index].isActive = isActive
    return true
  }
}
