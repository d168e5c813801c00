import Base
import Storage
import Wire

/// `-w json`: one line as Go's encoding/json prints clientv3's structs, whose own names differ from the messages'.
struct GoJSONPrinter: Printer {
  let name = "json"

  func pages() -> any RangePages { JSONPages() }
  func message(_ reply: some JSONMessage) { Output.line(reply.json(.go)) }

  private func line(_ write: (inout JSONWriter) -> Void) {
    var json = JSONWriter()
    write(&json)
    Output.line(json.bytes)
  }

  /// The header's members stand in the object itself.
  private func inline(_ header: ResponseHeader?, _ write: (inout JSONWriter) -> Void) {
    line { json in
      json.raw("{")
      let members = (header ?? ResponseHeader()).json(.go).dropFirst().dropLast()
      if !members.isEmpty {
        json.raw(Bytes(members))
        json.raw(",")
      }
      write(&json)
      json.raw("}")
    }
  }

  func watch(_ reply: WatchResponse) {
    line { json in
      json.raw("{\"Header\":")
      json.raw((reply.header ?? ResponseHeader()).json(.go))
      json.raw(",\"Events\":")
      // Made by the client itself, not by the server: then the list was never there.
      if reply.header == nil { json.null() } else { list(reply.events, &json) { $1.raw($0.json(.go)) } }
      json.raw(",\"CompactRevision\":\(reply.compactRevision),\"Canceled\":\(reply.canceled)")
      json.raw(",\"Created\":\(reply.created)}")
    }
  }

  private func list<T>(_ values: [T], _ json: inout JSONWriter, _ write: (T, inout JSONWriter) -> Void) {
    json.raw("[")
    for (index, value) in values.enumerated() {
      if index > 0 { json.raw(",") }
      write(value, &json)
    }
    json.raw("]")
  }

  func grant(_ reply: LeaseGrantResponse) {
    inline(reply.header) { json in
      json.raw("\"ID\":\(reply.id),\"TTL\":\(reply.ttl),\"Error\":")
      json.string(reply.error)
    }
  }

  func keepAlive(_ reply: LeaseKeepAliveResponse) {
    inline(reply.header) { $0.raw("\"ID\":\(reply.id),\"TTL\":\(reply.ttl)") }
  }

  func timeToLive(_ reply: LeaseTimeToLiveResponse, keys: Bool) {
    inline(reply.header) { json in
      json.raw("\"id\":\(reply.id),\"ttl\":\(reply.ttl),\"granted-ttl\":\(reply.grantedTTL),\"keys\":")
      if reply.keys.isEmpty { json.null() } else { list(reply.keys, &json) { $1.base64($0) } }
    }
  }

  func leases(_ reply: LeaseLeasesResponse) {
    inline(reply.header) { json in
      json.raw("\"leases\":")
      list(reply.leases, &json) { $1.raw("{\"id\":\($0.id)}") }
    }
  }

  func health(_ health: [EndpointHealth]) {
    line { json in
      list(health, &json) { item, json in
        json.raw("{\"endpoint\":")
        json.string(item.endpoint)
        json.raw(",\"health\":\(item.isHealthy),\"took\":")
        json.string(item.took)
        if !item.error.isEmpty {
          json.raw(",\"error\":")
          json.string(item.error)
        }
        json.raw("}")
      }
    }
  }

  func status(_ status: [(endpoint: String, reply: StatusResponse)]) {
    endpoints(status.map { ($0.endpoint, $0.reply.json(.go)) }, "Status")
  }

  func hashKV(_ hashes: [(endpoint: String, reply: HashKVResponse)]) {
    endpoints(hashes.map { ($0.endpoint, $0.reply.json(.go)) }, "HashKV")
  }

  private func endpoints(_ replies: [(String, Bytes)], _ member: String) {
    line { json in
      list(replies, &json) { item, json in
        json.raw("{\"Endpoint\":")
        json.string(item.0)
        json.raw(",\"\(member)\":")
        json.raw(item.1)
        json.raw("}")
      }
    }
  }

  func checkSpace() {}
  func space(_ report: SpaceReport) { Output.line(report.json()) }

  func snapshot(_ status: SnapshotStatus) {
    line { json in
      json.raw("{\"hash\":\(status.hash),\"revision\":\(status.revision),\"totalKey\":\(status.totalKeys)")
      json.raw(",\"totalSize\":\(status.totalBytes)}")
    }
  }
}
