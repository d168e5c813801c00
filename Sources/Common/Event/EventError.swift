import Glibc

/// A system call that failed.
package struct EventError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried, in Go's words: `listen tcp 127.0.0.1:80`, `dial unix /run/x`.
  package var action: String
  /// `bind`, `connect`, `accept`...; empty when no system call was reached.
  package var call: String
  package var errno: Int32

  package init(_ action: String, call: String, errno: Int32) {
    self.action = action
    self.call = call
    self.errno = errno
  }

  /// As Go words it: `listen tcp 127.0.0.1:2379: bind: address already in use`.
  package var description: String {
    let reason = systemText(errno)
    return call.isEmpty ? "\(action): \(reason)" : "\(action): \(call): \(reason)"
  }
}

/// The system's text for an error number, its first letter small, as Go prints it.
package func systemText(_ code: Int32) -> String {
  if code == ETIMEDOUT { return "i/o timeout" }
  guard let text = strerror(code) else { return "errno \(code)" }
  let message = String(cString: text)
  guard let first = message.first, message.dropFirst().first?.isUppercase != true else { return message }
  return first.lowercased() + message.dropFirst()
}
