import Base
import Wire

/// `-w protobuf`: the bytes of the reply.
struct ProtobufPrinter: Printer {
  let name = "protobuf"

  func pages() -> any RangePages { ProtobufPages() }
  func message(_ reply: some JSONMessage) { Output.write(reply.encoded()) }

  /// As clientv3 keeps them: without id and reason.
  func watch(_ reply: WatchResponse) {
    Output.write(
      WatchResponse(
        header: reply.header, created: reply.created, canceled: reply.canceled,
        compactRevision: reply.compactRevision, events: reply.events
      ).encoded())
  }

  func moveLeader(from: UInt64, to: UInt64, _ reply: MoveLeaderResponse) { message(reply) }
}
