import Base

/// The body of a request that adds or changes a member: `{"peerURLs":[…]}`.
/// Faults are told in the words of Go's encoding/json, since clients print them. As etcd 3.4: httptypes/member.go.
enum V2MemberURLs {
  struct Fault: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  static func texts(in body: Bytes) throws -> [String] {
    let json = try JSONValue(parsing: body)
    if json.isNull { return [] }
    guard let members = json.members else {
      throw Fault(
        description: "json: cannot unmarshal \(kind(json)) into Go value of type "
          + "struct { PeerURLs []string \"json:\\\"peerURLs\\\"\" }")
    }
    guard let urls = members.last(where: { $0.name.lowercased() == "peerurls" })?.value, !urls.isNull else {
      return []
    }
    guard let values = urls.array else { throw mismatch(urls, "[]string") }
    return try values.map { value in
      if value.isNull { return "" }
      guard let text = value.string else { throw mismatch(value, "string") }
      return text
    }
  }

  private static func mismatch(_ value: JSONValue, _ type: String) -> Fault {
    Fault(description: "json: cannot unmarshal \(kind(value)) into Go struct field .peerURLs of type \(type)")
  }

  private static func kind(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "bool"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
