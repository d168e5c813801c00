import Base
import Doors
import HTTP

/// `/metrics`, to any method, as promhttp answers.
struct ScrapePage {
  unowned let member: Member

  func answer(_ request: PageRequest) {
    member.metrics.scrapes += 1
    request.exchange.respond(
      200, ["content-type": "text/plain; version=0.0.4; charset=utf-8"], body: member.metricsPage())
  }
}
