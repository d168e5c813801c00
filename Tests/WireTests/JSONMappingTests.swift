import Base
import Testing

@testable import Wire

// Bodies recorded from the gateway of etcd 3.4.23 and from its `etcdctl -w json`.

private let header = ResponseHeader(
  clusterID: 14_841_639_068_965_178_418, memberID: 10_276_657_743_932_975_437, revision: 11, raftTerm: 2)
private let gatewayHeader =
  #""header":{"cluster_id":"14841639068965178418","member_id":"10276657743932975437","revision":"11","raft_term":"2"}"#
private let goHeader =
  #""header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":11,"raft_term":2}"#

private func expectJSON(
  _ message: some JSONMessage, _ style: JSONPrinter.Style, _ text: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(String(utf8: message.json(style)) == text, sourceLocation: sourceLocation)
}

@Suite struct GatewayPrintingTests {
  @Test("a range response is the one of the gateway")
  func range() {
    let pair = KeyValue(key: "foo".bytes, createRevision: 11, modRevision: 11, version: 1, value: "bar".bytes)
    expectJSON(
      RangeResponse(header: header, kvs: [pair], count: 1), .gateway,
      "{" + gatewayHeader
        + #","kvs":[{"key":"Zm9v","create_revision":"11","mod_revision":"11","version":"1","value":"YmFy"}],"count":"1"}"#
    )
    expectJSON(AlarmResponse(), .gateway, "{}")
  }

