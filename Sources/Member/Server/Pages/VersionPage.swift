import Base
import Doors
import HTTP
import Machine

/// `/version`: what runs here, and what the cluster has agreed on. As etcd 3.4: etcdserver/api/etcdhttp/base.go.
struct VersionPage {
  unowned let member: Member

  func answer(_ request: PageRequest) {
    let cluster = member.machine.roster.version?.text ?? "not_decided"
    let body = "{\"etcdserver\":\"\(etcdVersion)\",\"etcdcluster\":\"\(cluster)\"}"
    request.exchange.respond(200, ["content-type": "application/json"], body: body.bytes)
  }
}
