import Base

/// Header fields in order, names and values in one piece of memory.
///
/// Names are lower-case, as HTTP/2 sends them; the HTTP/1.1 writer gives them Go's capitals.
/// Emptied and filled again it allocates nothing.
package struct HeaderList: Sendable, ExpressibleByDictionaryLiteral {
  fileprivate struct Field {
    var name: Range<Int32>
    var value: Range<Int32>
  }
  private var storage = Bytes()
  private var fields: [Field] = []

  package init() {}
  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  package var count: Int { fields.count }
  package var isEmpty: Bool { fields.isEmpty }
  /// Size as HTTP/2 counts it: names, values and 32 a field.
  package var listBytes: Int { storage.count + 32 * fields.count }

  /// Adds a field; `name` in lower case.
  package mutating func add(_ name: String, _ value: String) {
    var name = name
    var value = value
    name.withUTF8 { n in
      value.withUTF8 { v in add(name: UnsafeRawBufferPointer(n), value: UnsafeRawBufferPointer(v)) }
    }
  }

  /// Makes room for that many fields and their bytes, so that adding them allocates no more.
  package mutating func reserve(fields count: Int, bytes: Int) {
    fields.reserveCapacity(fields.count + count)
    storage.reserveCapacity(storage.count + bytes)
  }

  package mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    // Lists grow a field at a time: the usual head should cost one allocation for its bytes and one for its fields.
    if fields.isEmpty { reserve(fields: 8, bytes: max(192, name.count + value.count)) }
    let start = Int32(storage.count)
    storage.append(contentsOf: name)
    let middle = Int32(storage.count)
    storage.append(contentsOf: value)
    fields.append(Field(name: start..<middle, value: middle..<Int32(storage.count)))
  }

  /// Adds a field whose name may hold capitals.
  mutating func add(lowercasing name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let start = storage.count
    add(name: name, value: value)
    for position in start..<(start + name.count) where storage[position] &- 0x41 < 26 {
      storage[position] |= 0x20
    }
  }

  /// Adds all fields of another list.
  package mutating func append(_ other: HeaderList) {
    other.withRawFields { list in
      for index in 0..<other.count { add(name: list.name(index), value: list.value(index)) }
    }
  }

  /// Adds to the value of the last field.
  mutating func extendLast(_ text: UnsafeRawBufferPointer) {
    guard let last = fields.indices.last else { return }
    storage.append(contentsOf: text)
    fields[last].value = fields[last].value.lowerBound..<Int32(storage.count)
  }

  package mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }

  /// Removes every field of this name.
  package mutating func remove(_ name: String) {
    var kept = HeaderList()
    for index in fields.indices where !nameEquals(index, name) {
      withName(at: index) { n in withValue(at: index) { v in kept.add(name: n, value: v) } }
    }
    if kept.count != count { self = kept }
  }

  /// Position of the first field of this name at or after `start`.
  package func index(of name: String, from start: Int = 0) -> Int? {
    var name = name
    return name.withUTF8 { wanted -> Int? in
      storage.withUnsafeBytes { bytes -> Int? in
        for index in start..<max(start, fields.count) {
          let range = fields[index].name
          if range.count == wanted.count, same(bytes, at: Int(range.lowerBound), UnsafeRawBufferPointer(wanted))
          {
            return index
          }
        }
        return nil
      }
    }
  }

  package func contains(_ name: String) -> Bool { index(of: name) != nil }

  /// Whether a name begins with `prefix`, which is in lower case.
  package func containsPrefix(_ prefix: StaticString) -> Bool {
    let wanted = prefix.raw
    return withRawFields { list in
      (0..<count).contains {
        let name = list.name($0)
        return name.count >= wanted.count
          && compareBytes(UnsafeRawBufferPointer(rebasing: name[..<wanted.count]), wanted) == 0
      }
    }
  }

  /// The first value of this name as text.
  package subscript(name: String) -> String? { index(of: name).map { value(at: $0) } }

  /// All values of this name, in order.
  package func values(_ name: String) -> [String] {
    fields.indices.filter { nameEquals($0, name) }.map { value(at: $0) }
  }

  /// Whether the first field of this name has exactly this value.
  package func has(_ name: String, _ value: String) -> Bool {
    guard let index = index(of: name) else { return false }
    var value = value
    return value.withUTF8 { wanted in
      withValue(at: index) { compareBytes($0, UnsafeRawBufferPointer(wanted)) == 0 }
    }
  }

  package func name(at index: Int) -> String { withName(at: index) { String(utf8: $0) } }
  package func value(at index: Int) -> String { withValue(at: index) { String(utf8: $0) } }

  package func withName<R>(at index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let range = fields[index].name
    return storage.withUnsafeBytes { body(slice($0, range)) }
  }

  package func withValue<R>(at index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let range = fields[index].value
    return storage.withUnsafeBytes { body(slice($0, range)) }
  }

  /// Value of the first field of this name, in place; nil when there is none.
  package func withValue<R>(_ name: String, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
    index(of: name).map { withValue(at: $0, body) }
  }

  /// All fields in place, while `body` runs.
  func withRawFields<R>(_ body: (RawFields) -> R) -> R {
    storage.withUnsafeBytes { bytes in
      fields.withUnsafeBufferPointer { body(RawFields(bytes: bytes, fields: $0)) }
    }
  }

  struct RawFields {
    fileprivate let bytes: UnsafeRawBufferPointer
    fileprivate let fields: UnsafeBufferPointer<Field>
    func name(_ index: Int) -> UnsafeRawBufferPointer { slice(bytes, fields[index].name) }
    func value(_ index: Int) -> UnsafeRawBufferPointer { slice(bytes, fields[index].value) }
  }

  private func nameEquals(_ index: Int, _ name: String) -> Bool {
    var name = name
    return name.withUTF8 { wanted in
      withName(at: index) { compareBytes($0, UnsafeRawBufferPointer(wanted)) == 0 }
    }
  }
}

private func slice(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int32>) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
}

private func same(_ bytes: UnsafeRawBufferPointer, at start: Int, _ wanted: UnsafeRawBufferPointer) -> Bool {
  compareBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + wanted.count]), wanted) == 0
}
