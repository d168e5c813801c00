import Base
import Wire

/// grpc.health.v1: always serving, as etcd 3.4 (embed/etcd.go registers the stock server for the empty name).
final class HealthService: Service {
  static let name = "grpc.health.v1.Health"

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    let request = try decode(HealthCheckRequest.self, bytes)
    var reply = HealthCheckResponse()
    if call.method.name == "Watch" {
      // The state never changes, so the one message is all there is; the stream stays open as grpc-go keeps it.
      reply.status = request.service.isEmpty ? .serving : .serviceUnknown
      call.send(reply)
      return
    }
    guard request.service.isEmpty else { throw RPCStatus(.notFound, "unknown service") }
    reply.status = .serving
    call.reply(reply)
  }
}
