import Base
import Testing

@testable import Wire

@Suite struct StatusTests {
  @Test("texts and codes are those that clients of 3.4 compare")
  func texts() {
    #expect(RPCStatus.keyNotProvided == RPCStatus(.invalidArgument, "etcdserver: key is not provided"))
    #expect(
      RPCStatus.compacted.description
        == "rpc error: code = OutOfRange desc = etcdserver: mvcc: required revision has been compacted")
    #expect(RPCStatus.noSpace.code.rawValue == 8)
    #expect(RPCStatus.tooManyRequests.code.rawValue == 8)
    #expect(RPCStatus.notEnoughStartedMembers.code.rawValue == 9)
    #expect(RPCStatus.corrupt.code.rawValue == 15)
    #expect(RPCStatus.invalidAuthToken.code.rawValue == 16)
    #expect(
      RPCStatus.messageTooLarge(2_200_008, limit: 2_097_152).message
        == "grpc: received message larger than max (2200008 vs. 2097152)")
    #expect(StatusCode(rawValue: 77).name == "Code(77)")
  }

  @Test("no two rows of the table share a text")
  func table() {
    #expect(Set(RPCStatus.table.map(\.message)).count == RPCStatus.table.count)
    #expect(RPCStatus.table.allSatisfy { $0.message.hasPrefix("etcdserver: ") })
  }

  @Test("the gateway's HTTP status follows from the code")
  func http() {
    let expected: [Int] = [200, 408, 500, 400, 504, 404, 409, 403, 429, 412, 409, 400, 501, 500, 503, 500, 401]
    for (code, status) in expected.enumerated() {
      #expect(StatusCode(rawValue: UInt32(code)).httpStatus == status)
    }
    #expect(StatusCode(rawValue: 99).httpStatus == 500)
  }

  @Test(
    "messages with other than printable characters travel percent-encoded",
    arguments: [
      ("plain text", "plain text"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"), ("", ""),
    ])
  func percent(plain: String, encoded: String) {
    #expect(RPCStatus(.unknown, plain).percentEncodedMessage == encoded)
    #expect(RPCStatus.percentDecode(encoded) == plain)
  }

  @Test("what is no escape stays as it is")
  func noEscape() {
    #expect(RPCStatus.percentDecode("50% off%2") == "50% off%2")
    #expect(RPCStatus.percentDecode("%zz%41") == "%zzA")
  }

  @Test("the gateway's bodies for failures are those of 3.4")
  func bodies() {
    #expect(
      String(utf8: RPCStatus.rootUserNotFound.gatewayBody)
        == #"{"error":"etcdserver: root user does not exist","message":"etcdserver: root user does not exist","code":9}"#
    )
    #expect(
      String(utf8: RPCStatus(.unknown, "T").gatewayStreamBody)
        == #"{"error":{"grpc_code":2,"http_code":500,"message":"T","http_status":"Internal Server Error"}}"#)
  }
}

@Suite struct MethodTests {
  @Test("a method is found by its path and by each of its gateway paths")
  func lookup() throws {
    let range = try #require(Method.at("/etcdserverpb.KV/Range"))
    #expect(range.kind == .unary)
    #expect(range.gatewayPaths == ["/v3/kv/range"])
    #expect(Method.atGateway("/v3/kv/lease/revoke")?.path == "/etcdserverpb.Lease/LeaseRevoke")
    #expect(Method.at("/etcdserverpb.Watch/Watch")?.kind == .bidi)
    #expect(Method.at("/etcdserverpb.Maintenance/Snapshot")?.kind == .serverStream)
    #expect(Method.at("/grpc.health.v1.Health/Check")?.gatewayPaths == [])
    #expect(Method.at("/v3electionpb.Election/Observe")?.kind == .serverStream)
    #expect(Method.at("/etcdserverpb.KV/Nothing") == nil)
  }

  @Test("ids are indices and every service of 3.4 is there")
  func all() {
    #expect(Method.all.enumerated().allSatisfy { $0.offset == $0.element.id })
    #expect(
      Set(Method.all.map(\.service)) == [
        "etcdserverpb.KV", "etcdserverpb.Watch", "etcdserverpb.Lease", "etcdserverpb.Cluster",
        "etcdserverpb.Maintenance",
        "etcdserverpb.Auth", "v3lockpb.Lock", "v3electionpb.Election", "grpc.health.v1.Health",
      ])
    #expect(Method.all.count == 5 + 1 + 5 + 5 + 7 + 16 + 2 + 5 + 2)
  }
}
