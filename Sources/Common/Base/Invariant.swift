import Glibc

/// Checks a rule of our own that may never be broken; stays on in release.
///
/// A broken rule stops the process: a crash costs an election, a wrong answer costs the data.
@inline(__always)
package func invariant(
  _ holds: Bool, _ rule: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !holds { broken(rule(), file: file, line: line) }
}

/// The place where a broken invariant ends the process.
@inline(never)
package func broken(_ rule: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  let text = "invariant broken: \(rule) (\(file):\(line))\n"
  var copy = text
  copy.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  abort()
}
