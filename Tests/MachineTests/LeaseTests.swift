import Base
import Storage
import Testing

@testable import Machine

private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

@Suite struct LeaseTests {
  private let backend = MemoryBackend()

  private func lessor(_ options: LessorOptions = LessorOptions(), primary: Bool = true) -> Lessor {
    let lessor = Lessor(backend: backend, options: options)
    if primary { lessor.promote(now: at(0), extension: .zero) }
    return lessor
  }

  @Test func grantingChecksIDAndTTLAndRaisesShortOnes() throws {
    let lessor = lessor()
    #expect(try lessor.grant(LeaseID(1), ttl: 60, now: at(0)) == 60)
    for ttl in [-5, 0, 1, 2] as [Int64] {
      #expect(try lessor.grant(LeaseID(100 + ttl), ttl: ttl, now: at(0)) == 2)
    }
    #expect(throws: LeaseError.exists) { try lessor.grant(LeaseID(1), ttl: 60, now: at(0)) }
    #expect(throws: LeaseError.ttlTooLarge) { try lessor.grant(LeaseID(7), ttl: 9_000_000_001, now: at(0)) }
    #expect(try lessor.grant(LeaseID(8), ttl: 9_000_000_000, now: at(1e9)) == 9_000_000_000)
    #expect(throws: LeaseError.notFound) { try lessor.grant(.none, ttl: 5, now: at(0)) }
  }

  @Test func aLeaseIsStoredAsGoStoresItAndComesBackWithItsFullTime() throws {
    let id = LeaseID(0x7921_a207_b8a7_8b0a)
    _ = try lessor().grant(id, ttl: 600, now: at(0))
    let row = backend.pairs(.lease).first
    #expect(row.map { hex($0.key) } == "7921a207b8a78b0a")
    #expect(row.map { hex($0.value) } == "088a969ec5fbc0e8907910d804")
    let again = lessor(primary: false)
    #expect(again.exists(id))
    again.promote(now: at(1_000), extension: .seconds(1))
    #expect(again.state(of: id, now: at(1_000))?.remaining == 601)
    #expect(again.state(of: id, now: at(1_000.5))?.grantedTTL == 600)
    #expect(again.state(of: LeaseID(5), now: at(0)) == nil)
  }

  @Test func revokingGivesTheKeysInBytewiseOrderAndForgetsTheLease() throws {
    let lessor = lessor()
    _ = try lessor.grant(LeaseID(1), ttl: 10, now: at(0))
    for key in ["b", "a", "ab", "\u{1}", "a\u{0}"] { lessor.attach(LeaseID(1), key: Key(key)) }
    lessor.detach(LeaseID(1), key: Key("ab"))
    #expect(lessor.keys(of: LeaseID(1)) == ["\u{1}", "a", "a\u{0}", "b"].map { Key($0) })
    #expect(try lessor.revoke(LeaseID(1)) == ["\u{1}", "a", "a\u{0}", "b"].map { Key($0) })
    lessor.detach(LeaseID(1), key: Key("a"))
    #expect(backend.pairs(.lease).isEmpty)
    #expect(throws: LeaseError.notFound) { try lessor.revoke(LeaseID(1)) }
    #expect(throws: LeaseError.notFound) { try lessor.renew(LeaseID(1), now: at(1)) }
  }

  @Test func renewingPutsTheDeadlineOffAndAnExpiredLeaseIsRefused() throws {
    let lessor = lessor()
    _ = try lessor.grant(LeaseID(1), ttl: 10, now: at(0))
    #expect(try lessor.renew(LeaseID(1), now: at(9)) == .renewed(ttl: 10))
    #expect(lessor.expiring(now: at(11)).isEmpty)
    #expect(lessor.nextExpiry == at(19))
    #expect(lessor.expiring(now: at(19)) == [LeaseID(1)])
    #expect(throws: LeaseError.notFound) { try lessor.renew(LeaseID(1), now: at(19)) }
    lessor.demote()
    #expect(throws: LeaseError.notPrimary) { try lessor.renew(LeaseID(1), now: at(1)) }
  }

  @Test func onlyThePrimaryExpires() throws {
    let lessor = lessor(primary: false)
    _ = try lessor.grant(LeaseID(1), ttl: 2, now: at(0))
    #expect(lessor.expiring(now: at(100)).isEmpty && lessor.nextExpiry == nil)
    lessor.promote(now: at(100), extension: .seconds(1))
    #expect(lessor.expiring(now: at(102.9)).isEmpty)
    #expect(lessor.expiring(now: at(103)) == [LeaseID(1)])
    lessor.demote()
    #expect(lessor.expiring(now: at(200)).isEmpty)
  }

  @Test func aRevocationThatGetsLostIsProposedAgain() throws {
    let lessor = lessor()
    _ = try lessor.grant(LeaseID(1), ttl: 2, now: at(0))
    #expect(lessor.expiring(now: at(2)) == [LeaseID(1)])
    lessor.revokeEnded(LeaseID(1))
    #expect(lessor.expiring(now: at(4)).isEmpty)
    #expect(lessor.expiring(now: at(5)) == [LeaseID(1)])
    _ = try lessor.revoke(LeaseID(1))
    #expect(lessor.expiring(now: at(50)).isEmpty)
    #expect(lessor.nextExpiry == nil)
  }

