import Base
import Wire

/// `--namespace`: a prefix in front of every key that a request names, taken off again in its reply.
/// As etcd 3.4: clientv3/namespace, kv.go, watch.go, lease.go and util.go; locks and elections follow the same rule here.
struct Namespace: Sendable {
  let prefix: Bytes

  init(_ prefix: Bytes) { self.prefix = prefix }

  var isEmpty: Bool { prefix.isEmpty }

  // MARK: Keys

  func into(_ key: Bytes) -> Bytes { prefix + key }

  /// A range of the name space as one of the store; "from here on" ends where the prefix does.
  func into(_ key: Bytes, _ end: Bytes) -> (key: Bytes, end: Bytes) {
    if end.isEmpty { return (prefix + key, []) }
    return (prefix + key, end == [0] ? Self.end(of: prefix) : prefix + end)
  }

  func out(_ key: Bytes) -> Bytes { key.starts(with: prefix) ? Bytes(key.dropFirst(prefix.count)) : key }

  /// The first key behind all that begin with `prefix`; "from here on" where there is none.
  static func end(of prefix: Bytes) -> Bytes {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return [0]
  }

  // MARK: Requests

  func into(_ request: inout RangeRequest) {
    (request.key, request.rangeEnd) = into(request.key, request.rangeEnd)
  }
  func into(_ request: inout PutRequest) { request.key = into(request.key) }
  func into(_ request: inout DeleteRangeRequest) {
    (request.key, request.rangeEnd) = into(request.key, request.rangeEnd)
  }
  func into(_ request: inout WatchCreateRequest) {
    (request.key, request.rangeEnd) = into(request.key, request.rangeEnd)
  }

  func into(_ request: inout TxnRequest) {
    for index in request.compare.indices {
      let compare = request.compare[index]
      (request.compare[index].key, request.compare[index].rangeEnd) = into(compare.key, compare.rangeEnd)
    }
    request.success = request.success.map(into)
    request.failure = request.failure.map(into)
  }

  private func into(_ operation: RequestOp) -> RequestOp {
    var operation = operation
    switch operation.request {
    case .requestRange(var inner)?:
      into(&inner)
      operation.request = .requestRange(inner)
    case .requestPut(var inner)?:
      into(&inner)
      operation.request = .requestPut(inner)
    case .requestDeleteRange(var inner)?:
      into(&inner)
      operation.request = .requestDeleteRange(inner)
    case .requestTxn(var inner)?:
      into(&inner)
      operation.request = .requestTxn(inner)
    case nil: break
    }
    return operation
  }

  // MARK: Replies

  func out(_ pair: inout KeyValue) { pair.key = out(pair.key) }
  private func out(_ pair: inout KeyValue?) { if let key = pair?.key { pair?.key = out(key) } }
  private func out(_ pairs: inout [KeyValue]) { for index in pairs.indices { out(&pairs[index]) } }

  func out(_ reply: inout RangeResponse) { out(&reply.kvs) }
  func out(_ reply: inout PutResponse) { out(&reply.prevKv) }
  func out(_ reply: inout DeleteRangeResponse) { out(&reply.prevKvs) }

  func out(_ reply: inout TxnResponse) {
    for index in reply.responses.indices {
      switch reply.responses[index].response {
      case .responseRange(var inner)?:
        out(&inner)
        reply.responses[index].response = .responseRange(inner)
      case .responsePut(var inner)?:
        out(&inner)
        reply.responses[index].response = .responsePut(inner)
      case .responseDeleteRange(var inner)?:
        out(&inner)
        reply.responses[index].response = .responseDeleteRange(inner)
      case .responseTxn(var inner)?:
        out(&inner)
        reply.responses[index].response = .responseTxn(inner)
      case nil: break
      }
    }
  }

  func out(_ reply: inout WatchResponse) {
    for index in reply.events.indices {
      out(&reply.events[index].kv)
      out(&reply.events[index].prevKv)
    }
  }
}

