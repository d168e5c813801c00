import Base
import Wire

/// A request to `/v2/keys`, read from its method, path and form. As etcd 3.4: v2http/client.go, parseKeyRequest.
package struct V2KeyRequest: Sendable {
  /// What is asked of the store, at a path below `/1`; without a number.
  package private(set) var request: V2Request
  /// Successful writes are answered without their nodes.
  package private(set) var hidesNodes = false

  /// Where clients' keys are in the tree.
  package static let root = "/1"

  /// - Parameters:
  ///   - path: what follows `/v2/keys`, without escapes.
  ///   - unixNow: nanoseconds since 1970, from which a TTL counts.
  package init(method: String, path: String, form: V2Form, unixNow: Int64) throws(V2Error) {
    if let fault = form.fault { throw V2Error(.invalidForm, cause: fault) }
    let place = V2Path.clean(Self.root + "/" + path)
    request = V2Request(method: method, path: place, val: form[.value] ?? "")
    request.prevIndex = try Self.index(form, .prevIndex)
    request.since = try Self.index(form, .waitIndex)
    request.recursive = try Self.flag(form, .recursive)
    request.sorted = try Self.flag(form, .sorted)
    request.wait = try Self.flag(form, .wait)
    request.dir = try Self.flag(form, .dir)
    request.quorum = try Self.flag(form, .quorum)
    request.stream = try Self.flag(form, .stream)
    if request.wait, method != "GET" {
      throw V2Error(.invalidField, cause: "\"wait\" can only be used with GET requests")
    }
    if form[.prevValue] == "" {
      throw V2Error(.previousValueRequired, cause: "\"prevValue\" cannot be empty")
    }
    request.prevValue = form[.prevValue] ?? ""
    hidesNodes = try Self.flag(form, .noValueOnSuccess)
    if let ttl = try Self.ttl(form) {
      // Wraps where Go's does.
      request.expiration = unixNow &+ Int64(truncatingIfNeeded: ttl) &* 1_000_000_000
    }
    request.prevExist = try Self.optionalFlag(form, .prevExist)
    request.refresh = try Self.optionalFlag(form, .refresh)
    if request.refresh == true { try Self.checkRefresh(form) }
    guard V2Path.parts(place).count <= Limits.v2PathParts else {
      throw V2Error(.invalidForm, cause: "a key may lie \(Limits.v2PathParts) directories deep")
    }
  }

  private static func checkRefresh(_ form: V2Form) throws(V2Error) {
    if let value = form[.value], !value.isEmpty {
      throw V2Error(.refreshValue, cause: "A value was provided on a refresh")
    }
    if (form[.ttl] ?? "").isEmpty { throw V2Error(.refreshTTLRequired, cause: "No TTL value set") }
  }

  private static func index(_ form: V2Form, _ field: V2Form.Field) throws(V2Error) -> UInt64 {
    guard let text = form[field] else { return 0 }
    guard let number = number(text) else {
      throw V2Error(.indexNotANumber, cause: "invalid value for \"\(field.rawValue)\"")
    }
    return number
  }

  private static func ttl(_ form: V2Form) throws(V2Error) -> UInt64? {
    guard let text = form[.ttl], !text.isEmpty else { return nil }
    guard let number = number(text) else { throw V2Error(.ttlNotANumber, cause: "invalid value for \"ttl\"") }
    return number
  }

  private static func flag(_ form: V2Form, _ field: V2Form.Field) throws(V2Error) -> Bool {
    guard let text = form[field] else { return false }
    guard let flag = flag(text) else {
      throw V2Error(.invalidField, cause: "invalid value for \"\(field.rawValue)\"")
    }
    return flag
  }

  private static func optionalFlag(_ form: V2Form, _ field: V2Form.Field) throws(V2Error) -> Bool? {
    guard let text = form[field] else { return nil }
    guard let flag = flag(text) else {
      throw V2Error(.invalidField, cause: "invalid value for \(field.rawValue)")
    }
    return flag
  }

  /// As Go: strconv.ParseUint in base ten.
  private static func number(_ text: String) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return UInt64(text)
  }

  /// As Go: strconv.ParseBool.
  private static func flag(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }
}

// MARK: Answers, as clients see them

extension V2Event {
  /// The event without the prefix that clients do not know, as the line of JSON that they are sent.
  package func clientLine(hidesNodes: Bool = false) -> Bytes {
    var event = self
    // Go's copy of an event for clients forgets that it was a refresh. See v2store/event.go, Clone.
    event.isRefresh = false
    var writer = JSONWriter()
    if hidesNodes, [.set, .compareAndSwap, .create, .update].contains(action) {
      writer.raw("{\"action\":")
      writer.string(action.rawValue)
      writer.raw("}")
    } else {
      event.node.trimKeys()
      event.previous?.trimKeys()
      event.write(to: &writer)
    }
    writer.raw(0x0a)
    return writer.bytes
  }
}

extension V2NodeView {
  fileprivate mutating func trimKeys() {
    key = V2Path.trimmed(key, prefix: V2KeyRequest.root)
    for index in nodes.indices { nodes[index].trimKeys() }
  }
}

extension V2Error {
  /// With the path that clients know as its cause.
  package var forClient: V2Error {
    V2Error(code, cause: V2Path.trimmed(cause, prefix: V2KeyRequest.root), index: index)
  }
}