  @Test func aStormOfLeasesIsCutIntoSlices() throws {
    let lessor = lessor()
    for id in 1...2_000 { _ = try lessor.grant(LeaseID(Int64(id)), ttl: 2, now: at(0)) }
    #expect(lessor.expiring(now: at(2)).count == 16, "sixteen at once")
    #expect(lessor.expiring(now: at(2)).isEmpty)
    var perHalf: [Int: Int] = [:]
    var waiting: [LeaseID] = (1...16).map { LeaseID($0) }
    var now = 2.0
    while lessor.count > 0 {
      for id in waiting {
        _ = try lessor.revoke(id)
        lessor.revokeEnded(id)
      }
      now += 0.001
      waiting = lessor.expiring(now: at(now))
      #expect(waiting.count <= 16)
      perHalf[Int((now - 2) / 0.5), default: 0] += waiting.count
    }
    #expect(perHalf.values.allSatisfy { $0 <= 516 })
    #expect(now > 3.4 && now < 3.7)
  }

  @Test func aNewLeaderSpreadsLeasesThatWouldExpireTogether() throws {
    let lessor = lessor(primary: false)
    for id in 1...3_000 { _ = try lessor.grant(LeaseID(Int64(id)), ttl: 5, now: at(0)) }
    lessor.promote(now: at(10), extension: .seconds(1))
    var perSecond: [Int64: Int] = [:]
    for id in lessor.allLeases(now: at(10)) {
      perSecond[lessor.state(of: id, now: at(10))?.remaining ?? -1, default: 0] += 1
    }
    #expect(perSecond.keys.min() == 6, "nobody loses time")
    #expect((perSecond.keys.max() ?? 0) >= 9)
    #expect(perSecond.values.allSatisfy { $0 <= 1_000 })
  }

  @Test func checkpointsCarryTheRemainingTimeToTheNextLeader() throws {
    let options = LessorOptions(checkpoints: true, persistsCheckpoints: true)
    let first = lessor(options)
    _ = try first.grant(LeaseID(1), ttl: 1_000, now: at(0))
    _ = try first.grant(LeaseID(2), ttl: 200, now: at(0))
    #expect(first.dueCheckpoints(now: at(299)).isEmpty)
    let due = first.dueCheckpoints(now: at(300.5))
    #expect(due.map(\.id) == [LeaseID(1)] && due.map(\.remainingTTL) == [700])
    first.checkpoint(LeaseID(1), remainingTTL: 700, now: at(301))
    first.checkpoint(LeaseID(99), remainingTTL: 700, now: at(301))
    #expect(hex(backend.pairs(.lease)[0].value) == "080110e80718bc05")
    #expect(first.dueCheckpoints(now: at(601.5)).map(\.remainingTTL) == [399])

    let second = lessor(options, primary: false)
    second.promote(now: at(400), extension: .seconds(1))
    #expect(second.state(of: LeaseID(1), now: at(400))?.remaining == 701)
    #expect(try second.renew(LeaseID(1), now: at(401)) == .needsCheckpointClear)
    second.checkpoint(LeaseID(1), remainingTTL: 0, now: at(401))
    #expect(try second.renew(LeaseID(1), now: at(401)) == .renewed(ttl: 1_000))
    #expect(second.state(of: LeaseID(1), now: at(401))?.remaining == 1_000)
  }

  @Test func checkpointsStayInMemoryWithoutTheOption() throws {
    let lessor = lessor(LessorOptions(checkpoints: true))
    _ = try lessor.grant(LeaseID(1), ttl: 1_000, now: at(0))
    lessor.checkpoint(LeaseID(1), remainingTTL: 700, now: at(1))
    #expect(hex(backend.pairs(.lease)[0].value) == "080110e807")
  }

  @Test func leasesAreListedByTheirDeadline() throws {
    let lessor = lessor()
    for (id, ttl) in [(3, 30), (1, 50), (2, 10)] as [(Int64, Int64)] {
      _ = try lessor.grant(LeaseID(id), ttl: ttl, now: at(0))
    }
    #expect(lessor.allLeases(now: at(1)) == [LeaseID(2), LeaseID(3), LeaseID(1)])
  }

  /// Random grants, renewals, revokes, changes of leader and passing time against a plain table of deadlines.
  @Test(arguments: 1...20)
  func everyLeaseExpiresAtItsDeadlineAndNotBefore(seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    let lessor = lessor()
    var deadlines: [LeaseID: Double] = [:]
    var ttls: [LeaseID: Double] = [:]
    var now = 0.0
    for step in 1...600 {
      let id = LeaseID(Int64(1 + dice.below(40)))
      switch dice.below(8) {
      case 0...1:
        let ttl = Int64(2 + dice.below(12))
        if deadlines[id] == nil {
          _ = try lessor.grant(id, ttl: ttl, now: at(now))
          (deadlines[id], ttls[id]) = (now + Double(ttl), Double(ttl))
        } else {
          #expect(throws: LeaseError.exists) { try lessor.grant(id, ttl: ttl, now: at(now)) }
        }
      case 2...4:
        if let deadline = deadlines[id], deadline > now {
          _ = try lessor.renew(id, now: at(now))
          deadlines[id] = now + (ttls[id] ?? 0)
        } else {
          #expect(throws: LeaseError.notFound) { try lessor.renew(id, now: at(now)) }
        }
      case 5 where step % 5 == 0:
        lessor.demote()
        lessor.promote(now: at(now), extension: .seconds(1))
        for id in deadlines.keys { deadlines[id] = now + 1 + (ttls[id] ?? 0) }
      default: now += Double(dice.below(8)) / 4
      }
      let due = lessor.expiring(now: at(now))
      for id in due {
        #expect((deadlines[id] ?? .infinity) <= now)
        _ = try lessor.revoke(id)
        deadlines[id] = nil
      }
      if due.count < 16 { #expect(deadlines.values.allSatisfy { $0 > now }) }
    }
  }
}