// What a relay is to change of a method's messages.
extension Namespace {
  /// The rewriting of a method; none where there is no name space, or no key in its messages.
  func rewriting(of method: Wire.Method) -> Rewriting {
    if isEmpty { return Rewriting() }
    switch method.path {
    case "/etcdserverpb.KV/Range":
      return make(RangeRequest.self, RangeResponse.self, { into(&$0) }, { out(&$0) })
    case "/etcdserverpb.KV/Put":
      return make(PutRequest.self, PutResponse.self, { into(&$0) }, { out(&$0) })
    case "/etcdserverpb.KV/DeleteRange":
      return make(DeleteRangeRequest.self, DeleteRangeResponse.self, { into(&$0) }, { out(&$0) })
    case "/etcdserverpb.KV/Txn":
      return make(TxnRequest.self, TxnResponse.self, { into(&$0) }, { out(&$0) })
    case "/etcdserverpb.Watch/Watch":
      return make(
        WatchRequest.self, WatchResponse.self,
        { request in
          guard case .createRequest(var create)? = request.requestUnion else { return }
          into(&create)
          request.requestUnion = .createRequest(create)
        }, { out(&$0) })
    case "/etcdserverpb.Lease/LeaseTimeToLive":
      return make(
        LeaseTimeToLiveRequest.self, LeaseTimeToLiveResponse.self, { _ in },
        { reply in reply.keys = reply.keys.filter { $0.starts(with: prefix) }.map(out) })
    case "/v3lockpb.Lock/Lock":
      return make(LockRequest.self, LockResponse.self, { $0.name = into($0.name) }, { $0.key = out($0.key) })
    case "/v3lockpb.Lock/Unlock":
      return make(UnlockRequest.self, UnlockResponse.self, { $0.key = into($0.key) }, { _ in })
    case "/v3electionpb.Election/Campaign":
      return make(
        CampaignRequest.self, CampaignResponse.self, { $0.name = into($0.name) },
        { reply in reply.leader = reply.leader.map(out) })
    case "/v3electionpb.Election/Proclaim":
      return make(
        ProclaimRequest.self, ProclaimResponse.self, { request in request.leader = request.leader.map(into) },
        { _ in })
    case "/v3electionpb.Election/Resign":
      return make(
        ResignRequest.self, ResignResponse.self, { request in request.leader = request.leader.map(into) },
        { _ in })
    case "/v3electionpb.Election/Leader", "/v3electionpb.Election/Observe":
      return make(LeaderRequest.self, LeaderResponse.self, { $0.name = into($0.name) }, { out(&$0.kv) })
    default: return Rewriting()
    }
  }

  private func into(_ leader: LeaderKey) -> LeaderKey {
    LeaderKey(name: into(leader.name), key: into(leader.key), rev: leader.rev, lease: leader.lease)
  }
  private func out(_ leader: LeaderKey) -> LeaderKey {
    LeaderKey(name: out(leader.name), key: out(leader.key), rev: leader.rev, lease: leader.lease)
  }

  private func make<Query: WireMessage, Reply: WireMessage>(
    _: Query.Type, _: Reply.Type, _ into: @escaping (inout Query) -> Void,
    _ out: @escaping (inout Reply) -> Void
  ) -> Rewriting {
    Rewriting(
      request: { bytes throws(RPCStatus) in
        var message = try bytes.decoded(Query.self)
        into(&message)
        return message.encoded()
      },
      reply: { bytes throws(RPCStatus) in
        var message = try bytes.decoded(Reply.self)
        out(&message)
        return message.encoded()
      })
  }
}

extension UnsafeRawBufferPointer {
  /// As grpc words what cannot be read.
  func decoded<Message: WireMessage>(_: Message.Type) throws(RPCStatus) -> Message {
    do throws(DecodeError) { return try Message(decoding: self) } catch {
      throw RPCStatus(.internalError, "grpc: failed to unmarshal the received message \(error)")
    }
  }
}