  @Test("a transaction's answers stand in place, an empty header is an empty object")
  func txn() {
    let inner = TxnResponse(
      header: ResponseHeader(), succeeded: true,
      responses: [ResponseOp(response: .responsePut(PutResponse(header: ResponseHeader(revision: 12))))])
    expectJSON(
      TxnResponse(
        header: header,
        responses: [
          ResponseOp(response: .responseDeleteRange(DeleteRangeResponse(header: ResponseHeader(revision: 11)))),
          ResponseOp(response: .responseTxn(inner)),
        ]), .gateway,
      "{" + gatewayHeader
        + #","responses":[{"response_delete_range":{"header":{"revision":"11"}}},{"response_txn":{"header":{},"#
        + #""succeeded":true,"responses":[{"response_put":{"header":{"revision":"12"}}}]}}]}"#)
  }

  @Test("enums have names, unknown numbers stay numbers, and 32 bits are no text")
  func enums() {
    expectJSON(
      AlarmMember(memberID: 5, alarm: .nospace), .gateway, #"{"memberID":"5","alarm":"NOSPACE"}"#)
    expectJSON(AlarmMember(alarm: .unrecognized(9)), .gateway, #"{"alarm":9}"#)
    expectJSON(HashResponse(hash: 1_199_739_615), .gateway, #"{"hash":1199739615}"#)
    expectJSON(
      WatchCreateRequest(key: "foo".bytes, filters: [.noput, .nodelete]), .gateway,
      #"{"key":"Zm9v","filters":["NOPUT","NODELETE"]}"#)
    expectJSON(
      Compare(result: .greater, key: "foo".bytes, targetUnion: .version(0)), .gateway,
      #"{"result":"GREATER","key":"Zm9v","version":"0"}"#)
  }

  @Test("names keep the capitals of the schema")
  func names() {
    expectJSON(
      ClusterMember(id: 7, name: "<m>", peerURLs: ["http://localhost:2380"], isLearner: true), .gateway,
      #"{"ID":"7","name":"\u003cm\u003e","peerURLs":["http://localhost:2380"],"isLearner":true}"#)
    expectJSON(
      LeaseTimeToLiveResponse(id: 7, ttl: 99, grantedTTL: 100, keys: ["lk".bytes, []]), .gateway,
      #"{"ID":"7","TTL":"99","grantedTTL":"100","keys":["bGs=",""]}"#)
  }
}

@Suite struct GoPrintingTests {
  @Test("responses are those of etcdctl")
  func responses() {
    let pair = KeyValue(key: "foo".bytes, createRevision: 2, modRevision: 3, version: 2, value: "a<b>&".bytes)
    expectJSON(
      DeleteRangeResponse(header: header, deleted: 1, prevKvs: [pair]), .go,
      "{" + goHeader
        + #","deleted":1,"prev_kvs":[{"key":"Zm9v","create_revision":2,"mod_revision":3,"version":2,"value":"YTxiPiY="}]}"#
    )
    expectJSON(
      MemberListResponse(
        header: ResponseHeader(clusterID: 1, memberID: 2, raftTerm: 2),
        members: [
          ClusterMember(
            id: 10_276_657_743_932_975_437, name: "default", peerURLs: ["http://localhost:2380"],
            clientURLs: ["http://127.0.0.1:23790"])
        ]), .go,
      #"{"header":{"cluster_id":1,"member_id":2,"raft_term":2},"members":[{"ID":10276657743932975437,"name":"default","#
        + #""peerURLs":["http://localhost:2380"],"clientURLs":["http://127.0.0.1:23790"]}]}"#)
    expectJSON(
      AuthRoleGetResponse(
        perm: [Permission(permType: .readwrite, key: "a".bytes, rangeEnd: "b".bytes)]), .go,
      #"{"perm":[{"permType":2,"key":"YQ==","range_end":"Yg=="}]}"#)
    expectJSON(
      KVEvent(type: .delete, kv: KeyValue(key: "foo".bytes, modRevision: 10)), .go,
      #"{"type":1,"kv":{"key":"Zm9v","mod_revision":10}}"#)
  }

  @Test("a oneof is an object named as in Go")
  func oneofs() {
    expectJSON(
      TxnResponse(
        header: header, succeeded: true,
        responses: [
          ResponseOp(response: .responsePut(PutResponse(header: ResponseHeader(revision: 5)))),
          ResponseOp(response: .responseRange(RangeResponse(header: ResponseHeader(revision: 5), count: 1))),
        ]), .go,
      "{" + goHeader
        + #","succeeded":true,"responses":[{"Response":{"ResponsePut":{"header":{"revision":5}}}},"#
        + #"{"Response":{"ResponseRange":{"header":{"revision":5},"count":1}}}]}"#)
    expectJSON(ResponseOp(), .go, #"{"Response":null}"#)
  }

  @Test("shapes of the client library can be printed by hand")
  func byHand() {
    var printer = JSONPrinter(.go)
    printer.object { printer in
      ResponseHeader(clusterID: 1, revision: 6).print(to: &printer)
      printer.always("id", .integer(4660))
      printer.always("keys", .null)
      printer.always("Events", [KVEvent]())
    }
    #expect(String(utf8: printer.bytes) == #"{"cluster_id":1,"revision":6,"id":4660,"keys":null,"Events":[]}"#)
  }
}

@Suite struct GatewayReadingTests {
  @Test("both forms of names, numbers and enums are taken")
  func forms() throws {
    let expected = RangeRequest(
      key: "foo".bytes, rangeEnd: "fop".bytes, limit: 3, sortOrder: .ascend, sortTarget: .mod)
    for text in [
      #"{"key":"Zm9v","rangeEnd":"Zm9w","limit":"3","sortOrder":"ASCEND","sort_target":3}"#,
      #"{"key":"Zm9v","range_end":"Zm9w","limit":3,"sort_order":1,"sortTarget":"MOD","revision":null}"#,
      #"{"key":"YQ==","key":"Zm9v","range_end":"YQ==","rangeEnd":"Zm9w","limit":3,"sort_order":1,"sort_target":3} x"#,
    ] {
      #expect(try RangeRequest(json: text.bytes) == expected)
    }
    #expect(try RangeRequest(json: "".bytes) == RangeRequest())
    #expect(try RangeRequest(json: "null".bytes) == RangeRequest())
    #expect(try LeaseGrantRequest(json: #"{"ttl":"100","TTL":7}"#.bytes) == LeaseGrantRequest(ttl: 7))
    #expect(try RangeRequest(json: #"{"sort_order":77}"#.bytes).sortOrder == .unrecognized(77))
  }

  @Test("a transaction is read with all it holds")
  func txn() throws {
    let text =
      #"{"compare":[{"result":"EQUAL","target":"VERSION","key":"Zm9v","version":"0"}],"success":[{"request_put":"#
      + #"{"key":"Zm9v","value":"YQ=="}}],"failure":[{"requestRange":{"key":"Zm9v"}},{"request_txn":{"success":[{"#
      + #""request_delete_range":{"key":"Zm9v","prev_kv":true}}]}}]}"#
    let nested = TxnRequest(success: [
      RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: "foo".bytes, prevKv: true)))
    ])
    #expect(
      try TxnRequest(json: text.bytes)
        == TxnRequest(
          compare: [Compare(result: .equal, target: .version, key: "foo".bytes, targetUnion: .version(0))],
          success: [RequestOp(request: .requestPut(PutRequest(key: "foo".bytes, value: "a".bytes)))],
          failure: [
            RequestOp(request: .requestRange(RangeRequest(key: "foo".bytes))),
            RequestOp(request: .requestTxn(nested)),
          ]))
    #expect(
      try WatchRequest(json: #"{"progress_request":{}}"#.bytes).requestUnion
        == .progressRequest(WatchProgressRequest()))
    #expect(try RequestOp(json: #"{"request_put":null}"#.bytes).request == nil)
  }

  @Test(
    "what does not fit is refused with the gateway's words",
    arguments: [
      (#"{"limit":"x"}"#, "invalid character 'x' looking for beginning of value"),
      (#"{"limit":1.5}"#, "json: cannot unmarshal number 1.5 into Go value of type int64"),
      (#"{"limit":1e2}"#, "json: cannot unmarshal number 1e2 into Go value of type int64"),
      (
        #"{"limit":9223372036854775808}"#,
        "json: cannot unmarshal number 9223372036854775808 into Go value of type int64"
      ),
      (#"{"sort_order":"FOO"}"#, #"unknown value "FOO" for enum etcdserverpb.RangeRequest_SortOrder"#),
      (#"{"sort_order":"1"}"#, #"unknown value "1" for enum etcdserverpb.RangeRequest_SortOrder"#),
      (#"{"key":"?"}"#, "illegal base64 data at input byte 0"),
      (#"{"key":5}"#, "json: cannot unmarshal number into Go value of type []uint8"),
      (#"{"serializable":"true"}"#, "json: cannot unmarshal string into Go value of type bool"),
      (#"{"serializable":1}"#, "json: cannot unmarshal number into Go value of type bool"),
      ("[]", "json: cannot unmarshal array into Go value of type map[string]json.RawMessage"),
      (#""x""#, "json: cannot unmarshal string into Go value of type map[string]json.RawMessage"),
      ("{bad", "invalid character 'b' looking for beginning of object key string"),
      (#"{"key":"#, "unexpected EOF"),
    ])
  func refused(text: String, error: String) {
    let thrown = #expect(throws: JSONMappingError.self) { try RangeRequest(json: text.bytes) }
    #expect(thrown?.description == error)
  }

  @Test("lists must be lists and hold no null")
  func lists() {
    let thrown = #expect(throws: JSONMappingError.self) {
      try TxnRequest(json: #"{"compare":{"key":"a"}}"#.bytes)
    }
    #expect(thrown?.description == "json: cannot unmarshal object into Go value of type []json.RawMessage")
    #expect(throws: JSONMappingError.self) { try TxnRequest(json: #"{"success":[null]}"#.bytes) }
  }

  @Test("unknown members are passed over, or named where they are refused")
  func unknown() throws {
    let value = try JSONValue(parsing: #"{"key":"Zm9v","foo":1}"#)
    #expect(try RangeRequest(json: value) == RangeRequest(key: "foo".bytes))
    let thrown = #expect(throws: JSONMappingError.self) { try RangeRequest(json: value, refusingUnknown: true) }
    #expect(thrown?.description == #"unknown field "foo" in etcdserverpb.RangeRequest"#)
  }
}
