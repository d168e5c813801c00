/// A reference that does not keep its target, for closures that may run after its end.
///
/// Does what `weak` does, at another price: an object that was weakly referenced once counts its references the slow way
/// for the rest of its life, which shows where each request passes it a dozen times. The target makes its tether and cuts it in its `deinit`.
package final class Tether<Target: AnyObject> {
  /// nil once cut.
  package private(set) unowned(unsafe) var target: Target?

  package init(_ target: Target) { self.target = target }

  package func cut() { target = nil }
}
