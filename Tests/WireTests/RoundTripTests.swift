import Base
import Foundation
import Testing

@testable import Wire

/// One drawing of each kind of message, with its name in the schema.
private func drawing(_ seed: UInt64) -> [(file: String, name: String, message: any WireMessage)] {
  var random = RandomMessages(dice: Dice(seed: seed))
  return [
    ("kv", "mvccpb.KeyValue", random.keyValue()), ("kv", "mvccpb.Event", random.event()),
    ("rpc_kv", "etcdserverpb.RangeRequest", random.range()),
    ("rpc_kv", "etcdserverpb.PutRequest", random.put()),
    ("rpc_kv", "etcdserverpb.TxnRequest", random.txn()),
    ("rpc_kv", "etcdserverpb.RangeResponse", random.rangeResponse()),
    ("rpc_kv", "etcdserverpb.TxnResponse", random.txnResponse()),
    ("rpc_watch", "etcdserverpb.WatchCreateRequest", random.watchCreate()),
    ("rpc_watch", "etcdserverpb.WatchResponse", random.watchResponse()),
    ("rpc_cluster", "etcdserverpb.Member", random.member()),
    ("rpc_lease", "etcdserverpb.LeaseTimeToLiveResponse", random.timeToLive()),
    ("raft", "raftpb.Entry", random.entry()), ("raft", "raftpb.Message", random.raftMessage()),
    ("etcdserver", "etcdserverpb.Request", random.v2Request()),
    ("raft_internal", "etcdserverpb.InternalRaftRequest", random.internalRequest()),
  ]
}

private func decodeAgain<M: WireMessage>(_ message: M) throws -> Bool {
  try M(decoding: message.encoded()) == message
}
private func decode<M: WireMessage>(_ type: M.Type, _ bytes: Bytes) throws -> Bytes {
  try M(decoding: bytes).encoded()
}

@Suite struct RoundTripTests {
  @Test("random messages come back as they were", arguments: 0..<40)
  func roundTrip(seed: Int) throws {
    for (_, name, message) in drawing(UInt64(seed)) {
      let isSame = try decodeAgain(message)
      #expect(isSame, "\(name), seed \(seed)")
      #expect(message.encoded().count == message.encodedSize, "\(name), seed \(seed)")
    }
  }

  @Test("random messages come back through JSON", arguments: 0..<20)
  func json(seed: Int) throws {
    func again<M: JSONMessage>(_ message: M) throws -> Bool {
      try M(json: message.json()) == message
    }
    for (_, name, message) in drawing(UInt64(seed)) {
      guard let message = message as? any JSONMessage else { continue }
      let isSame = try again(message)
      #expect(isSame, "\(name), seed \(seed)")
    }
  }

