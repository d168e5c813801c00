import Base
import Config
import Event
import HTTP
import Machine
import Raft
import Wire

/// `/v2/stats/…`: counters of the tree, of this member and of the leader. As etcd 3.4: v2http/client.go and api/v2stats.
struct V2StatsPages {
  unowned let member: Member

  func store(_ call: V2Call) { call.replyJSON(200, member.machine.v2.statsJSON()) }

  func own(_ call: V2Call) {
    let now = member.loop.clock
    let received = member.traffic.receivedRate.rates(now: now)
    let sent = member.traffic.sentRate.rates(now: now)
    let stats = member.traffic
    var writer = JSONWriter()
    writer.raw("{\"name\":")
    writer.string(member.settings.name)
    writer.raw(",\"id\":\"\(member.id.hex)\",\"state\":\"\(stats.isLeader ? "StateLeader" : "StateFollower")\"")
    writer.raw(",\"startTime\":\"\(V2Time.text(stats.startedWall))\",\"leaderInfo\":{\"leader\":")
    writer.string(stats.leader?.hex ?? "")
    writer.raw(",\"uptime\":\"\(GoDuration.text(now - stats.leaderSince.clock))\"")
    writer.raw(",\"startTime\":\"\(V2Time.text(stats.leaderSince.wall))\"}")
    writer.raw(",\"recvAppendRequestCnt\":\(stats.receivedAppends)")
    rate("recvPkgRate", received.appends, &writer)
    rate("recvBandwidthRate", received.bytes, &writer)
    writer.raw(",\"sendAppendRequestCnt\":\(stats.sentAppends)")
    rate("sendPkgRate", sent.appends, &writer)
    rate("sendBandwidthRate", sent.bytes, &writer)
    writer.raw("}")
    call.replyJSON(200, writer.bytes)
  }

  private func rate(_ name: String, _ value: Double, _ writer: inout JSONWriter) {
    if value != 0 { writer.raw(",\"\(name)\":\(GoNumber.json(value))") }
  }

  func leader(_ call: V2Call) {
    guard member.isLeader else { return call.refuse(403, "not current leader") }
    let peers = member.transport.peers.keys.sorted { $0.hex < $1.hex }
    member.traffic.keep(peers)
    var writer = JSONWriter()
    writer.raw("{\"leader\":\"\(member.id.hex)\",\"followers\":{")
    for (place, id) in peers.enumerated() {
      let follower = member.traffic.followers[id] ?? TrafficStats.Follower()
      if place > 0 { writer.raw(",") }
      writer.raw("\"\(id.hex)\":{\"latency\":{\"current\":\(GoNumber.json(follower.current))")
      writer.raw(",\"average\":\(GoNumber.json(follower.average))")
      writer.raw(",\"standardDeviation\":\(GoNumber.json(follower.deviation))")
      writer.raw(",\"minimum\":\(GoNumber.json(follower.minimum))")
      writer.raw(",\"maximum\":\(GoNumber.json(follower.maximum))}")
      writer.raw(",\"counts\":{\"fail\":\(follower.failures),\"success\":\(follower.successes)}}")
    }
    writer.raw("}}")
    call.replyJSON(200, writer.bytes)
  }
}
