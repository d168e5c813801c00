/// A rule that a bbolt file breaks, and the page where; 0 where it is about the file as a whole.
package struct BoltError: Error, Equatable, CustomStringConvertible {
  package var page: UInt64
  package var rule: String
  package init(page: UInt64, _ rule: String) {
    self.page = page
    self.rule = rule
  }
  package var description: String { "page \(page): \(rule)" }
}
