import Base
import Wire

// Entries that concern the members and the v2 tree. Both live in raft snapshots, not in the backend, so these entries are
// applied again after every start. As etcd 3.4: etcdserver/apply_v2.go and etcdserver/server.go, applyConfChange.

extension Machine {
  func applyV2(_ request: V2Request) -> Applied {
    let outcome = V2Applier(store: v2, roster: roster).apply(request)
    return Applied(requestID: request.id, answer: .v2(outcome))
  }

  /// A change that the roster refuses goes to Raft with node 0, which changes nothing, on every member alike.
  func applyConfChange(_ entry: Entry) -> Applied {
    guard var change = try? ConfChange(decoding: entry.data ?? []) else {
      broken("entry \(entry.index) holds no change of members: \(hex((entry.data ?? []).prefix(64)))")
    }
    do throws(MembershipError) {
      try roster.validate(change)
      try roster.apply(change)
      return Applied(
        requestID: change.id, answer: .nothing, change: ConfigChangeVerdict(change: change, isAccepted: true))
    } catch {
      let requestID = change.id
      change.nodeID = 0
      return Applied(
        requestID: requestID, answer: .failed(RPCStatus(error)),
        change: ConfigChangeVerdict(change: change, isAccepted: false))
    }
  }
}
