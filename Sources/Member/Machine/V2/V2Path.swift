import Base

/// Paths of the v2 tree, handled as Go's package `path` does: byte by byte.
package enum V2Path {
  private static let slash = UInt8(ascii: "/")

  /// The parts between slashes; empty ones are left out.
  static func parts(_ path: String) -> [Substring] {
    path.utf8.split(separator: slash).map { Substring($0) }
  }

  /// The shortest equal path with a leading slash: Go's `path.Clean(path.Join("/", text))`.
  package static func clean(_ text: String) -> String {
    if text.isCleanPath, text == "/" || text.utf8.last != slash { return text }
    var parts: [Substring] = []
    for part in self.parts(text) where part != "." {
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
    guard let slash = bytes.lastIndex(of: slash) else { return ("", path) }
    let after = bytes.index(after: slash)
    return (String(Substring(bytes[..<after])), String(Substring(bytes[after...])))
  }

  /// The directory of a clean path, without a slash behind it.
  static func parent(_ path: String) -> String {
    let directory = split(path).directory
    return directory == "/" ? "/" : String(Substring(directory.utf8.dropLast()))
  }

  /// The path itself and every directory above it, from the root down.
  static func ancestry(_ path: String) -> [String] {
    var result = ["/"]
    var current = "/"
    for part in parts(path) {
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
    return rest.split(separator: slash).contains { $0.first == UInt8(ascii: "_") }
  }

  /// `path` without `prefix`, where it begins with it. As Go: strings.TrimPrefix.
  package static func trimmed(_ path: String, prefix: String) -> String {
    path.startsWithBytes(of: prefix) ? String(Substring(path.utf8.dropFirst(prefix.utf8.count))) : path
  }
}
