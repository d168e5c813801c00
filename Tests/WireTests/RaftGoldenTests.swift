import Base
import Testing

@testable import Wire

// Bytes recorded from members of etcd 3.4.23 and from their files.

private let memberA: UInt64 = 0x6945_ef48_5cb4_4bfc
private let memberB: UInt64 = 0xef68_2e59_c713_f921
private let memberC: UInt64 = 0x9b17_9123_b675_80be

@Suite struct RaftGoldenTests {
  @Test(
    "each raft message that Go sends is read and written again unchanged",
    arguments: [
      "0808 10be81d6b3bba4e48b9b01 18fc97d1e585e9fba269 2002 2800 3000 4008 4a0a12080a0228001000180050005800",
      "080310be81d6b3bba4e48b9b0118fc97d1e585e9fba2692002280130033a0608001002180440034a0a12080a0228001000180050005800",
      "080510be81d6b3bba4e48b9b0118fc97d1e585e9fba26920022801300340004a0a12080a0228001000180050005800",
      "080610fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef0120022800300040004a0a12080a0228001000180050005800",
      "080810be81d6b3bba4e48b9b0118fc97d1e585e9fba26920022800300040084a0a12080a0228001000180050005800",
      """
      080810be81d6b3bba4e48b9b0118fc97d1e585e9fba26920022800300040214a0a12080a0228001000180050005800\
      6208f921a207b8a78b03
      """,
      "080910fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef0120022800300040004a0a12080a0228001000180050005800",
      """
      080910fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef0120022800300040004a0a12080a0228001000180050005800\
      6208f921a207b8a78b03
      """,
      "080410fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef0120022800300440004a0a12080a0228001000180050005800",
      """
      080210fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef012000280030003a8f010800100018002286010882969ec5fbc0e890f9\
      0112035055541a262f302f6d656d626572732f656636383265353963373133663932312f6174747269627574657322357b226e\
      616d65223a226d32222c22636c69656e7455524c73223a5b22687474703a2f2f3132372e302e302e313a3432313732225d7d28\
      0032003800480050005800600068007000780080010040004a0a12080a0228001000180050005800
      """,
      """
      080f10fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef012000280030003a100800100018002208f921a207b8a78b0340004a0a\
      12080a0228001000180050005800
      """,
      """
      081010a1f2cfb89ccb8bb4ef0118fc97d1e585e9fba2692002280030213a100800100018002208f921a207b8a78b0340004a0a\
      12080a0228001000180050005800
      """,
      "080e10b5bbbcf5cab8edd65a18fc97d1e585e9fba26920022800300040004a0a12080a0228001000180050005800",
    ])
  func message(golden: String) throws {
    _ = try roundTrip(RaftMessage.self, golden)
  }

  @Test("a vote request has the fields that Go gave it")
  func vote() throws {
    let vote = try roundTrip(
      RaftMessage.self,
      "080510be81d6b3bba4e48b9b0118fc97d1e585e9fba26920022801300340004a0a12080a0228001000180050005800")
    #expect(vote == RaftMessage(type: .vote, to: memberC, from: memberA, term: 2, logTerm: 1, index: 3))
    #expect(vote.context == nil)
  }

  @Test("a forwarded proposal holds an entry whose data is a v2 request")
  func proposal() throws {
    let message = try RaftMessage(
      decoding: unhex(
        """
        080210fc97d1e585e9fba26918a1f2cfb89ccb8bb4ef012000280030003a8f010800100018002286010882969ec5fbc0e890f9\
        0112035055541a262f302f6d656d626572732f656636383265353963373133663932312f6174747269627574657322357b226e\
        616d65223a226d32222c22636c69656e7455524c73223a5b22687474703a2f2f3132372e302e302e313a3432313732225d7d28\
        0032003800480050005800600068007000780080010040004a0a12080a0228001000180050005800
        """))
    #expect(message.type == .prop)
    #expect(message.from == memberB)
    let data = try #require(message.entries.first?.data)
    #expect(throws: DecodeError.self) { try InternalRaftRequest(decoding: data) }
    let request = try V2Request(decoding: data)
    #expect(request.method == "PUT")
    #expect(request.path == "/0/members/ef682e59c713f921/attributes")
    #expect(request.val == #"{"name":"m2","clientURLs":["http://127.0.0.1:42172"]}"#)
    #expect(request.prevExist == nil)
    #expect(request.encoded() == data)
  }

  @Test("nil and empty bytes stay apart where Go keeps them apart")
  func nilAndEmpty() throws {
    let absent = try roundTrip(Entry.self, "080010021804")
    #expect(absent.data == nil)
    let empty = try roundTrip(Entry.self, "0800100218042200")
    #expect(empty.data == [])
    #expect(absent != empty)
  }

  @Test("absent scalars are read as zero, as 3.7 sends them")
  func absentScalars() throws {
    #expect(try Entry(decoding: unhex("1002")) == Entry(term: 2))
    #expect(try RaftMessage(decoding: []) == RaftMessage())
  }

  @Test("repeated members of a configuration are written one by one and read in both forms")
  func confState() throws {
    let state = ConfState(voters: [1, 300], autoLeave: true)
    #expect(hex(state.encoded()) == "080108ac022801")
    #expect(try ConfState(decoding: unhex("0a0301ac022801")) == state)
  }
}

