import Base
import Doors
import Event
import HTTP
import Storage
import Wire

/// A store on its way to a client as a bbolt image: counted first, then sent as fast as the client reads, then the digest.
///
/// Works on the loop in slices; the view is frozen, so writes go on meanwhile.
final class SnapshotSending {
  private let writer: SnapshotWriter
  private unowned let member: Member
  private let began: Instant
  private var isWorking = false
  private var isCounted = false
  var isCancelled = false

  init(_ view: any FrozenView, _ member: Member) {
    writer = SnapshotWriter(view)
    self.member = member
    began = member.loop.now
  }

  /// Goes on until the output is full or the slice is over; called again when there is room.
  func send(_ call: Call, _ loop: EventLoop) {
    guard !isWorking, !isCancelled else { return }
    do throws(BoltError) {
      try step(call, loop)
    } catch {
      member.log(.error, "failed to send a database snapshot: \(error)")
      call.fail(.unmapped("\(error)"))
    }
  }

  private func step(_ call: Call, _ loop: EventLoop) throws(BoltError) {
    if !isCounted {
      guard try count() else { return again(call, loop) }
    }
    for _ in 0..<Limits.snapshotChunksPerTurn {
      guard call.exchange.canSend else { return }
      guard let chunk = try writer.nextChunk() else { return finish(call) }
      call.send(SnapshotResponse(remainingBytes: UInt64(writer.remainingBytes), blob: chunk))
    }
    again(call, loop)
  }

  private func count() throws(BoltError) -> Bool {
    isCounted = try writer.count(pairs: Limits.snapshotPairsPerTurn)
    if isCounted {
      member.log(.info, "sending database snapshot to client [\(writer.imageBytes) bytes]")
    }
    return isCounted
  }

  private func again(_ call: Call, _ loop: EventLoop) {
    isWorking = true
    loop.post { [self] in
      isWorking = false
      send(call, loop)
    }
  }

  private func finish(_ call: Call) {
    isCancelled = true
    call.send(SnapshotResponse(blob: writer.digest()))
    call.finish()
    member.metrics.backendSnapshot.observe(member.loop.now - began)
    member.log(.info, "successfully sent database snapshot to client [\(writer.imageBytes) bytes]")
  }
}
