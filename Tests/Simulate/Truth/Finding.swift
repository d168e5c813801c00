import Base

/// Ends the run: the cluster did what it must not do. The seed is printed where the process dies.
func finding(_ what: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  broken("simulation: \(what())", file: file, line: line)
}

/// Checks a promise to clients.
@inline(__always)
func expect(
  _ holds: Bool, _ what: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !holds { finding(what(), file: file, line: line) }
}
