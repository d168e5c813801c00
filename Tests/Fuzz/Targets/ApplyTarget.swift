import Base
import Machine
import Storage
import Wire

// Two members apply the same entries, the input as the program. One of them is started anew at places that the program
// chooses, between the slices of a compaction too. Answers, reads and at the end every stored row must be the same.

func fuzzApply(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  var (steady, restarted) = (Replica(), Replica())
  var index: UInt64 = 0
  while !program.isAtEnd, index < 200 {
    let choice = program.byte()
    if choice % 16 == 15 {
      restarted.restart()
      continue
    }
    if choice % 16 == 14 {
      let request = range(&program, revision: steady.machine.store.currentRevision)
      invariant(steady.read(request) == restarted.read(request), "members read differently")
      continue
    }
    guard let body = body(choice, &program, revision: steady.machine.store.currentRevision) else { continue }
    index += 1
    let request = InternalRaftRequest(id: index, body: body, header: RequestHeader(id: index))
    let entry = Entry(term: 1, index: index, data: request.encoded())
    let (mine, theirs) = (steady.apply(entry), restarted.apply(entry))
    invariant(mine == theirs, "members answer differently: \(mine) and \(theirs)")
    steady.machine.store.finishCompactions()
    if choice & 0x80 != 0 { _ = restarted.machine.store.compactSlice(batchRows: 1) }
  }
  restarted.restart()
  invariant(steady.hash() == restarted.hash(), "members hold different rows")
  let everything = RangeRequest(key: [0], rangeEnd: [0])
  invariant(steady.read(everything) == restarted.read(everything), "members hold different keys")
}

private struct Replica {
  private(set) var backend = MemoryBackend()
  private(set) var machine: Machine

  init() { machine = Self.machine(backend) }

  private static func machine(_ backend: MemoryBackend) -> Machine {
    let tree = V2Store()
    let roster = Roster(clusterID: ClusterID(1), tree: tree, backend: backend)
    return Machine(
      backend: backend, v2: tree, roster: roster,
      options: Machine.Options(quota: Quota(quotaBackendBytes: -1), seed: 1))
  }

  mutating func restart() {
    backend.commitAndWait()
    backend = backend.reopened()
    machine = Self.machine(backend)
  }

  func apply(_ entry: Entry) -> String {
    "\(machine.apply(entry, now: Instant(nanoseconds: Int64(entry.index) * 1_000_000)) { _ in true }.answer)"
  }

  func read(_ request: RangeRequest) -> String {
    do throws(RPCStatus) {
      let response = try machine.store.range(request)
      invariant(Int64(response.kvs.count) <= response.count, "more pairs than there are")
      return "\(response)"
    } catch { return "\(error)" }
  }

  func hash() -> UInt32 {
    machine.store.finishCompactions()
    backend.commitAndWait()
    return StoreHash.maintenance(backend.frozenView())
  }
}

// MARK: The program

private func key(_ program: inout Program) -> Bytes {
  let keys: [Bytes] = [[0x61], [0x61, 0], [0x61, 0x62], [0x62], [0x63, 0xFF], [0xFF], [0]]
  return keys[program.below(keys.count)]
}

private func end(_ program: inout Program) -> Bytes {
  program.below(3) == 0 ? key(&program) : program.below(2) == 0 ? [] : [0]
}

private func range(_ program: inout Program, revision: Int64) -> RangeRequest {
  let flags = program.byte()
  var request = RangeRequest(key: key(&program), rangeEnd: end(&program))
  request.limit = Int64(program.below(4))
  if flags & 1 != 0 { request.revision = revision - Int64(program.below(8)) + 1 }
  request.sortOrder = RangeRequest.SortOrder(rawValue: Int32(program.below(4)))
  request.sortTarget = RangeRequest.SortTarget(rawValue: Int32(program.below(6)))
  request.keysOnly = flags & 2 != 0
  request.countOnly = flags & 4 != 0
  if flags & 8 != 0 { request.minModRevision = Int64(program.below(6)) }
  if flags & 16 != 0 { request.maxCreateRevision = Int64(program.below(6)) }
  return request
}

