import Base
import Wire

/// Requests in words, for warnings of slow ones: values are left out, their sizes told.
/// As etcd 3.4: etcdserverpb/raft_internal_stringer.go and the compact text of protobuf.
enum RequestText {
  /// The payload of an entry: a request of v3, or of the v2 API.
  static func of(encoded data: Bytes) -> String {
    if let request = try? InternalRaftRequest(decoding: data) {
      if case .v2(let old)? = request.body { return of(old) }
      return of(request)
    }
    return (try? V2Request(decoding: data)).map { of($0) } ?? "a request of \(data.count) bytes"
  }

  private static func of(_ request: V2Request) -> String {
    "ID:\(request.id) Method:\(goQuoted(request.method)) Path:\(goQuoted(request.path))"
  }

  static func of(_ request: InternalRaftRequest) -> String {
    let header = "header:<ID:\(request.header?.id ?? request.id) >"
    switch request.body {
    case .put(let put)?: return "\(header) put:<\(of(put))>"
    case .txn(let txn)?: return "\(header) txn:<\(of(txn))>"
    case .deleteRange(let delete)?: return "\(header) delete_range:<\(of(delete))> "
    case .compaction(let compaction)?:
      let physical = compaction.physical ? "physical:true " : ""
      return "\(header) compaction:<revision:\(compaction.revision) \(physical)> "
    case .leaseGrant(let grant)?: return "\(header) lease_grant:<ttl:\(grant.ttl)-second id:\(hex16(grant.id))>"
    case .leaseRevoke(let revoke)?: return "\(header) lease_revoke:<id:\(hex16(revoke.id))>"
    case let body?: return "\(header) \(name(of: body)):<>"
    case nil: return header
    }
  }

  static func of(_ range: RangeRequest) -> String {
    var text = keys(range.key, range.rangeEnd)
    func add(_ name: String, _ value: Int64) { if value != 0 { text += "\(name):\(value) " } }
    func add(_ name: String, _ value: Bool) { if value { text += "\(name):true " } }
    add("limit", range.limit)
    add("revision", range.revision)
    if range.sortOrder != .none { text += "sort_order:\(range.sortOrder == .ascend ? "ASCEND" : "DESCEND") " }
    add("serializable", range.serializable)
    add("keys_only", range.keysOnly)
    add("count_only", range.countOnly)
    add("min_mod_revision", range.minModRevision)
    add("max_mod_revision", range.maxModRevision)
    add("min_create_revision", range.minCreateRevision)
    add("max_create_revision", range.maxCreateRevision)
    return text
  }

  private static func of(_ put: PutRequest) -> String {
    var text = keys(put.key, [])
    if !put.value.isEmpty { text += "value_size:\(put.value.count) " }
    if put.lease != 0 { text += "lease:\(put.lease) " }
    if put.prevKv { text += "prev_kv:true " }
    if put.ignoreValue { text += "ignore_value:true " }
    if put.ignoreLease { text += "ignore_lease:true " }
    return text
  }

  private static func of(_ delete: DeleteRangeRequest) -> String {
    keys(delete.key, delete.rangeEnd) + (delete.prevKv ? "prev_kv:true " : "")
  }

  static func of(_ txn: TxnRequest) -> String {
    let compare = txn.compare.map { keys($0.key, $0.rangeEnd) }.joined(separator: " ")
    let success = txn.success.map(of).joined(separator: " ")
    let failure = txn.failure.map(of).joined(separator: " ")
    return "compare:<\(compare)> success:<\(success)> failure:<\(failure)>"
  }

  private static func of(_ operation: RequestOp) -> String {
    switch operation.request {
    case .requestRange(let range)?: "request_range:<\(of(range))> "
    case .requestPut(let put)?: "request_put:<\(of(put))>"
    case .requestDeleteRange(let delete)?: "request_delete_range:<\(of(delete))> "
    case .requestTxn(let txn)?: "request_txn:<\(of(txn))>"
    case nil: ""
    }
  }

  private static func name(of body: InternalRaftRequest.Body) -> String {
    switch body {
    case .alarm: "alarm"
    case .leaseCheckpoint: "lease_checkpoint"
    default: "auth"
    }
  }

  private static func keys(_ key: Bytes, _ end: Bytes) -> String {
    (key.isEmpty ? "" : "key:\(quoted(key)) ") + (end.isEmpty ? "" : "range_end:\(quoted(end)) ")
  }

  /// As protobuf's text form quotes bytes: what is not printable in octal.
  private static func quoted(_ bytes: Bytes) -> String {
    var out = "\""
    for byte in bytes {
      switch byte {
      case 0x0A: out += "\\n"
      case 0x0D: out += "\\r"
      case 0x09: out += "\\t"
      case 0x22: out += "\\\""
      case 0x5C: out += "\\\\"
      case 0x20..<0x7F: out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 8)
        out += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
      }
    }
    return out + "\""
  }

  private static func hex16(_ id: Int64) -> String { Base.hex16(UInt64(bitPattern: id)) }
}