@Suite struct FileGoldenTests {
  @Test(
    "records of a Go member's log are read and written again unchanged",
    arguments: [
      "08041000",
      "0801109bacdacf071a1508fc97d1e585e9fba26910daaac4e3f5b6e98fcf01",
      "080510919cbe950f1a0408001000",
      """
      0802108ff795c80f1a64080110011801225c0800100018fc97d1e585e9fba269224c7b226964223a3735383537333232343134\
      34373437323132342c227065657255524c73223a5b22687474703a2f2f3132372e302e302e313a3432313931225d2c226e616d\
      65223a226d31227d
      """,
      "080210faae95d6081a2308001002180a221b220b0a03666f6f120462617232a2060b0885969ec5fbc0e890f901",
      "080210d59892850c1a2008001002180b221822080a03612f31120178a2060b0886969ec5fbc0e890f901",
      "0803108acceec0021a0e080210fc97d1e585e9fba269180a",
    ])
  func record(golden: String) throws {
    _ = try roundTrip(WALRecord.self, golden)
  }

  @Test("the first records of a log name the member, a snapshot at zero and the state")
  func contents() throws {
    let metadata = try roundTrip(WALMetadata.self, "08fc97d1e585e9fba26910daaac4e3f5b6e98fcf01")
    #expect(metadata == WALMetadata(nodeID: memberA, clusterID: 0xcf1f_a5b7_5c71_155a))
    #expect(try roundTrip(WALSnapshot.self, "08001000") == WALSnapshot())
    let state = try roundTrip(HardState.self, "080210fc97d1e585e9fba269180a")
    #expect(state == HardState(term: 2, vote: memberA, commit: 10))
  }

  @Test("a conf change entry carries the member as JSON")
  func confChange() throws {
    let entry = try roundTrip(
      Entry.self,
      """
      080110011801225c0800100018fc97d1e585e9fba269224c7b226964223a373538353733323234313434373437323132342c22\
      7065657255524c73223a5b22687474703a2f2f3132372e302e302e313a3432313931225d2c226e616d65223a226d31227d
      """)
    #expect(entry.type == .confChange)
    let change = try ConfChange(decoding: try #require(entry.data))
    #expect(change.type == .addNode)
    #expect(change.nodeID == memberA)
    #expect(
      change.context.map(String.init(utf8:))
        == #"{"id":7585732241447472124,"peerURLs":["http://127.0.0.1:42191"],"name":"m1"}"#)
    #expect(change.encoded() == entry.data)
  }

  @Test("a put in the log has its header behind the request")
  func put() throws {
    let entry = try roundTrip(
      Entry.self, "08001002180a221b220b0a03666f6f120462617232a2060b0885969ec5fbc0e890f901")
    let request = try InternalRaftRequest(decoding: try #require(entry.data))
    #expect(request.body == .put(PutRequest(key: "foo".bytes, value: "bar2".bytes)))
    #expect(request.header == RequestHeader(id: 0xf921_a207_b8a7_8b05))
    #expect(request.encoded() == entry.data)
  }

  @Test("a v2 request is read as one and refused as a v3 request")
  func v2Request() throws {
    let golden =
      "0884989ec5fbc0a8fe4b 1203505554 1a0a2f302f76657273696f6e 2205332e342e30 2800 3200 3800 4800 5000 5800 6000 6800 7000 7800 800100"
    let request = try roundTrip(V2Request.self, golden)
    #expect(request.path == "/0/version")
    #expect(request.val == "3.4.0")
    #expect(throws: DecodeError.self) { try InternalRaftRequest(decoding: unhex(golden)) }
  }

  @Test(
    "every v2 method fails as a v3 request",
    arguments: ["PUT", "POST", "DELETE", "QGET", "SYNC", "GET", "HEAD"])
  func v2Methods(method: String) {
    let request = V2Request(id: 7, method: method, path: "/1/a", prevExist: false, refresh: true)
    #expect(throws: DecodeError.self) { try InternalRaftRequest(decoding: request.encoded()) }
  }

  @Test("stored rows are read and written again unchanged")
  func rows() throws {
    let pair = try roundTrip(KeyValue.self, "0a03666f6f1002180320022a0462617232")
    #expect(
      pair == KeyValue(key: "foo".bytes, createRevision: 2, modRevision: 3, version: 2, value: "bar2".bytes))
    #expect(try roundTrip(KeyValue.self, "0a03612f32").key == "a/2".bytes)
    #expect(try roundTrip(KeyValue.self, "0a066c65617365641008180820012a0176308a969ec5fbc0e89079").version == 1)
    #expect(try roundTrip(LeaseRecord.self, "088a969ec5fbc0e8907910d804").ttl == 600)
    let role = try roundTrip(AuthRole.self, "0a027231120a08021202702f1a027030")
    #expect(role.keyPermission == [Permission(permType: .readwrite, key: "p/".bytes, rangeEnd: "p0".bytes)])
    let alarm = try roundTrip(AlarmMember.self, "08a48b9fe8bd9de88fd0011001")
    #expect(alarm.alarm == .nospace)
    let user = AuthUser(name: "u".bytes, options: UserAddOptions())
    #expect(hex(user.encoded()) == "0a01752200")
  }

  @Test("what members ask each other about leases is read and written again unchanged")
  func leases() throws {
    #expect(try roundTrip(LeaseKeepAliveRequest.self, "088a969ec5fbc0e89079").id == 0x7921_a207_b8a7_8b0a)
    #expect(try roundTrip(LeaseKeepAliveResponse.self, "108a969ec5fbc0e8907918d804").ttl == 600)
    _ = try roundTrip(LeaseInternalRequest.self, "0a0c088a969ec5fbc0e890791001")
    let response = try roundTrip(
      LeaseInternalResponse.self, "0a1a0a00108a969ec5fbc0e8907918d70420d8042a066c6561736564")
    #expect(response.leaseTimeToLiveResponse?.header == ResponseHeader())
    #expect(response.leaseTimeToLiveResponse?.grantedTTL == 600)
    #expect(response.leaseTimeToLiveResponse?.keys == ["leased".bytes])
  }
}
