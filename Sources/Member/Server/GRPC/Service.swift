import Base
import Wire

/// The part of the door that speaks one gRPC service.
///
/// `message` is called once for a unary call and once per message of a stream; the bytes are lent for the call only.
protocol Service: AnyObject {
  /// The service's name on the wire: `etcdserverpb.KV`.
  static var name: String { get }
  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus)
  /// The client has sent all it will send.
  func ended(_ call: Call)
  /// The client has gone, or its time is over.
  func gone(_ call: Call)
  /// A stream's output has room again.
  func drained(_ call: Call)
}

extension Service {
  func ended(_ call: Call) {}
  func gone(_ call: Call) {}
  func drained(_ call: Call) {}

  /// The request, or the answer that grpc-go gives to bytes that are no message.
  func decode<Request: WireMessage>(_ type: Request.Type, _ bytes: UnsafeRawBufferPointer) throws(RPCStatus)
    -> Request
  {
    do { return try Request(decoding: bytes) } catch {
      throw RPCStatus(.internalError, "grpc: error unmarshalling request: \(error)")
    }
  }
}

/// Stands for a service that this member does not have, so that the gateway refuses as gRPC does.
final class NoService: Service {
  static let name = ""
  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    throw .unknownService(call.method.service)
  }
}
