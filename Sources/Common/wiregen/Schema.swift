/// What the `.proto` files say, after names have been resolved.
struct Schema {
  var files: [ProtoFile] = []
  /// Swift paths of messages and enums by full proto name.
  var messages: [String: ProtoMessage] = [:]
  var enums: [String: ProtoEnum] = [:]
}

struct ProtoFile {
  /// File name without its ending.
  var name: String
  var isProto3 = true
  var package = ""
  /// Directive `swift-json` behind the package: the messages have a JSON form.
  var hasJSON = false
  var messages: [ProtoMessage] = []
  /// Enums outside of messages.
  var enums: [ProtoEnum] = []
  var services: [ProtoService] = []
}

struct ProtoMessage {
  var name: String
  var package: String
  var swiftName: String
  var isProto3: Bool
  /// In the order of the file.
  var fields: [ProtoField] = []
  var oneofs: [String] = []
  var enums: [ProtoEnum] = []
  var fullName: String { package + "." + name }
}

struct ProtoEnum {
  var name: String
  var fullName: String
  var swiftName: String
  /// Swift name as seen from anywhere.
  var swiftPath: String
  /// What Swift's case names leave out at the front.
  var prefix: String
  var cases: [(name: String, number: Int32)] = []
}

enum FieldType: Equatable {
  case int64, uint64, uint32, int32, bool, string, bytes
  case message(String)
  case enumeration(String)
  /// Before resolution.
  case named(String)

  var isNumber: Bool {
    switch self {
    case .int64, .uint64, .uint32, .int32, .bool, .enumeration: true
    default: false
    }
  }
  var isMessage: Bool {
    if case .message = self { return true }
    return false
  }
}

struct ProtoField {
  var name: String
  var number: UInt32
  var type: FieldType
  var isRepeated = false
  var oneof: String?
  /// Directive `swift-optional`: absent and zero are told apart.
  var isOptional = false
  /// Directive `swift-indirect`: the payload of the oneof's case is kept apart, so that the enum stays small.
  var isIndirect = false
  /// Directive `swift-wire-only`: no member of the JSON form.
  var isWireOnly = false
  var swiftName: String { lowerCamel(name) }
}

struct ProtoService {
  var name: String
  var package: String
  var methods: [ProtoMethod] = []
}

struct ProtoMethod {
  var name: String
  var request: String
  var response: String
  var streamsRequests = false
  var streamsResponses = false
  /// Directive `post:`; paths of the JSON gateway.
  var paths: [String] = []
}

/// `create_revision` → `createRevision`, `ID` → `id`, `cluster_id` → `clusterID`, `PrevValue` → `prevValue`.
func lowerCamel(_ name: String) -> String {
  let words = name.split(separator: "_").map(String.init)
  var result = ""
  for (position, word) in words.enumerated() {
    if position == 0 {
      result += lowerFirst(word)
    } else if word.lowercased() == "id" {
      result += "ID"
    } else if word == word.uppercased() && word.count <= 3 {
      result += word
    } else {
      result += word.prefix(1).uppercased() + word.dropFirst()
    }
  }
  return result
}

/// Lowers the capitals at the front: `TTL` → `ttl`, `NodeID` → `nodeID`, `PrevIndex` → `prevIndex`.
private func lowerFirst(_ word: String) -> String {
  let capitals = word.prefix { $0.isUppercase }
  if capitals.count == word.count { return word.lowercased() }
  if capitals.count <= 1 { return word.prefix(1).lowercased() + word.dropFirst() }
  return capitals.dropLast().lowercased() + word.dropFirst(capitals.count - 1)
}

/// `NOT_EQUAL` → `notEqual`, `MsgAppResp` without `Msg` → `appResp`.
func caseName(_ name: String, prefix: String) -> String {
  let rest = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  if rest == rest.uppercased() { return lowerCamel(rest.lowercased()) }
  return lowerFirst(rest)
}
