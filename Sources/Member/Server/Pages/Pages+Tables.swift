import Base
import Config
import Doors
import HTTP
import Machine

// Which pages there are on which port.

extension Pages {
  /// The client port. As etcd 3.4: embed/etcd.go, serveClients, and etcdhttp.HandleBasic.
  static func client(_ member: Member) -> Pages {
    let settings = member.settings
    var table = PageTable()
    watching(member, &table)
    table["/version"] = .get { VersionPage(member: member).answer($0) }
    table["/debug/vars"] = .get { DebugPages(member: member).variables($0) }
    table["/config/local/log"] = Route(
      method: .put,
      answer: .form(limit: Limits.pageBodyBytes) { LogLevelPage(log: member.pagesLog).answer($0, $1) })
    if settings.enableProfiling || settings.debug {
      ProfilePages(member.loop).install(in: &table)
      table["/debug/top"] = .get { TopPage(member: member).answer($0) }
    }
    if settings.debug {
      table["/debug/requests"] = .any { DebugPages(member: member).requests($0) }
      table["/debug/events"] = .any { DebugPages(member: member).events($0) }
    }
    guard let v2Desk = member.v2Desk else {
      return Pages(table, access: AccessControl(settings), log: member.pagesLog)
    }
    v2Desk.install(in: &table)
    let requests = RequestLog(member.log.named("etcdserver/api/v2http"), format: settings.logFormat)
    return Pages(table, access: AccessControl(settings), log: member.pagesLog, note: { requests.note($0) })
  }

  /// `--listen-metrics-urls`. As etcd 3.4: embed/etcd.go, serveMetrics; the health checks are there since 3.4.29.
  static func metrics(_ member: Member) -> Pages {
    var table = PageTable()
    watching(member, &table)
    return Pages(table, access: nil, log: member.pagesLog)
  }

  /// What watches over members asks on either port.
  private static func watching(_ member: Member, _ table: inout PageTable) {
    table["/metrics"] = .any { ScrapePage(member: member).answer($0) }
    table["/health"] = .get { HealthPage(member: member).answer($0) }
    HealthChecks(member: member, name: "livez", checks: [.serializableRead]).install(in: &table)
    HealthChecks(
      member: member, name: "readyz",
      checks: [.dataCorruption, .serializableRead, .linearizableRead, .nonLearner]
    ).install(in: &table)
  }

  /// The peer port: what other members and tools ask about this one. The streams between members are not built yet and
  /// answer 404. As etcd 3.4: etcdserver/api/etcdhttp/peer.go.
  static func peers(_ member: Member) -> Pages {
    var table = PageTable()
    table["/version"] = .get { VersionPage(member: member).answer($0) }
    table["/members"] = .get { PeerPages(member: member).members($0) }
    table["/raft/probing"] = .any { PeerPages(member: member).probing($0) }
    return Pages(table, access: nil, log: member.pagesLog)
  }
}
