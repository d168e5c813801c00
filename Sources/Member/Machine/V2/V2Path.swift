import Base

/// Paths of the v2 tree, handled as Go's package `path` does.
enum V2Path {
  /// The shortest equal path with a leading slash: Go's `path.Clean(path.Join("/", text))`.
  static func clean(_ text: String) -> String {
    var parts: [Substring] = []
    for part in text.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  static func join(_ parent: String, _ name: some StringProtocol) -> String {
    parent == "/" ? "/" + name : parent + "/" + name
  }

  /// Directory (with its slash) and name of a clean path.
  static func split(_ path: String) -> (directory: String, name: String) {
    let bytes = path.utf8
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    let after = bytes.index(after: slash)
    return (String(path[..<after]), String(path[after...]))
  }

  /// The directory of a clean path, without a slash behind it.
  static func parent(_ path: String) -> String {
    let directory = split(path).directory
    return directory == "/" ? "/" : String(directory.dropLast())
  }

  /// The path itself and every directory above it, from the root down.
  static func ancestry(_ path: String) -> [String] {
    var result = ["/"]
    var current = "/"
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      current = join(current, part)
      result.append(current)
    }
    return result
  }

  /// Whether what lies below `watched` on the way to `key` has a part that starts with an underscore.
  /// As etcd 3.4: v2store/watcher_hub.go, isHidden.
  static func isHidden(_ key: String, from watched: String) -> Bool {
    if watched.utf8.count > key.utf8.count { return false }
    let rest = Bytes(key.utf8.dropFirst(watched.utf8.count))
    return rest.split(separator: UInt8(ascii: "/")).contains { $0.first == UInt8(ascii: "_") }
  }
}
