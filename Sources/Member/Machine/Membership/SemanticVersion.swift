/// A version as `major.minor.patch`; what follows (`-rc.1`, `+build`) is read and left out of comparisons of clusters.
package struct SemanticVersion: Hashable, Comparable, Sendable {
  package var major: Int
  package var minor: Int
  package var patch: Int

  package init(major: Int, minor: Int, patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Nil where the text is no version.
  package init?(_ text: String) {
    let core = text.prefix { $0 != "-" && $0 != "+" }
    let parts = core.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let major = Int(parts[0]), let minor = Int(parts[1]), let patch = Int(parts[2]),
      major >= 0, minor >= 0, patch >= 0
    else { return nil }
    self.init(major: major, minor: minor, patch: patch)
  }

  package var text: String { "\(major).\(minor).\(patch)" }
  /// The version a cluster agrees on: without the patch.
  package var clusterVersion: SemanticVersion { SemanticVersion(major: major, minor: minor) }

  package static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }
}
