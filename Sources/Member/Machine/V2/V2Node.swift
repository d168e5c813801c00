/// A file or directory of the v2 tree. As etcd 3.4: v2store/node.go.
final class V2Node {
  let path: String
  let createdIndex: UInt64
  var modifiedIndex: UInt64
  /// Wall clock in nanoseconds since 1970; nil for nodes without end.
  var expiry: Int64?
  var value: String
  /// Nil for files.
  var children: [V2Name: V2Node]?
  private(set) weak var parent: V2Node?
  /// The time of this node's live entry in the expiry queue; older entries are void.
  var queuedAt: Int64?
  /// False once it was removed or replaced.
  var isAttached = true

  init(file path: String, value: String, index: UInt64, parent: V2Node?) {
    self.path = path
    self.value = value
    createdIndex = index
    modifiedIndex = index
    self.parent = parent
  }

  init(directory path: String, index: UInt64, parent: V2Node?) {
    self.path = path
    value = ""
    createdIndex = index
    modifiedIndex = index
    self.parent = parent
    children = [:]
  }

  /// A node out of a snapshot.
  init(
    path: String, createdIndex: UInt64, modifiedIndex: UInt64, expiry: Int64?, value: String, isDirectory: Bool,
    parent: V2Node?
  ) {
    self.path = path
    self.createdIndex = createdIndex
    self.modifiedIndex = modifiedIndex
    self.expiry = expiry
    self.value = value
    self.parent = parent
    children = isDirectory ? [:] : nil
  }

  var isDirectory: Bool { children != nil }
  var name: V2Name { V2Name(V2Path.split(path).name) }
  /// Names with an underscore in front are not listed.
  var isHidden: Bool { name.text.utf8.first == UInt8(ascii: "_") }

  /// Children by name, so that every run visits them alike.
  var sortedChildren: [V2Node] { (children ?? [:]).sorted { $0.key < $1.key }.map(\.value) }

  /// Takes the node out of its directory.
  func detach() {
    let name = name
    if let parent, parent.children?[name] === self { parent.children?[name] = nil }
    isAttached = false
  }

  /// Why the values do not match; nil where they do. An empty value or index 0 matches everything.
  func mismatch(value wanted: String, index: UInt64) -> String? {
    let valueDiffers = !wanted.isEmpty && !value.hasBytes(of: wanted)
    let indexDiffers = index != 0 && modifiedIndex != index
    switch (valueDiffers, indexDiffers) {
    case (false, false): return nil
    case (true, false): return "[\(wanted) != \(value)]"
    case (false, true): return "[\(index) != \(modifiedIndex)]"
    case (true, true): return "[\(wanted) != \(value)] [\(index) != \(modifiedIndex)]"
    }
  }

  // MARK: Views

  /// The node with, if `recursive`, everything below that is not hidden.
  func view(recursive: Bool, now: Int64) -> V2NodeView {
    var view = bareView(now: now)
    if isDirectory {
      if recursive { view.nodes = visibleChildren(recursive: true, now: now) }
    } else {
      view.value = value
    }
    return view
  }

  /// The node with one level below at least, as a read answers.
  func listing(key: String, recursive: Bool, now: Int64) -> V2NodeView {
    var view = bareView(now: now)
    view.key = key
    if isDirectory {
      view.nodes = visibleChildren(recursive: recursive, now: now)
    } else {
      view.value = value
    }
    return view
  }

  private func bareView(now: Int64) -> V2NodeView {
    var view = V2NodeView(key: path, modifiedIndex: modifiedIndex, createdIndex: createdIndex)
    view.isDirectory = isDirectory
    (view.expiration, view.ttl) = expirationAndTTL(now: now)
    return view
  }

  private func visibleChildren(recursive: Bool, now: Int64) -> [V2NodeView] {
    sortedChildren.filter { !$0.isHidden }.map { $0.view(recursive: recursive, now: now) }
  }

  /// Seconds are rounded up, so that a node that lives never shows 0.
  func expirationAndTTL(now: Int64) -> (Int64?, Int64) {
    guard let expiry else { return (nil, 0) }
    let (left, isFar) = expiry.subtractingReportingOverflow(now)
    if isFar { return (expiry, Int64.max / 1_000_000_000) }
    let seconds = left / 1_000_000_000
    return (expiry, left % 1_000_000_000 > 0 ? seconds + 1 : seconds)
  }
}
