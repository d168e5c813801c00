import Base
import Wire

/// What fills a store, as `space` shows it.
struct SpaceReport {
  struct Member {
    var endpoint: String
    var id: UInt64
    var name: String
    var sizeBytes: Int64 = 0
    var inUseBytes: Int64 = 0
    /// Nil where the member did not tell.
    var quotaBytes: Int64?
    var alarms: [String] = []
    /// Why nothing is known of it.
    var problem: String?

    /// Of the quota, in percent.
    var usedPercent: Int64? {
      guard let quotaBytes, quotaBytes > 0 else { return nil }
      return sizeBytes * 100 / quotaBytes
    }
  }
  struct Keys {
    var revision: Int64
    /// 0 where there was no compaction.
    var compacted: Int64
    var total: Int64
    var counted: Int64
    var measured: Int64
    var liveBytes: Int64
    var prefixes: [(prefix: Bytes, keys: Int64, bytes: Int64)]
    var rest: (keys: Int64, bytes: Int64)
    var historyBytes: Int64

    var historyRevisions: Int64 { max(0, revision - compacted) }
    /// How the bytes were found.
    var method: String {
      if counted < total { return "the first \(counted) of \(total) keys, the rest reckoned from them" }
      if measured < total { return "all keys, \(measured) values, the rest reckoned from them" }
      return "all keys and values"
    }
  }

  var members: [Member]
  /// Nil with `keysProblem`.
  var keys: Keys?
  var keysProblem = ""

  // MARK: Forms

  static let memberHeader = [
    "endpoint", "ID", "name", "db size", "in use", "quota", "db size of quota", "alarms",
  ]

  func memberRows() -> [[String]] {
    members.map { member in
      let id = hexText(member.id)
      if let problem = member.problem { return [member.endpoint, id, member.name, "", "", "", "", problem] }
      return [
        member.endpoint, id, member.name, sizeText(member.sizeBytes), sizeText(member.inUseBytes),
        member.quotaBytes.map { $0 > 0 ? sizeText($0) : "none" } ?? "unknown",
        member.usedPercent.map { "\($0)%" } ?? "unknown", member.alarms.joined(separator: " "),
      ]
    }
  }

  static let prefixHeader = ["prefix", "keys", "bytes", "share"]

  func prefixRows() -> [[String]] {
    guard let keys else { return [] }
    let share = { (bytes: Int64) in keys.liveBytes > 0 ? "\(bytes * 100 / keys.liveBytes)%" : "0%" }
    var rows = keys.prefixes.map {
      [GoText.quoted($0.prefix), "\($0.keys)", sizeText($0.bytes), share($0.bytes)]
    }
    if keys.rest.keys > 0 {
      rows.append(["others", "\(keys.rest.keys)", sizeText(keys.rest.bytes), share(keys.rest.bytes)])
    }
    return rows
  }

  func summary() -> [String] {
    guard let keys else { return ["keys were not counted: \(keysProblem)"] }
    return [
      "live: \(keys.total) keys, \(sizeText(keys.liveBytes)) (\(keys.method))",
      "history: \(keys.historyRevisions) revisions (\(keys.compacted) to \(keys.revision)), about "
        + "\(sizeText(keys.historyBytes)) that compaction frees",
    ]
  }

  func json() -> Bytes {
    var json = JSONWriter()
    json.raw("{\"members\":[")
    for (index, member) in members.enumerated() {
      if index > 0 { json.raw(",") }
      write(member, &json)
    }
    json.raw("]")
    if let keys { write(keys, &json) }
    json.raw("}")
    return json.bytes
  }

  private func write(_ member: Member, _ json: inout JSONWriter) {
    json.raw("{\"endpoint\":")
    json.string(member.endpoint)
    json.raw(",\"id\":\(member.id),\"name\":")
    json.string(member.name)
    if let problem = member.problem {
      json.raw(",\"error\":")
      json.string(problem)
      return json.raw("}")
    }
    json.raw(",\"dbSize\":\(member.sizeBytes),\"dbSizeInUse\":\(member.inUseBytes)")
    if let quota = member.quotaBytes { json.raw(",\"quota\":\(quota)") }
    json.raw(",\"alarms\":[")
    for (index, alarm) in member.alarms.enumerated() {
      if index > 0 { json.raw(",") }
      json.string(alarm)
    }
    json.raw("]}")
  }

  private func write(_ keys: Keys, _ json: inout JSONWriter) {
    json.raw(",\"revision\":\(keys.revision),\"compactRevision\":\(keys.compacted),\"keys\":\(keys.total)")
    json.raw(",\"keysCounted\":\(keys.counted),\"valuesMeasured\":\(keys.measured)")
    json.raw(",\"liveBytes\":\(keys.liveBytes),\"historyBytes\":\(keys.historyBytes),\"prefixes\":[")
    for (index, item) in keys.prefixes.enumerated() {
      json.raw(index > 0 ? ",{\"prefix\":" : "{\"prefix\":")
      json.base64(item.prefix)
      json.raw(",\"keys\":\(item.keys),\"bytes\":\(item.bytes)}")
    }
    json.raw("],\"others\":{\"keys\":\(keys.rest.keys),\"bytes\":\(keys.rest.bytes)}")
  }
}
