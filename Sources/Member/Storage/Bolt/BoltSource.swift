import Base

/// Buckets and their pairs in order, as a bbolt image is made from them.
///
/// A source is walked twice, in slices, and must show the same both times.
package protocol BoltSource: AnyObject {
  /// Ascending bytewise.
  var bucketNames: [Bytes] { get }
  /// Visits the pairs of the bucket at this place of `bucketNames` in order, beginning behind `after`, until `visit` answers
  /// false.
  func scan(
    _ bucket: Int, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(BoltError)
}

extension BoltReader: BoltSource {}

/// A frozen view as a source.
package final class ViewSource: BoltSource {
  private let view: any FrozenView
  package init(_ view: any FrozenView) { self.view = view }

  package let bucketNames = Bucket.allCases.map { $0.name.bytes }
  package func scan(
    _ bucket: Int, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) { view.scan(Bucket.allCases[bucket], after: after, visit) }
}

/// A source with some pairs set, removed or whole buckets emptied: how a restored snapshot differs from the
/// file it came from.
package final class ChangedSource: BoltSource {
  private let base: any BoltSource
  private let emptied: Set<Bytes>
  /// By bucket, ascending by key; nil removes.
  private let changes: [Bytes: [(key: Bytes, value: Bytes?)]]
  package let bucketNames: [Bytes]

  package init(
    _ base: any BoltSource, setting changes: [Bytes: [Key: Bytes?]], emptying emptied: Set<Bytes> = []
  ) {
    self.base = base
    self.emptied = emptied
    self.changes = changes.mapValues { bucket in
      bucket.sorted { $0.key < $1.key }.map { ($0.key.bytes, $0.value) }
    }
    bucketNames = Set(base.bucketNames).union(changes.keys).sorted { compareBytes($0, $1) < 0 }
  }

  package func scan(
    _ bucket: Int, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(BoltError) {
    let name = bucketNames[bucket]
    var waiting = (changes[name] ?? [])[...]
    if let after { waiting = waiting.drop { compareBytes($0.key, after) <= 0 } }
    var goesOn = true
    /// Shows the changes below `bound` and answers whether one of them stands for `bound` itself.
    func showChanges(below bound: UnsafeRawBufferPointer?) -> Bool {
      while goesOn, let change = waiting.first {
        let order = bound.map { bound in change.key.withUnsafeBytes { compareBytes($0, bound) } } ?? -1
        if order > 0 { return false }
        waiting.removeFirst()
        if let value = change.value {
          goesOn = change.key.withUnsafeBytes { k in value.withUnsafeBytes { v in visit(k, v) } }
        }
        if order == 0 { return true }
      }
      return false
    }
    if !emptied.contains(name), let place = base.bucketNames.firstIndex(of: name) {
      try base.scan(place, after: after) { key, value in
        let isReplaced = showChanges(below: key)
        if goesOn, !isReplaced { goesOn = visit(key, value) }
        return goesOn
      }
    }
    if goesOn { _ = showChanges(below: nil) }
  }
}
