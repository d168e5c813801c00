import Base
import Testing

@testable import Client

@Suite struct EndpointTests {
  @Test("An endpoint is read with and without a scheme")
  func endpoints() {
    let plain = ClientEndpoint("127.0.0.1:2379")
    #expect(plain.scheme == nil && plain.host == "127.0.0.1" && plain.port == 2379)
    let secure = ClientEndpoint("https://[::1]:2379/ignored")
    #expect(secure.scheme == .https && secure.authority == "[::1]:2379" && secure.host == "::1")
    let socket = ClientEndpoint("unix:///run/etcd.sock")
    #expect(socket.isUnixSocket && socket.authority == "/run/etcd.sock")
    #expect(ClientEndpoint("ftp://host:1").authority.isEmpty)
    #expect(ClientEndpoint("nowhere").port == nil)
  }

  @Test("Calls go round the endpoints that are ready")
  func roundRobin() {
    var ring = EndpointRing(count: 3)
    #expect(ring.next() == nil)
    #expect(ring.takeDue(at: Instant(nanoseconds: 0)) == [0, 1, 2])
    ring.connected(0)
    ring.connected(2)
    #expect([ring.next(), ring.next(), ring.next()] == [0, 2, 0])
    ring.disconnected(0)
    #expect([ring.next(), ring.next()] == [2, 2])
    #expect(ring.takeDue(at: Instant(nanoseconds: 0)) == [0])
  }

  @Test("Another list keeps what is known of those that stay")
  func replacing() {
    var ring = EndpointRing(count: 3)
    var dice = Dice(seed: 7)
    _ = ring.takeDue(at: Instant(nanoseconds: 0))
    ring.connected(0)
    ring.connected(1)
    ring.failed(2, at: Instant(nanoseconds: 0), &dice)
    let deadline = ring.nextDeadline
    ring.replace(by: [2, nil, 1])
    #expect(ring.count == 3 && ring.nextDeadline == deadline)
    #expect([ring.next(), ring.next()] == [2, 2])
    #expect(ring.takeDue(at: Instant(nanoseconds: 0)) == [1])
    ring.replace(by: [nil])
    #expect(ring.next() == nil && ring.takeDue(at: Instant(nanoseconds: 0)) == [0])
  }

  @Test("An endpoint that failed is tried again after a wait that grows")
  func waits() {
    var ring = EndpointRing(count: 1)
    var dice = Dice(seed: 7)
    var now = Instant(nanoseconds: 0)
    var waits: [Double] = []
    for _ in 0..<14 {
      #expect(ring.takeDue(at: now) == [0])
      ring.failed(0, at: now, &dice)
      #expect(ring.hasFailed)
      #expect(ring.takeDue(at: now).isEmpty)
      guard let next = ring.nextDeadline else { return #expect(Bool(false), "no deadline") }
      waits.append((next - now).seconds)
      now = next
    }
    #expect(waits[0] >= 0.8 && waits[0] <= 1.2)
    #expect(waits[3] > 2 * waits[0])
    #expect(waits[13] >= 96 && waits[13] <= 144)
    _ = ring.takeDue(at: now)
    ring.connected(0)
    ring.disconnected(0)
    _ = ring.takeDue(at: now)
    ring.failed(0, at: now, &dice)
    #expect((ring.nextDeadline ?? now) - now < .seconds(2))
  }
}