  @Test("every cut of a message either decodes or throws, and noise never traps", arguments: 0..<12)
  func noise(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    for (_, _, message) in drawing(UInt64(seed)) {
      let whole = message.encoded()
      let type = type(of: message)
      for end in whole.indices { _ = try? decode(type, Bytes(whole[..<end])) }
      for _ in 0..<60 where !whole.isEmpty {
        var damaged = whole
        for _ in 0...dice.below(3) {
          damaged[dice.below(damaged.count)] = UInt8(truncatingIfNeeded: dice.next())
        }
        _ = try? decode(type, damaged)
      }
      for _ in 0..<60 {
        _ = try? decode(type, (0..<dice.below(40)).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
      }
    }
  }

  @Test("fields of a message that is there twice are merged, lists are joined, a oneof's last case counts")
  func merging() throws {
    let first = RangeResponse(header: ResponseHeader(clusterID: 1, revision: 2), kvs: [KeyValue(version: 1)])
    let second = RangeResponse(header: ResponseHeader(revision: 3, raftTerm: 4), kvs: [KeyValue(version: 2)])
    #expect(
      try RangeResponse(decoding: first.encoded() + second.encoded())
        == RangeResponse(
          header: ResponseHeader(clusterID: 1, revision: 3, raftTerm: 4),
          kvs: [KeyValue(version: 1), KeyValue(version: 2)]))
    let put = RequestOp(request: .requestPut(PutRequest(key: [1])))
    let more = RequestOp(request: .requestPut(PutRequest(value: [2])))
    let range = RequestOp(request: .requestRange(RangeRequest()))
    #expect(
      try RequestOp(decoding: put.encoded() + more.encoded()).request
        == .requestPut(PutRequest(key: [1], value: [2])))
    #expect(try RequestOp(decoding: put.encoded() + range.encoded()) == range)
  }

  @Test("lists of enums are written packed and read in both forms")
  func packed() throws {
    let request = WatchCreateRequest(filters: [.nodelete, .noput])
    #expect(hex(request.encoded()) == "2a020100")
    #expect(try WatchCreateRequest(decoding: unhex("28012800")) == request)
    #expect(throws: DecodeError.truncated) { try WatchCreateRequest(decoding: unhex("2a0180")) }
  }

  @Test("unknown fields of every wire type are passed over")
  func unknown() throws {
    let known = PutRequest(key: [7])
    for stranger in ["980101", "99010102030405060708", "9a0102abcd", "9b0108019a01009c01", "9d0101020304"] {
      #expect(try PutRequest(decoding: unhex(stranger) + known.encoded()) == known)
    }
  }

  @Test(
    "malformed bytes are named",
    arguments: [
      ("0a05aa", DecodeError.truncated), ("0a", .truncated), ("18ffffffffffffffffffff01", .overlongVarint),
      ("1880", .truncated), ("0801", .wrongWireType(field: 1)), ("1a00", .wrongWireType(field: 3)),
      ("0001", .illegalTag), ("9c01", .strayEndGroup), ("9b01", .truncated), ("9b01a401", .strayEndGroup),
      ("9e01", .illegalWireType(6)), ("9f01", .illegalWireType(7)), ("9901010203", .truncated),
      ("0affffffffffffffffff01", .truncated),
    ])
  func malformed(text: String, error: DecodeError) {
    #expect(throws: error) { try PutRequest(decoding: unhex(text)) }
  }

  @Test("nesting ends with an error, not with the stack")
  func nesting() throws {
    func nested(_ depth: Int) -> Bytes {
      var bytes: Bytes = []
      for _ in 0..<depth {
        for tag in [UInt8(0x22), 0x12] {  // request_txn inside success
          var writer = ByteWriter()
          writer.append(tag)
          writer.append(varint: UInt64(bytes.count))
          writer.append(bytes)
          bytes = writer.bytes
        }
      }
      return bytes
    }
    let allowed = nested(Limits.wireNesting / 2)
    let message = try TxnRequest(decoding: allowed)
    #expect(message.encodedSize == allowed.count)
    #expect(throws: DecodeError.tooDeep) { try TxnRequest(decoding: nested(Limits.wireNesting / 2 + 1)) }
    let groups = Bytes((0...Limits.wireNesting).flatMap { _ in unhex("9b01") })
    #expect(throws: DecodeError.tooDeep) { try PutRequest(decoding: groups) }
  }

  @Test("numbers beyond a field's width are cut as protobuf cuts them")
  func widths() throws {
    #expect(try HashResponse(decoding: unhex("10ffffffffffffffffff01")).hash == .max)
    #expect(try AlarmMember(decoding: unhex("10ffffffffffffffffff01")).alarm == .unrecognized(-1))
    #expect(hex(AlarmMember(alarm: .unrecognized(-1)).encoded()) == "10ffffffffffffffffff01")
    #expect(try PutRequest(decoding: unhex("2002")).prevKv)
  }

  @Test("the size of a varint is right at each border")
  func varintSizes() {
    for bits in 0..<64 {
      for value in [UInt64(1) << bits, (UInt64(1) << bits) &- 1] {
        var writer = ByteWriter()
        writer.append(varint: value)
        #expect(WireSize.varint(value) == writer.count)
      }
    }
    #expect(WireSize.varint(UInt64.max) == 10)
  }
}

/// The root of the package, found from this file.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Runs a program; nil where it is not installed.
private func run(_ program: String, _ arguments: [String], input: Bytes = []) throws -> (
  output: Bytes, status: Int32
)? {
  guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = root
  let (stdin, stdout) = (Pipe(), Pipe())
  process.standardInput = stdin
  process.standardOutput = stdout
  try process.run()
  stdin.fileHandleForWriting.write(Data(input))
  try stdin.fileHandleForWriting.close()
  let output = Bytes(stdout.fileHandleForReading.readDataToEndOfFile())
  process.waitUntilExit()
  return (output, process.terminationStatus)
}

@Suite struct OracleTests {
  @Test("protoc reads what we write and writes what we read", arguments: 100..<103)
  func protoc(seed: Int) throws {
    let protos = "Sources/Common/Wire/Protos"
    for (file, name, message) in drawing(UInt64(seed)) {
      let ours = message.encoded()
      guard
        let text = try run("/usr/bin/protoc", ["-I", protos, "--decode=\(name)", "\(file).proto"], input: ours)
      else {
        print("protoc is not installed (protobuf-compiler): the comparison with it is left out")
        return
      }
      #expect(text.status == 0, "\(name), seed \(seed)")
      // protoc prints fields that it does not know by number.
      let hasUnknown = String(utf8: text.output).split(separator: "\n").contains {
        $0.drop { $0 == " " }.first?.isNumber == true
      }
      #expect(!hasUnknown, "\(name), seed \(seed)")
      let theirs = try #require(
        try run("/usr/bin/protoc", ["-I", protos, "--encode=\(name)", "\(file).proto"], input: text.output))
      #expect(theirs.output == ours, "\(name), seed \(seed)")
      let type = type(of: message)
      let again = try decode(type, theirs.output)
      #expect(again == ours, "\(name), seed \(seed)")
    }
  }

  @Test("the generated files are what the generator writes")
  func generated() throws {
    let wiregen = root.appendingPathComponent(".build/debug/wiregen").path
    guard let result = try run(wiregen, ["--check"]) else {
      print("wiregen is not built: the generated files were not compared")
      return
    }
    #expect(result.status == 0)
  }
}
