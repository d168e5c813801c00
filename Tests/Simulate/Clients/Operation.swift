import Base
import Machine
import Raft
import Wire

/// What a client asks.
enum Request {
  case put(PutRequest)
  case delete(DeleteRangeRequest)
  case txn(TxnRequest)
  case range(RangeRequest)
  case compact(Int64)
  case grant(LeaseGrantRequest)
  case revoke(Int64)
  case keepAlive(Int64)
  case change(ConfChange)
  case moveLeader(UInt64)
}

enum Reply {
  case applied(Answer)
  case range(RangeResponse)
  case txn(TxnResponse)
  case renewed(Int64)
  case done
  /// Refused or given up by the member; whether it happens is not known unless the refusal says so.
  case failed(RPCStatus)
  /// Nobody is there.
  case noConnection
}

struct Operation {
  let client: Int
  let host: Int
  let request: Request
  let asked: Int64
  /// What had been applied anywhere when it was asked: log index and revision.
  let floorIndex: UInt64
  let floorRevision: Int64
  var requestID: UInt64 = 0
  var reply: Reply?
}

extension World {
  /// Sends a request to a member. The answer comes as a reply, or never.
  func ask(_ request: Request, client: Int, host: Int) -> Int {
    let number = operations.count
    operations.append(
      Operation(
        client: client, host: host, request: request, asked: now, floorIndex: truth.index,
        floorRevision: truth.model.revision))
    if network.isCutFromClients(host) { return number }
    agenda.add(.request(number), at: now + clientLatency())
    return number
  }

  private func clientLatency() -> Int64 { Int64(50_000 + dice.below(2_000_000)) }

  func requestArrives(_ number: Int, _ event: Event) {
    let host = hosts[operations[number].host]
    if host.pausedUntil != nil, host.life != nil {
      host.waiting.append(event)
      return
    }
    guard let life = host.life else { return reply(number, .noConnection) }
    life.take(number)
  }

  private func reply(_ number: Int, _ reply: Reply) {
    operations[number].reply = reply
    if network.isCutFromClients(operations[number].host) || dice.below(1000) < network.replyLoss { return }
    agenda.add(.reply(number), at: now + clientLatency())
  }

  /// A member answers: here every answer is held against what really happened.
  func answer(_ number: Int, _ reply: Reply, by life: Life) {
    let operation = operations[number]
    switch reply {
    case .applied(let answer): check(operation, answer, life)
    case .range(let response):
      if case .range(let range) = operation.request {
        let floor = range.serializable ? nil : operation.floorRevision
        truth.answered(range, response, floor: floor, by: life.name)
      }
    case .txn(let response):
      if case .txn(let txn) = operation.request {
        truth.answered(
          txn, response, floor: txn.isSerializable ? nil : operation.floorRevision, by: life.name)
      }
    case .renewed(let ttl):
      if case .keepAlive(let lease) = operation.request, ttl > 0 {
        truth.editLeases {
          $0.renewed(lease, ttl: ttl, asked: operation.asked, now: now, by: life.name)
        }
      }
    case .done, .failed, .noConnection: break
    }
    self.reply(number, reply)
  }

  private func check(_ operation: Operation, _ answer: Answer, _ life: Life) {
    if case .change = operation.request { return }
    guard let outcome = Model.Outcome(answer) else {
      finding("\(life.name) answers with \(answer)")
    }
    truth.answered(operation.requestID, outcome, floor: operation.floorIndex, by: life.name)
    if case .grant(let request) = operation.request, case .grant(let ttl) = outcome {
      truth.editLeases { $0.granted(request.id, ttl: ttl, asked: operation.asked, by: life.name) }
    }
  }
}

extension Model.Outcome {
  /// The model's form of a machine's answer; nil for what clients of the simulation never ask.
  init?(_ answer: Answer) {
    switch answer {
    case .put(let result):
      self = .put(
        revision: result.revision, previous: result.previous.flatMap { try? KeyValue(decoding: $0) })
    case .deleteRange(let result):
      self = .delete(
        revision: result.revision, deleted: result.deleted,
        previous: result.previous.compactMap { try? KeyValue(decoding: $0) })
    case .txn(let response): self = .txn(response)
    case .compaction(let response): self = .compaction(revision: response.header?.revision ?? 0)
    case .leaseGrant(let response): self = .grant(ttl: response.ttl)
    case .leaseRevoke(let response): self = .revoke(revision: response.header?.revision ?? 0)
    case .nothing: self = .nothing
    case .failed(let status): self = .failed(status)
    default: return nil
    }
  }
}
