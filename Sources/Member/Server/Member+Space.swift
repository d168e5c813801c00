import Base
import Config
import Machine
import Wire

// The quota as operators meet it: a warning before it is reached, an alarm when it is, and its end.

extension Member {
  private var hasOwnNoSpace: Bool {
    machine.alarms.active(.nospace).contains { $0.memberID == id.rawValue }
  }

  /// Tells the cluster that this member has no room. As etcd 3.4: api/v3rpc/quota.go.
  func raiseNoSpace() {
    guard !isRaisingAlarm, !hasOwnNoSpace else { return }
    isRaisingAlarm = true
    ownsNoSpaceAlarm = true
    log(.warning, "the store exceeds its quota of \(machine.quota.limitBytes ?? 0) bytes: raising NOSPACE")
    propose(.activate)
  }

  /// A write that another member let through went over our quota. As etcd 3.4: etcdserver/server.go, applyEntryNormal.
  func raiseNoSpaceIfNobodyDid() {
    if !machine.alarms.isActive(.nospace) { raiseNoSpace() }
  }

  /// Once a second: warns when the store fills, and takes this member's own alarm back when there is room again. Alarms of
  /// others, Go members among them, are theirs; so is one that somebody raised by hand.
  func watchSpace() {
    let size = machine.sizeBytes
    let isNearlyFull = machine.quota.isNearlyFull(sizeBytes: size)
    if isNearlyFull, !didWarnOfQuota {
      log(
        .warning,
        "the store holds \(size) of its quota of \(machine.quota.limitBytes ?? 0) bytes: compact, delete keys or raise --quota-backend-bytes"
      )
    }
    didWarnOfQuota = isNearlyFull
    guard ownsNoSpaceAlarm, !isRaisingAlarm, machine.quota.hasRoomAgain(sizeBytes: size) else { return }
    guard hasOwnNoSpace else {
      ownsNoSpaceAlarm = false  // somebody took it back
      return
    }
    log(.notice, "the store holds \(size) bytes, below its quota again: disarming NOSPACE")
    isRaisingAlarm = true
    propose(.deactivate)
  }

  /// At start: an alarm of ours that stands was raised by an earlier run.
  func recallNoSpace() { ownsNoSpaceAlarm = hasOwnNoSpace }

  private func propose(_ action: AlarmRequest.AlarmAction) {
    let request = AlarmRequest(action: action, memberID: id.rawValue, alarm: .nospace)
    proposeOwn(.alarm(request)) { [unowned self] _ in
      isRaisingAlarm = false
      if action == .deactivate { ownsNoSpaceAlarm = hasOwnNoSpace }
    }
  }
}
