import Base

/// The bytes that all connections of a process hold together, counted as they come and go.
///
/// When they are many (`isTight`), producers for connections with more than their share wait; when they are too many,
/// `relieve` is asked to drop the connection that holds most. Shared by the contexts of all ports.
package final class ByteBudget {
  private let tight: Int
  private let limit: Int
  package private(set) var used = 0
  /// Somebody was told to wait because bytes were tight.
  var hasWaiters = false
  /// Drops the greediest connection.
  package var relieve: (() -> Void)?
  /// Connections dropped, for one reason or another, so that others are served.
  package internal(set) var dropped: UInt64 = 0

  package init(tight: Int = Limits.tightHeldBytes, limit: Int = Limits.heldBytes) {
    self.tight = tight
    self.limit = limit
  }

  package var isTight: Bool { used >= tight }

  @inline(__always)
  func change(by count: Int) {
    used += count
    if used > limit, count > 0 { tooMuch() }
  }

  @inline(never)
  private func tooMuch() { relieve?() }

  /// Whether those who wait may go on; answers true once.
  package func takeRelief() -> Bool {
    guard hasWaiters, used < tight / 2 else { return false }
    hasWaiters = false
    return true
  }
}
