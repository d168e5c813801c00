import Base

/// What the store asks of the keeper of leases.
package protocol LeaseBook: AnyObject {
  func exists(_ id: LeaseID) -> Bool
  /// The key's newest record names this lease.
  func attach(_ id: LeaseID, key: Key)
  /// The record of the key that named this lease was replaced or deleted.
  func detach(_ id: LeaseID, key: Key)
}

extension Lessor: LeaseBook {}
