import Base
import Storage
import Wire

/// Replies as rows, which the simple form joins with commas and the table form boxes.
/// As etcd 3.4: etcdctl/ctlv3/command/printer.go.
enum Rows {
  static let memberHeader = ["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"]
  static func members(_ reply: MemberListResponse) -> [[String]] {
    reply.members.map { member in
      [
        hexText(member.id), member.name.isEmpty ? "unstarted" : "started", member.name,
        member.peerURLs.joined(separator: ","), member.clientURLs.joined(separator: ","), "\(member.isLearner)",
      ]
    }
  }

  static let healthHeader = ["endpoint", "health", "took", "error"]
  static func health(_ list: [EndpointHealth]) -> [[String]] {
    list.map { [$0.endpoint, "\($0.isHealthy)", $0.took, $0.error] }
  }

  static let statusHeader = [
    "endpoint", "ID", "version", "db size", "is leader", "is learner", "raft term", "raft index",
    "raft applied index", "errors",
  ]
  static func status(_ list: [(endpoint: String, reply: StatusResponse)]) -> [[String]] {
    list.map { endpoint, reply in
      let id = reply.header?.memberID ?? 0
      return [
        endpoint, hexText(id), reply.version, sizeText(reply.dbSize), "\(reply.leader == id)",
        "\(reply.isLearner)", "\(reply.raftTerm)", "\(reply.raftIndex)", "\(reply.raftAppliedIndex)",
        reply.errors.joined(separator: ", "),
      ]
    }
  }

  static let hashHeader = ["endpoint", "hash"]
  static func hashes(_ list: [(endpoint: String, reply: HashKVResponse)]) -> [[String]] {
    list.map { [$0.endpoint, "\($0.reply.hash)"] }
  }

  static let snapshotHeader = ["hash", "revision", "total keys", "total size"]
  static func snapshot(_ status: SnapshotStatus) -> [String] {
    [
      String(status.hash, radix: 16), "\(status.revision)", "\(status.totalKeys)", sizeText(status.totalBytes),
    ]
  }
}

/// `25 kB`: powers of a thousand, one digit behind the point below ten. As go-humanize: Bytes.
func sizeText(_ bytes: Int64) -> String {
  if bytes < 10 { return "\(max(0, bytes)) B" }
  var value = Double(bytes)
  var unit = 0
  let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
  while value >= 1000, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  value = (value * 10 + 0.5).rounded(.down) / 10
  if value < 10 { return "\(value) \(units[unit])" }
  return "\(Int(value.rounded(.toNearestOrEven))) \(units[unit])"
}
