import Base
import Doors
import Event
import HTTP

/// A line for each request to the plain pages, at level debug, while the v2 API is served.
/// As etcd 3.4: v2http/http.go, requestLogger.
struct RequestLog {
  private let log: Log
  private let format: LogFormat

  init(_ log: Log, format: LogFormat) {
    self.log = log
    self.format = format
  }

  func note(_ exchange: Exchange) {
    guard log.sink.accepts(.debug, package: log.package) else { return }
    let method = String(utf8: exchange.methodText)
    let target = String(utf8: exchange.target)
    let client = (exchange.connection?.owner as? Connection).map { "\($0.socket.peer)" } ?? ""
    guard format == .zap else { return log(.debug, "[\(method)] \(target) remote:\(client)") }
    log(
      .debug, "handling HTTP request", LogField("method", method), LogField("request-uri", target),
      LogField("remote-addr", client))
  }
}
