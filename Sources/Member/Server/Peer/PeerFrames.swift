import Base
import Wire

// The two formats of streams between members. As etcd 3.4: etcdserver/api/rafthttp/{message,msgappv2_codec}.go.

/// What one end of an append stream remembers, so that a message that only goes on need not be sent whole.
struct AppendStreamState {
  var term: UInt64 = 0
  var index: UInt64 = 0
}

/// Writes messages to a stream.
struct PeerStreamEncoder {
  private let kind: PeerStreamKind
  private var state = AppendStreamState()

  init(_ kind: PeerStreamKind) { self.kind = kind }

  /// Appends one message.
  mutating func encode(_ message: RaftMessage, to output: inout ByteWriter) {
    switch kind {
    case .message: Self.appendWhole(message, to: &output)
    case .append: encodeAppend(message, to: &output)
    }
  }

  /// A sign of life.
  func encodeHeartbeat(to output: inout ByteWriter) {
    switch kind {
    case .message: Self.appendWhole(RaftMessage(type: .heartbeat), to: &output)
    case .append: output.append(AppendFrame.heartbeat.rawValue)
    }
  }

  private mutating func encodeAppend(_ message: RaftMessage, to output: inout ByteWriter) {
    let goesOn = message.index == state.index && message.logTerm == message.term && message.term == state.term
    if goesOn {
      output.append(AppendFrame.entries.rawValue)
      output.append(bigEndian: UInt64(message.entries.count))
      for entry in message.entries {
        output.append(bigEndian: UInt64(entry.encodedSize))
        entry.append(to: &output)
      }
      output.append(bigEndian: message.commit)
      state.index += UInt64(message.entries.count)
    } else {
      output.append(AppendFrame.message.rawValue)
      Self.appendWhole(message, to: &output)
      state.term = message.term
      state.index = message.entries.last?.index ?? message.index
    }
  }

  private static func appendWhole(_ message: RaftMessage, to output: inout ByteWriter) {
    output.append(bigEndian: UInt64(message.encodedSize))
    message.append(to: &output)
  }
}

/// Reads messages from a stream that arrives in pieces.
struct PeerStreamDecoder {
  private let kind: PeerStreamKind
  private var state = AppendStreamState()
  private let local: UInt64
  private let peer: UInt64
  /// The beginning of a frame whose end is still to come.
  private var held = Bytes()
  /// Bytes that must be held before it is worth looking again: a long frame is not read anew with each piece.
  private var wanted = 0

  /// - Parameters: whose stream it is, and who reads it: what goes on leaves both away.
  init(_ kind: PeerStreamKind, from peer: MemberID, to local: MemberID) {
    self.kind = kind
    self.peer = peer.rawValue
    self.local = local.rawValue
  }

  /// Gives each whole message to `body`; signs of life are left out.
  mutating func receive(
    _ bytes: UnsafeRawBufferPointer, _ body: (RaftMessage) -> Void
  ) throws(PeerFrameError) {
    if held.isEmpty {
      let used = try take(bytes, body)
      held.append(contentsOf: bytes[used...])
      return
    }
    held.append(contentsOf: bytes)
    guard held.count >= wanted else { return }
    var input = Bytes()
    swap(&input, &held)
    let used = try input.span.bytes.withUnsafeBytes { buffer throws(PeerFrameError) in try take(buffer, body) }
    if used == 0 { swap(&input, &held) } else { held = Bytes(input[used...]) }
  }

  /// Reads frames as long as they are whole; how many bytes they were.
  private mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ body: (RaftMessage) -> Void
  ) throws(PeerFrameError) -> Int {
    var used = 0
    while used < bytes.count {
      wanted = 0
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[used...]))
      guard let outcome = try frame(&reader) else { break }
      used += reader.offset
      if case .message(let message) = outcome { body(message) }
    }
    return used
  }

  private enum Outcome { case heartbeat, message(RaftMessage) }

  /// One frame; nil where its end has not arrived.
  private mutating func frame(_ reader: inout ByteReader) throws(PeerFrameError) -> Outcome? {
    if kind == .message {
      guard let message = try whole(&reader) else { return nil }
      let isHeartbeat = message.type == .heartbeat && message.from == 0 && message.to == 0
      return isHeartbeat ? .heartbeat : .message(message)
    }
    guard let byte = reader.byte() else { return nil }
    switch AppendFrame(rawValue: byte) {
    case .heartbeat: return .heartbeat
    case .entries: return try entries(&reader).map { .message($0) }
    case .message:
      guard let message = try whole(&reader) else { return nil }
      state.term = message.term
      state.index = message.entries.last?.index ?? message.index
      return .message(message)
    case nil: throw .unknownFrame(byte)
    }
  }

  private mutating func whole(_ reader: inout ByteReader) throws(PeerFrameError) -> RaftMessage? {
    guard let size = reader.bigEndian(UInt64.self) else { return nil }
    guard let raw = try part(&reader, size) else { return nil }
    do throws(DecodeError) { return try RaftMessage(decoding: raw) } catch { throw .undecodable(error) }
  }

  private mutating func part(
    _ reader: inout ByteReader, _ size: UInt64
  ) throws(PeerFrameError) -> UnsafeRawBufferPointer? {
    guard size <= Limits.peerFrameBytes else { throw .tooLong(size) }
    if let raw = reader.raw(Int(size)) { return raw }
    wanted = reader.offset + Int(size)
    return nil
  }

  private mutating func entries(_ reader: inout ByteReader) throws(PeerFrameError) -> RaftMessage? {
    guard let count = reader.bigEndian(UInt64.self) else { return nil }
    guard count <= Limits.peerFrameBytes / 8 else { throw .tooLong(count) }
    var message = RaftMessage(type: .app, to: local, from: peer, term: state.term)
    message.logTerm = state.term
    message.index = state.index
    for _ in 0..<count {
      guard let size = reader.bigEndian(UInt64.self) else { return nil }
      guard let raw = try part(&reader, size) else { return nil }
      do throws(DecodeError) { message.entries.append(try Entry(decoding: raw)) } catch {
        throw .undecodable(error)
      }
    }
    guard let commit = reader.bigEndian(UInt64.self) else { return nil }
    message.commit = commit
    state.index += count
    return message
  }
}

/// The two streams that a member opens to another, named as in their paths.
enum PeerStreamKind: String, CaseIterable {
  /// Appends of the leader.
  case append = "msgapp"
  /// Everything else.
  case message
}

/// First byte of a frame of the append stream.
private enum AppendFrame: UInt8 {
  case heartbeat = 0
  /// Goes on from where the stream stands.
  case entries = 1
  case message = 2
}

/// Why a stream cannot be read on.
enum PeerFrameError: Error, CustomStringConvertible {
  case tooLong(UInt64)
  case unknownFrame(UInt8)
  case undecodable(DecodeError)

  var description: String {
    switch self {
    case .tooLong(let size): "a frame of \(size) bytes is too long"
    case .unknownFrame(let byte): "unknown kind of frame \(byte)"
    case .undecodable(let error): "a message cannot be read: \(error)"
    }
  }
}
