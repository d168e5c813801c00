import Base
import Wire

/// Every decoder of the schema. The first byte chooses the message; what decodes must encode, and come back equal
/// from its bytes and from its JSON.
func fuzzMessages(_ bytes: UnsafeRawBufferPointer) {
  guard let choice = bytes.first else { return }
  // A copy of its own, so that the address sanitizer sees a read beyond the input.
  let content = Bytes(bytes[1...])
  let kind = messageKinds[Int(choice) % messageKinds.count]
  check(kind, content)
}

private func check<M: WireMessage>(_ type: M.Type, _ bytes: Bytes) {
  let message: M
  do throws(DecodeError) { message = try M(decoding: bytes) } catch { return }
  let encoded = message.encoded()
  invariant(encoded.count == message.encodedSize, "\(M.self) writes another size than it says")
  let again: M
  do throws(DecodeError) { again = try M(decoding: encoded) } catch {
    broken("\(M.self) does not read what it wrote: \(error)")
  }
  invariant(again == message, "\(M.self) changes when it is written and read")
  if let message = message as? any JSONMessage { checkJSON(message) }
}

/// A message as JSON and back; the texts are compared, for some fields have no JSON. Deep nesting is refused by the
/// reader of JSON, which is as it should be.
func checkJSON<M: JSONMessage>(_ message: M) {
  let text = message.json()
  let again: M
  do throws(JSONMappingError) { again = try M(json: text) } catch {
    invariant(depth(of: text) > Limits.jsonNesting, "\(M.self) does not read its own JSON: \(error)")
    return
  }
  invariant(again.json() == text, "\(M.self) changes on its way through JSON")
}

/// At least the true nesting: brackets inside texts count as well.
private func depth(of text: Bytes) -> Int {
  var depth = 0
  var deepest = 0
  for byte in text {
    if byte == 0x7B || byte == 0x5B { depth += 1 }
    if byte == 0x7D || byte == 0x5D { depth -= 1 }
    deepest = max(deepest, depth)
  }
  return deepest
}

/// The first byte for a kind of message.
func number(of type: any WireMessage.Type) -> UInt8 {
  UInt8(messageKinds.firstIndex { $0 == type } ?? 0)
}

private func seed<M: WireMessage>(_ message: M) -> (name: String, bytes: Bytes) {
  (String(describing: M.self), [number(of: M.self)] + message.encoded())
}

func messageSeeds() -> [(name: String, bytes: Bytes)] {
  let put = PutRequest(key: [1], value: [2], lease: 3, prevKv: true)
  let txn = TxnRequest(
    compare: [Compare(result: .equal, target: .version, key: [1], targetUnion: .version(3))],
    success: [RequestOp(request: .requestPut(put))],
    failure: [RequestOp(request: .requestRange(RangeRequest(key: [1], rangeEnd: [0], limit: 5)))])
  let header = ResponseHeader(clusterID: 1, memberID: 2, revision: 3, raftTerm: 4)
  let kv = KeyValue(key: [1], createRevision: 2, modRevision: 3, version: 4, value: [5], lease: 6)
  return [
    seed(
      InternalRaftRequest(id: 7, body: .txn(txn), header: RequestHeader(id: 7, username: "u", authRevision: 1))),
    seed(V2Request(id: 1, method: "PUT", path: "/1/a", val: "v", prevExist: false, expiration: 5)),
    seed(
      RaftMessage(
        type: MessageType(rawValue: 3), to: 1, from: 2, term: 3, logTerm: 4, index: 5,
        entries: [Entry(term: 1, index: 6, data: [1])], commit: 5,
        snapshot: RaftSnapshot(
          data: [1], metadata: SnapshotMetadata(confState: ConfState(voters: [1, 2]), index: 3)))
    ), seed(txn), seed(put), seed(RangeResponse(header: header, kvs: [kv], more: true, count: 9)),
    seed(
      TxnResponse(
        header: header, succeeded: true, responses: [ResponseOp(response: .responsePut(PutResponse()))])),
    seed(
      WatchRequest(requestUnion: .createRequest(WatchCreateRequest(key: [1], filters: [.noput], prevKv: true)))),
    seed(WatchResponse(header: header, watchID: 1, created: true, events: [KVEvent(type: .delete, kv: kv)])),
    seed(ConfChangeV2(transition: .auto, changes: [ConfChangeSingle(nodeID: 5)])),
    seed(
      MemberListResponse(header: header, members: [ClusterMember(id: 1, name: "a", peerURLs: ["http://h:1"])])),
    seed(LeaseTimeToLiveResponse(header: header, id: 1, ttl: 2, grantedTTL: 3, keys: [[1], [2]])),
    seed(
      AuthRoleGrantPermissionRequest(name: "r", perm: Permission(permType: .readwrite, key: [1], rangeEnd: [2]))
    ),
    seed(SnapRecord(crc: 5, data: [1])), seed(WALRecord(type: 2, crc: 3, data: [1])),
  ]
}
