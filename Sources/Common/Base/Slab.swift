/// Many small things held by index, with a free list: no graph of objects, no hashing.
///
/// An index stays valid until its element is removed and may be handed out again afterwards.
package struct Slab<Element> {
  private var elements: [Element?] = []
  private var free: [Int] = []
  package init() {}

  package var count: Int { elements.count - free.count }
  package var isEmpty: Bool { count == 0 }

  package mutating func insert(_ element: Element) -> Int {
    if let index = free.popLast() {
      elements[index] = element
      return index
    }
    elements.append(element)
    return elements.count - 1
  }

  @discardableResult
  package mutating func remove(at index: Int) -> Element {
    guard let element = elements[index] else { broken("slab index \(index) is empty") }
    elements[index] = nil
    free.append(index)
    return element
  }

  package subscript(index: Int) -> Element {
    _read {
      guard index < elements.count, elements[index] != nil else { broken("slab index \(index) is empty") }
      yield elements[index]!
    }
    _modify {
      guard index < elements.count, elements[index] != nil else { broken("slab index \(index) is empty") }
      yield &elements[index]!
    }
  }

  package func contains(_ index: Int) -> Bool { index >= 0 && index < elements.count && elements[index] != nil }
  /// The indices in use, ascending.
  package var indices: [Int] { elements.indices.filter { elements[$0] != nil } }
}