private func put(_ program: inout Program) -> PutRequest {
  let flags = program.byte()
  var request = PutRequest(key: key(&program))
  request.ignoreValue = flags & 1 != 0
  request.ignoreLease = flags & 2 != 0
  if !request.ignoreValue { request.value = program.bytes(program.below(4)) }
  if !request.ignoreLease, flags & 4 != 0 { request.lease = Int64(program.below(4)) }
  request.prevKv = flags & 8 != 0
  return request
}

private func delete(_ program: inout Program) -> DeleteRangeRequest {
  DeleteRangeRequest(key: key(&program), rangeEnd: end(&program), prevKv: program.below(2) == 0)
}

private func operations(_ program: inout Program, _ depth: Int, _ revision: Int64) -> [RequestOp] {
  (0..<program.below(4)).map { _ in
    switch program.below(depth > 0 ? 4 : 3) {
    case 0: RequestOp(request: .requestPut(put(&program)))
    case 1: RequestOp(request: .requestDeleteRange(delete(&program)))
    case 2: RequestOp(request: .requestRange(range(&program, revision: revision)))
    default: RequestOp(request: .requestTxn(txn(&program, depth - 1, revision)))
    }
  }
}

private func txn(_ program: inout Program, _ depth: Int, _ revision: Int64) -> TxnRequest {
  let compares = (0..<program.below(3)).map { _ in
    var compare = Compare(key: key(&program))
    compare.result = Compare.CompareResult(rawValue: Int32(program.below(5)))
    compare.target = Compare.CompareTarget(rawValue: Int32(program.below(6)))
    let number = Int64(program.below(5))
    switch program.below(6) {
    case 0: compare.targetUnion = .version(number)
    case 1: compare.targetUnion = .createRevision(number)
    case 2: compare.targetUnion = .modRevision(number)
    case 3: compare.targetUnion = .value(program.bytes(1))
    case 4: compare.targetUnion = .lease(number)
    default: break
    }
    if program.below(4) == 0 { compare.rangeEnd = end(&program) }
    return compare
  }
  return TxnRequest(
    compare: compares, success: operations(&program, depth, revision),
    failure: operations(&program, depth, revision))
}

/// What a client could get into the log: requests that the door refuses are left out.
private func body(_ choice: UInt8, _ program: inout Program, revision: Int64) -> InternalRaftRequest.Body? {
  do throws(RPCStatus) {
    switch choice % 16 {
    case 0..<4:
      let request = put(&program)
      try RequestChecks.check(request)
      return .put(request)
    case 4, 5:
      let request = delete(&program)
      try RequestChecks.check(request)
      return .deleteRange(request)
    case 6..<9:
      let request = txn(&program, 2, revision)
      try RequestChecks.check(request, operationLimit: 128)
      return .txn(request)
    case 9: return .compaction(CompactionRequest(revision: revision - Int64(program.below(10)) + 1))
    case 10, 11:
      return .leaseGrant(LeaseGrantRequest(ttl: Int64(program.byte()), id: Int64(program.below(4)) + 1))
    case 12: return .leaseRevoke(LeaseRevokeRequest(id: Int64(program.below(4)) + 1))
    default:
      var request = AlarmRequest(memberID: UInt64(program.below(3)))
      request.action = AlarmRequest.AlarmAction(rawValue: Int32(program.below(4)))
      request.alarm = AlarmType(rawValue: Int32(program.below(4)))
      return .alarm(request)
    }
  } catch { return nil }
}

func applySeeds() -> [(name: String, bytes: Bytes)] {
  let lease: Bytes = [10, 60, 0, 0, 4, 0, 1, 7, 1, 12, 0]
  let changes: Bytes = [0, 0, 0, 2, 1, 2, 0, 8, 3, 1, 9, 4, 1, 2, 1, 0]
  let history: Bytes = [9, 3, 15, 14, 1, 0, 1, 1, 0, 1, 0, 0, 0x89, 1, 15]
  let transaction: Bytes = [6, 1, 0, 0, 0, 1, 0, 1, 1, 0, 8, 0, 1, 5, 1, 2, 4, 0, 0, 0]
  var dice = Dice(seed: 1)
  let noise = (0..<200).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  return [
    ("leases", lease + lease), ("changes", changes + history + changes), ("transaction", changes + transaction),
    ("noise", noise),
  ]
}
