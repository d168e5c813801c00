import Base
import Testing

@testable import Proxy

@Suite struct EndpointChoiceTests {
  private func endpoint(_ host: String, priority: UInt16 = 0, weight: UInt16 = 0) -> EndpointChoice.Endpoint {
    EndpointChoice.Endpoint(host: host, port: 2379, priority: priority, weight: weight)
  }

  private func picks(_ choice: inout EndpointChoice, _ count: Int, seed: UInt64 = 1) -> [String: Int] {
    var dice = Dice(seed: seed)
    var counts: [String: Int] = [:]
    for _ in 0..<count { counts[choice.pick(&dice)?.host ?? "none", default: 0] += 1 }
    return counts
  }

  @Test("Without weights each has its turn")
  func turns() {
    var choice = EndpointChoice([endpoint("a"), endpoint("b"), endpoint("c")])
    #expect(picks(&choice, 30) == ["a": 10, "b": 10, "c": 10])
  }

  @Test(
    "A later priority serves only when no earlier one does, with weights or without",
    arguments: [0, 5] as [UInt16])
  func priorities(weight: UInt16) {
    var choice = EndpointChoice([
      endpoint("late", priority: 20, weight: weight), endpoint("early", priority: 10, weight: weight),
    ])
    #expect(picks(&choice, 20) == ["early": 20])
    let news = choice.failed("early:2379")
    #expect(news)
    #expect(picks(&choice, 20) == ["late": 20])
    let back = choice.recovered("early:2379")
    #expect(back)
    #expect(picks(&choice, 20) == ["early": 20])
  }

  @Test("Weights are shares, and an endpoint without one is chosen rarely")
  func weights() {
    var choice = EndpointChoice([endpoint("a", weight: 70), endpoint("b", weight: 30), endpoint("rare")])
    let counts = picks(&choice, 20_000)
    let (a, b, rare) = (counts["a"] ?? 0, counts["b"] ?? 0, counts["rare"] ?? 0)
    #expect((13_200...14_400).contains(a) && (5_400...6_500).contains(b) && (100...320).contains(rare))
  }

  @Test("Who failed is left out, and told of once")
  func failures() {
    var choice = EndpointChoice([endpoint("a"), endpoint("b")])
    let first = choice.failed("a:2379")
    let second = choice.failed("a:2379")
    let unknown = choice.failed("z:2379")
    #expect(first && !second && !unknown)
    #expect(picks(&choice, 4) == ["b": 4])
    _ = choice.failed("b:2379")
    #expect(picks(&choice, 1) == ["none": 1])
    #expect(choice.inactive.map(\.host) == ["a", "b"] && !choice.hasActive)
  }

  @Test("A new list keeps what is known of those that stay")
  func replacing() {
    var choice = EndpointChoice([endpoint("a"), endpoint("b")])
    _ = choice.failed("a:2379")
    choice.replace(with: [endpoint("a"), endpoint("c"), endpoint("c")])
    #expect(choice.endpoints.map(\.host) == ["a", "c"])
    #expect(picks(&choice, 3) == ["c": 3])
    choice.replace(with: [endpoint("b")])
    choice.replace(with: [endpoint("a")])
    #expect(picks(&choice, 1) == ["a": 1])
    #expect(endpoint("::1").name == "[::1]:2379")
  }
}
