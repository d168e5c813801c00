import Base
import Event
import Machine
import Wire

// Requests of the v2 API on their way through the log.

extension Member {
  /// Proposes a request of the v2 API; `done` hears its outcome. What the log does not take or does not apply in time fails
  /// with the code that v2 has for it. As etcd 3.4: etcdserver/v2_server.go, processRaftRequest.
  func propose(_ request: V2Request, _ done: @escaping (V2Outcome) -> Void) {
    var request = request
    request.id = nextRequestID()
    let hear: (Answer) -> Void = { answer in
      switch answer {
      case .v2(let outcome): done(outcome)
      case .failed(let status): done(.failure(V2Error(.raftInternal, cause: status.message)))
      default: done(.done)
      }
    }
    do throws(RPCStatus) { try propose(request.encoded(), id: request.id, .member(hear)) } catch {
      done(.failure(V2Error(.raftInternal, cause: error.message)))
    }
  }

  /// The leader removes what has expired, by an entry that carries the time; only while there is anything with a TTL.
  /// As etcd 3.4: etcdserver/server.go, sync.
  func syncTree() {
    guard isLeader, machine.v2.hasExpiringKeys, !isSyncingTree, !isStopping else { return }
    isSyncingTree = true
    propose(V2Request(method: "SYNC", time: loop.wallNanoseconds)) { [unowned self] _ in isSyncingTree = false }
  }
}
