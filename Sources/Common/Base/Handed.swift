/// Something that one thread gives away to another and never touches again.
///
/// For things that belong to one thread but are made on another: the log is opened by the loop thread and then
/// belongs to the disk thread.
package struct Handed<Value>: @unchecked Sendable {
  // `@unchecked` is right as long as the giver keeps its word: that is what the name is for.
  package let value: Value
  package init(_ value: Value) { self.value = value }
}
