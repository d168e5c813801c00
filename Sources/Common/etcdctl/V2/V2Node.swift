import Base
import Doors
import HTTP

/// A key or directory of the v2 store, as an answer tells of it.
struct V2Node {
  var key: String
  var isDirectory: Bool
  var value: String
  var nodes: [V2Node]
  var createdIndex: UInt64
  var modifiedIndex: UInt64
  /// As the server wrote it; nil for what does not end.
  var expiration: String?
  var ttl: Int64

  init(_ json: JSONValue) {
    key = json["key"]?.string ?? ""
    isDirectory = json["dir"]?.bool ?? false
    value = json["value"]?.string ?? ""
    nodes = json["nodes"]?.array?.map(V2Node.init) ?? []
    createdIndex = json["createdIndex"]?.integer() ?? 0
    modifiedIndex = json["modifiedIndex"]?.integer() ?? 0
    expiration = json["expiration"]?.string
    ttl = json["ttl"]?.integer() ?? 0
  }

  /// As Go marshals client.Node.
  func write(to out: inout JSONWriter) {
    out.raw(#"{"key":"# as StaticString)
    out.string(key)
    if isDirectory { out.raw(#","dir":true"# as StaticString) }
    out.raw(#","value":"# as StaticString)
    out.string(value)
    out.raw(#","nodes":"# as StaticString)
    if nodes.isEmpty {
      out.null()
    } else {
      for (place, node) in nodes.enumerated() {
        out.raw(place == 0 ? "[" as StaticString : "," as StaticString)
        node.write(to: &out)
      }
      out.raw("]" as StaticString)
    }
    out.raw(#","createdIndex":\#(createdIndex),"modifiedIndex":\#(modifiedIndex)"#)
    if let expiration {
      out.raw(#","expiration":"# as StaticString)
      out.string(expiration)
    }
    if ttl != 0 { out.raw(#","ttl":\#(ttl)"#) }
    out.raw("}" as StaticString)
  }
}

/// The answer to a request for a key.
struct V2Response {
  var action: String
  var node: V2Node
  var previous: V2Node?
  /// The store's index when it answered.
  var index: UInt64

  /// Reads an answer; throws what the server refused, or that it made no sense.
  init(_ reply: V2Client.Reply) throws(V2Fault) {
    let isGood = reply.status == 200 || reply.status == 201
    if isGood, reply.body.isEmpty { throw .other("client: response body is empty") }
    guard let json = try? JSONValue(parsing: reply.body), json.members != nil else { throw .invalidJSON }
    guard isGood else { throw .refused(Self.refusal(json)) }
    action = json["action"]?.string ?? ""
    node = V2Node(json["node"] ?? .null)
    previous = json["prevNode"].flatMap { $0.isNull ? nil : V2Node($0) }
    index = reply.headers["x-etcd-index"].flatMap { UInt64($0) } ?? 0
  }

  /// `CODE: MESSAGE (CAUSE) [INDEX]`. As etcd 3.4: client/client.go, Error.
  private static func refusal(_ json: JSONValue) -> String {
    let code = json["errorCode"]?.integer(Int.self) ?? 0
    let index = json["index"]?.integer(UInt64.self) ?? 0
    return "\(code): \(json["message"]?.string ?? "") (\(json["cause"]?.string ?? "")) [\(index)]"
  }

  // MARK: Printing

  /// As etcd 3.4: etcdctl/ctlv2/command/format.go.
  func show(as format: String) {
    switch format {
    case "simple":
      Output.line(action == "delete" ? "PrevNode.Value: \(previous?.value ?? "")" : node.value)
    case "extended":
      var lines = [
        "Key: \(node.key)", "Created-Index: \(node.createdIndex)", "Modified-Index: \(node.modifiedIndex)",
      ]
      if let previous { lines.append("PrevNode.Value: \(previous.value)") }
      lines += ["TTL: \(node.ttl)", "Index: \(index)"]
      if action != "delete" { lines += ["", node.value] }
      for line in lines { Output.line(line) }
    case "json":
      var out = JSONWriter()
      out.raw(#"{"action":"# as StaticString)
      out.string(action)
      out.raw(#","node":"# as StaticString)
      node.write(to: &out)
      out.raw(#","prevNode":"# as StaticString)
      if let previous { previous.write(to: &out) } else { out.null() }
      out.raw("}" as StaticString)
      Output.line(out.bytes)
    default: Output.errorLine("Unsupported output format: \(format)")
    }
  }
}
