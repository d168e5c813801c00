/// A stable merge sort that stops wherever it is told to and goes on later, so that sorting a million things holds
/// nobody up.
struct SlicedSort<Element> {
  private(set) var elements: [Element]
  private let precedes: (Element, Element) -> Bool
  /// Where the pass under way merges to.
  private var merged: [Element] = []
  /// Length of the runs that are sorted; 0 while the first ones are being made.
  private var width = 0
  /// First element that this pass has not looked at; the two runs being merged end at `middle` and `end`.
  private var left = 0
  private var right = 0
  private var middle = 0
  private var end = 0

  /// Runs sorted at once before merging begins: about twenty microseconds each.
  private static var firstRun: Int { 256 }

  init(_ elements: [Element], by precedes: @escaping (Element, Element) -> Bool) {
    self.elements = elements
    self.precedes = precedes
  }

  /// Moves about `budget` elements; true when all are in order.
  mutating func step(_ budget: Int) -> Bool {
    if width == 0 { return makeRuns(budget) }
    if width >= elements.count { return true }
    return merge(budget)
  }

  private mutating func makeRuns(_ budget: Int) -> Bool {
    let stop = min(elements.count, left + max(budget, Self.firstRun))
    while left < stop {
      let next = min(left + Self.firstRun, elements.count)
      elements[left..<next].sort(by: precedes)
      left = next
    }
    if left < elements.count { return false }
    width = Self.firstRun
    beginPass()
    return width >= elements.count
  }

  private mutating func beginPass() {
    merged.removeAll(keepingCapacity: true)
    if width < elements.count { merged.reserveCapacity(elements.count) }
    end = 0
    beginPair()
  }

  private mutating func beginPair() {
    left = end
    middle = min(left + width, elements.count)
    right = middle
    end = min(middle + width, elements.count)
  }

  private mutating func merge(_ budget: Int) -> Bool {
    var rest = max(budget, 1)
    while rest > 0 {
      rest -= 1
      if left == middle, right == end {
        if end < elements.count {
          beginPair()
        } else {
          swap(&elements, &merged)
          width *= 2
          if width >= elements.count {
            merged = []
            return true
          }
          beginPass()
        }
      }
      if right == end || left < middle && !precedes(elements[right], elements[left]) {
        merged.append(elements[left])
        left += 1
      } else {
        merged.append(elements[right])
        right += 1
      }
    }
    return false
  }
}
