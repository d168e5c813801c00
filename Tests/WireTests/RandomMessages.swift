import Base

@testable import Wire

/// Messages with every kind of field, drawn from a seed.
struct RandomMessages {
  var dice: Dice

  mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T {
    T(truncatingIfNeeded: dice.next() >> UInt64(dice.below(64)))
  }
  mutating func flag() -> Bool { dice.below(2) == 0 }
  mutating func bytes() -> Bytes { (0..<dice.below(20)).map { _ in UInt8(truncatingIfNeeded: dice.next()) } }
  mutating func text() -> String {
    String((0..<dice.below(12)).map { _ in Character(["a", "Z", "/", "ü", "😀", "\"", "\n"][dice.below(7)]) })
  }
  mutating func list<T>(_ body: (inout RandomMessages) -> T) -> [T] {
    (0..<dice.below(4)).map { _ in body(&self) }
  }
  mutating func maybe<T>(_ body: (inout RandomMessages) -> T) -> T? { flag() ? body(&self) : nil }

  mutating func header() -> ResponseHeader {
    ResponseHeader(clusterID: number(), memberID: number(), revision: number(), raftTerm: number())
  }
  mutating func keyValue() -> KeyValue {
    KeyValue(
      key: bytes(), createRevision: number(), modRevision: number(), version: number(), value: bytes(),
      lease: number())
  }
  mutating func event() -> KVEvent {
    KVEvent(
      type: flag() ? .delete : .put, kv: maybe { $0.keyValue() }, prevKv: maybe { $0.keyValue() })
  }
  mutating func range() -> RangeRequest {
    RangeRequest(
      key: bytes(), rangeEnd: bytes(), limit: number(), revision: number(),
      sortOrder: flag() ? .descend : .none,
      sortTarget: flag() ? .value : .key, serializable: flag(), keysOnly: flag(), countOnly: flag(),
      minModRevision: number(), maxModRevision: number(), minCreateRevision: number(),
      maxCreateRevision: number())
  }
  mutating func put() -> PutRequest {
    PutRequest(
      key: bytes(), value: bytes(), lease: number(), prevKv: flag(), ignoreValue: flag(), ignoreLease: flag())
  }
  mutating func compare() -> Compare {
    let target: Compare.TargetUnion? =
      switch dice.below(6) {
      case 0: .version(number())
      case 1: .createRevision(number())
      case 2: .modRevision(number())
      case 3: .value(bytes())
      case 4: .lease(number())
      default: nil
      }
    return Compare(
      result: flag() ? .notEqual : .equal, target: flag() ? .lease : .create, key: bytes(), targetUnion: target,
      rangeEnd: bytes())
  }
  mutating func operation(_ depth: Int) -> RequestOp {
    switch dice.below(depth > 0 ? 5 : 4) {
    case 0: RequestOp(request: .requestRange(range()))
    case 1: RequestOp(request: .requestPut(put()))
    case 2: RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: bytes(), prevKv: flag())))
    case 3: RequestOp()
    default: RequestOp(request: .requestTxn(txn(depth - 1)))
    }
  }
  mutating func txn(_ depth: Int = 3) -> TxnRequest {
    TxnRequest(
      compare: list { $0.compare() }, success: list { $0.operation(depth) },
      failure: list { $0.operation(depth) })
  }
  mutating func rangeResponse() -> RangeResponse {
    RangeResponse(header: maybe { $0.header() }, kvs: list { $0.keyValue() }, more: flag(), count: number())
  }
  mutating func txnResponse(_ depth: Int = 3) -> TxnResponse {
    TxnResponse(
      header: maybe { $0.header() }, succeeded: flag(),
      responses: list { random in
        switch random.dice.below(depth > 0 ? 4 : 3) {
        case 0: ResponseOp(response: .responseRange(random.rangeResponse()))
        case 1: ResponseOp(response: .responsePut(PutResponse(prevKv: random.maybe { $0.keyValue() })))
        case 2: ResponseOp(response: .responseDeleteRange(DeleteRangeResponse(deleted: random.number())))
        default: ResponseOp(response: .responseTxn(random.txnResponse(depth - 1)))
        }
      })
  }
  mutating func watchCreate() -> WatchCreateRequest {
    WatchCreateRequest(
      key: bytes(), rangeEnd: bytes(), startRevision: number(), progressNotify: flag(),
      filters: list { $0.flag() ? .noput : .nodelete }, prevKv: flag(), watchID: number(), fragment: flag())
  }
  mutating func watchResponse() -> WatchResponse {
    WatchResponse(
      header: maybe { $0.header() }, watchID: number(), created: flag(), canceled: flag(),
      compactRevision: number(),
      cancelReason: text(), fragment: flag(), events: list { $0.event() })
  }
  mutating func member() -> ClusterMember {
    ClusterMember(
      id: number(), name: text(), peerURLs: list { $0.text() }, clientURLs: list { $0.text() },
      isLearner: flag())
  }
  mutating func timeToLive() -> LeaseTimeToLiveResponse {
    LeaseTimeToLiveResponse(
      header: maybe { $0.header() }, id: number(), ttl: number(), grantedTTL: number(),
      keys: list { $0.bytes() })
  }
  mutating func entry() -> Entry {
    Entry(type: flag() ? .confChangeV2 : .normal, term: number(), index: number(), data: maybe { $0.bytes() })
  }
  mutating func confState() -> ConfState {
    ConfState(
      voters: list { $0.number() }, learners: list { $0.number() }, votersOutgoing: list { $0.number() },
      learnersNext: list { $0.number() }, autoLeave: flag())
  }
  mutating func raftMessage() -> RaftMessage {
    RaftMessage(
      type: MessageType(rawValue: Int32(dice.below(19))), to: number(), from: number(), term: number(),
      logTerm: number(), index: number(), entries: list { $0.entry() }, commit: number(),
      snapshot: RaftSnapshot(
        data: maybe { $0.bytes() },
        metadata: SnapshotMetadata(confState: confState(), index: number(), term: number())),
      reject: flag(), rejectHint: number(), context: maybe { $0.bytes() })
  }
  mutating func v2Request() -> V2Request {
    V2Request(
      id: number(), method: text(), path: text(), val: text(), dir: flag(), prevValue: text(),
      prevIndex: number(),
      prevExist: maybe { $0.flag() }, expiration: number(), wait: flag(), since: number(), recursive: flag(),
      sorted: flag(), quorum: flag(), time: number(), stream: flag(), refresh: maybe { $0.flag() })
  }
  mutating func internalRequest() -> InternalRaftRequest {
    let body: InternalRaftRequest.Body? =
      switch dice.below(8) {
      case 0: .v2(v2Request())
      case 1: .range(range())
      case 2: .put(put())
      case 3: .txn(txn())
      case 4:
        .leaseCheckpoint(
          LeaseCheckpointRequest(
            checkpoints: list { LeaseCheckpoint(id: $0.number(), remainingTTL: $0.number()) }))
      case 5: .authEnable(AuthEnableRequest())
      case 6:
        .authRoleGrantPermission(
          AuthRoleGrantPermissionRequest(name: text(), perm: Permission(permType: .write, key: bytes())))
      default: nil
      }
    return InternalRaftRequest(
      id: number(), body: body,
      header: maybe { RequestHeader(id: $0.number(), username: $0.text(), authRevision: $0.number()) })
  }
}
