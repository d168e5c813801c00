/// A member's number, hashed from its peer URLs and the cluster token; hex on every surface.
package struct MemberID: Hashable, Comparable, Sendable {
  package var rawValue: UInt64
  package init(_ rawValue: UInt64) { self.rawValue = rawValue }
  /// No member; Raft's "none".
  package static let none = MemberID(0)
  /// Lower-case hex without leading zeros, as etcd prints ids.
  package var hex: String { String(rawValue, radix: 16) }
  package static func < (a: MemberID, b: MemberID) -> Bool { a.rawValue < b.rawValue }
}

/// A cluster's number, hashed from the ids of its first members; it never changes.
package struct ClusterID: Hashable, Sendable {
  package var rawValue: UInt64
  package init(_ rawValue: UInt64) { self.rawValue = rawValue }
  package var hex: String { String(rawValue, radix: 16) }
}

/// A lease's number, chosen by the client or by the proposing member; positive.
package struct LeaseID: Hashable, Comparable, Sendable {
  package var rawValue: Int64
  package init(_ rawValue: Int64) { self.rawValue = rawValue }
  /// No lease attached.
  package static let none = LeaseID(0)
  package static func < (a: LeaseID, b: LeaseID) -> Bool { a.rawValue < b.rawValue }
}

/// A point in the history of the key space: `main` counts write transactions, `sub` the changes inside one.
package struct Revision: Hashable, Comparable, Sendable {
  package var main: Int64
  package var sub: Int64
  package init(main: Int64, sub: Int64 = 0) {
    self.main = main
    self.sub = sub
  }
  package static func < (a: Revision, b: Revision) -> Bool {
    a.main != b.main ? a.main < b.main : a.sub < b.sub
  }
}
