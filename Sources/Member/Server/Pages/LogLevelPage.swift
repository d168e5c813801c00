import Base
import Doors
import HTTP

/// `PUT /config/local/log`: how much this member logs, until it is started again.
/// As etcd 3.4: etcdserver/api/etcdhttp/base.go, logHandleFunc; there it moves the plain log only.
struct LogLevelPage {
  let log: Log

  func answer(_ request: PageRequest, _ body: Bytes) {
    guard let name = Self.level(in: body) else { return refuse(request, "Invalid json body") }
    guard let level = LogLevel(capnslogName: name.uppercased()) else {
      return refuse(request, "Invalid log level " + name)
    }
    guard let sink = log.sink as? DescriptorLogSink else {
      return refuse(request, "the log of this process has no level that could be changed")
    }
    log(.notice, "globalLogLevel set to \(goQuoted(Self.fullName(level, name.uppercased())))")
    sink.setLevelOfAll(level)
    request.exchange.respond(204)
  }

  /// The field `Level` of the first value of the body, whatever its case; empty where there is none. Nil for no JSON.
  static func level(in body: Bytes) -> String? {
    let first = body.withUnsafeBytes { buffer in
      var parser = JSONParser(buffer)
      return try? parser.next()
    }
    guard let value = first else { return nil }
    if value.isNull { return "" }
    guard let members = value.members else { return nil }
    guard let field = members.last(where: { $0.name.lowercased() == "level" }) else { return "" }
    return field.value.isNull ? "" : field.value.string
  }

  private static func fullName(_ level: LogLevel, _ given: String) -> String {
    if ["TRACE", "5", "T"].contains(given) { return "TRACE" }
    return "\(level)".uppercased()
  }

  private func refuse(_ request: PageRequest, _ text: String) {
    var body = JSONWriter()
    body.raw("{\"message\":")
    body.string(text)
    body.raw("}")
    request.exchange.respond(400, ["content-type": "application/json"], body: body.bytes)
  }
}
