import Base
import Testing

@Suite struct SlabTests {
  @Test("elements are found by the index they were given, and places are used again")
  func reuse() {
    var slab = Slab<String>()
    let (a, b, c) = (slab.insert("a"), slab.insert("b"), slab.insert("c"))
    #expect([a, b, c] == [0, 1, 2])
    #expect(slab.remove(at: b) == "b")
    #expect(slab.count == 2 && !slab.contains(b) && slab.indices == [a, c])
    #expect(slab.insert("d") == b)
    #expect(slab[b] == "d" && slab[a] == "a" && slab[c] == "c")
    slab[c] += "!"
    #expect(slab[c] == "c!")
    for index in slab.indices { slab.remove(at: index) }
    #expect(slab.isEmpty && slab.indices.isEmpty)
  }

  @Test("indices that were never given are not there")
  func strangers() {
    var slab = Slab<Int>()
    #expect(!slab.contains(0) && !slab.contains(-1))
    _ = slab.insert(1)
    #expect(slab.contains(0) && !slab.contains(1))
  }

  @Test("it agrees with a dictionary through thousands of changes")
  func model() {
    var dice = Dice(seed: 9)
    var slab = Slab<UInt64>()
    var model: [Int: UInt64] = [:]
    for _ in 0..<5_000 {
      if dice.below(5) < 3 || model.isEmpty {
        let element = dice.next()
        let index = slab.insert(element)
        #expect(model[index] == nil)
        model[index] = element
      } else {
        let places = model.keys.sorted()
        let index = places[dice.below(places.count)]
        #expect(slab.remove(at: index) == model.removeValue(forKey: index))
      }
      if slab.count != model.count { Issue.record("\(slab.count) elements, not \(model.count)") }
    }
    #expect(slab.indices == model.keys.sorted())
    // Places are used again, so there are never more than the most that lived at once.
    #expect((slab.indices.last ?? 0) < 5_000)
    for (index, element) in model { #expect(slab[index] == element) }
  }

  @Test("an empty place ends the process")
  func emptyPlace() async {
    await #expect(processExitsWith: .failure) {
      var slab = Slab<Int>()
      let index = slab.insert(1)
      slab.remove(at: index)
      _ = slab[index]
    }
    await #expect(processExitsWith: .failure) {
      var slab = Slab<Int>()
      let index = slab.insert(1)
      slab.remove(at: index)
      slab.remove(at: index)
    }
  }
}
