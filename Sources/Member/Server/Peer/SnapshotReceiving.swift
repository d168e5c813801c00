import Base
import CShim
import Doors
import Event
import Glibc
import HTTP
import Storage
import Wire

/// A snapshot on its way in: a message, then the leader's whole store as a bbolt image, which goes to a file as it comes.
///
/// A thread of its own writes it. The sender is let on as pieces reach the disk; when all is durable the message goes to
/// Raft. As etcd 3.4: rafthttp/http.go, snapshotHandler, and snap/db.go, SaveDBFrom.
final class SnapshotReceiving {
  private let exchange: Exchange
  private unowned let member: Member
  /// Who says that it sends.
  private let sender: MemberID?
  /// The message's length and bytes as far as they have come.
  private var front = Bytes()
  private var message: RaftMessage?
  private var pieces: Mailbox<Piece>?
  private var isCancelled = false
  private let began: Instant

  private enum Piece: Sendable {
    case bytes(Bytes)
    case end
    case giveUp
  }

  /// What became of the file, on the writing thread.
  private struct Outcome: Sendable {
    /// Nil when the file is durable under its name.
    var problem: String?
    var syncTime: TimeSpan?
    var saveTime = TimeSpan.zero
  }

  init(_ exchange: Exchange, _ member: Member, from sender: MemberID?) {
    self.exchange = exchange
    self.sender = sender
    self.member = member
    began = member.loop.now
  }

  // MARK: Input

  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard !isCancelled else { return exchange.consumed(bytes.count) }
    if let pieces { return pieces.post(.bytes(Bytes(bytes))) }
    front.append(contentsOf: bytes)
    exchange.consumed(bytes.count)
    readMessage()
  }

  /// Takes the message once it is whole; what follows it is the store.
  private func readMessage() {
    let length = front.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      return reader.bigEndian(UInt64.self)
    }
    guard let length else { return }
    guard length <= Limits.peerSnapshotMessageBytes else {
      return refuse(400, "the snapshot message is longer than \(Limits.peerSnapshotMessageBytes) bytes")
    }
    let end = 8 + Int(length)
    guard front.count >= end else { return }
    guard let message = try? RaftMessage(decoding: front[8..<end]) else {
      return refuse(400, "error unmarshalling raft message")
    }
    guard message.type == .snap, !message.snapshot.isEmptySnapshot else {
      return refuse(400, "wrong raft message type")
    }
    guard member.beginReceivingSnapshot() else {
      return refuse(500, "another snapshot is being received")
    }
    self.message = message
    let rest = Bytes(front[end...])
    front = []
    start(message, rest)
  }

  private func start(_ message: RaftMessage, _ rest: Bytes) {
    let index = message.snapshot.metadata.index
    member.log(
      .info, "receiving database snapshot [index: \(index), from \(MemberID(message.from).hex)] ...")
    member.transport.figures[MemberID(message.from), default: PeerFigures()].snapshotsReceived.underWay += 1
    let mailbox = Mailbox<Piece>()
    pieces = mailbox
    let snapshots = Handed(member.snapshots)
    let errands = member.errands
    let this = Handed(self)
    _ = Base.Thread(name: "etcd-receive") {
      let outcome = Self.write(mailbox, snapshots.value, index) { count in
        errands.post { _ in this.value.exchange.consumed(count) }
      }
      errands.post { _ in this.value.written(outcome) }
    }
    if !rest.isEmpty {
      // These were consumed with the message already.
      mailbox.post(.bytes(rest))
    }
  }

  func end() {
    guard !isCancelled else { return }
    if let pieces { return pieces.post(.end) }
    refuse(400, "error unmarshalling raft message")
  }

  /// The sender has gone.
  func cancel() {
    guard !isCancelled else { return }
    isCancelled = true
    pieces?.post(.giveUp)
    if pieces == nil { member.transport.snapshotReceiveFailed(from: sender) }
  }

  private func refuse(_ status: Int, _ text: String) {
    isCancelled = true
    member.log(.warning, "refused a snapshot: \(text)")
    PlainText.reply(exchange, status, text + "\n", ["x-etcd-cluster-id": member.clusterID.hex])
    member.transport.snapshotReceiveFailed(from: sender)
  }

  // MARK: The writing thread

  private static func write(
    _ pieces: Mailbox<Piece>, _ snapshots: SnapStore, _ index: UInt64, written: (Int) -> Void
  ) -> Outcome {
    let began = clock
    var outcome = Outcome()
    outcome.problem = write(pieces, snapshots, index, &outcome.syncTime, written: written)
    outcome.saveTime = clock - began
    return outcome
  }

  private static var clock: Instant { Instant(nanoseconds: cshim_monotonic_now()) }

  /// Writes pieces until the end; nil when the file is durable under its name.
  private static func write(
    _ pieces: Mailbox<Piece>, _ snapshots: SnapStore, _ index: UInt64, _ syncTime: inout TimeSpan?,
    written: (Int) -> Void
  ) -> String? {
    let path = snapshots.databasePartPath(index: index)
    let descriptor = cshim_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { return "open \(path): \(systemErrorText(errno))" }
    defer { close(descriptor) }
    while let letters = pieces.waitForAll() {
      for letter in letters {
        switch letter {
        case .bytes(let bytes):
          if let problem = append(bytes, to: descriptor, path) { return remove(path, problem) }
          written(bytes.count)
        case .giveUp: return remove(path, "the sender has gone")
        case .end:
          let began = clock
          if fsync(descriptor) != 0 { return remove(path, "fsync \(path): \(systemErrorText(errno))") }
          syncTime = clock - began
          do throws(SnapError) { try snapshots.adoptDatabase(index: index) } catch {
            return remove(path, "\(error)")
          }
          return nil
        }
      }
    }
    return "stopped"
  }

  private static func append(_ bytes: Bytes, to descriptor: Int32, _ path: String) -> String? {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return "write \(path): \(systemErrorText(errno))" }
      done += count
    }
    return nil
  }

  private static func remove(_ path: String, _ problem: String) -> String {
    unlink(path)
    return problem
  }

  private static func systemErrorText(_ code: Int32) -> String { String(cString: strerror(code)) }

  // MARK: The end

  private func written(_ outcome: Outcome) {
    member.endReceivingSnapshot()
    guard let message else { return }
    let index = message.snapshot.metadata.index
    let from = MemberID(message.from)
    member.transport.figures[from]?.snapshotsReceived.ended(
      hasFailed: outcome.problem != nil, took: member.loop.now - began)
    if let time = outcome.syncTime { member.metrics.snapStoreSync.observe(time) }
    if let problem = outcome.problem {
      member.transport.receiveFailed(from: from)
      member.log(.error, "failed to save incoming database snapshot [index: \(index)]: \(problem)")
      return PlainText.reply(
        exchange, 500, "failed to save incoming database snapshot: \(problem)\n",
        ["x-etcd-cluster-id": member.clusterID.hex])
    }
    member.metrics.snapStoreSave.observe(outcome.saveTime)
    member.log(.info, "successfully received and saved database snapshot [index: \(index)]")
    member.peerReceived(message, from: from)
    exchange.respond(204, ["x-etcd-cluster-id": member.clusterID.hex])
  }
}

extension RaftSnapshot {
  /// No snapshot at all, as all other messages carry.
  var isEmptySnapshot: Bool { metadata.index == 0 }
}
