import Base
import Storage
import Wire

/// The alarms of the cluster: which member raised which. Replicated; kept in the bucket `alarm`, whose keys are encoded
/// AlarmMembers and whose values are empty. As etcd 3.4: etcdserver/api/v3alarm/alarms.go.
package final class Alarms {
  private struct Raised: Hashable, Comparable {
    var type: Int32
    var member: MemberID
    static func < (a: Raised, b: Raised) -> Bool {
      a.type != b.type ? a.type < b.type : a.member < b.member
    }
    var message: AlarmMember {
      AlarmMember(memberID: member.rawValue, alarm: AlarmType(rawValue: type))
    }
  }

  private var raised: Set<Raised> = []
  private var backend: any Backend

  package init(backend: any Backend) {
    self.backend = backend
    restore()
  }

  /// Reads the alarms of a store that takes the place of ours.
  package func restore(from backend: any Backend) {
    self.backend = backend
    restore()
  }

  /// Reads the alarms again, after the backend's rows were replaced.
  package func restore() {
    raised.removeAll()
    for row in backend.pairs(.alarm) {
      guard let alarm = try? AlarmMember(decoding: row.key) else {
        broken("alarm row \(hex(row.key)) cannot be read")
      }
      raised.insert(Raised(type: alarm.alarm.rawValue, member: MemberID(alarm.memberID)))
    }
  }

  /// Raises an alarm; raising it again changes nothing.
  @discardableResult
  package func activate(_ type: AlarmType, by member: MemberID) -> AlarmMember {
    let alarm = Raised(type: type.rawValue, member: member)
    if raised.insert(alarm).inserted { backend.put(.alarm, alarm.message.encoded(), []) }
    return alarm.message
  }

  /// Takes an alarm back; nil where it was not raised.
  package func deactivate(_ type: AlarmType, by member: MemberID) -> AlarmMember? {
    let alarm = Raised(type: type.rawValue, member: member)
    guard raised.remove(alarm) != nil else { return nil }
    backend.delete(.alarm, alarm.message.encoded())
    return alarm.message
  }

  /// The alarms of one type, or all for `.none`, ordered by type and member.
  package func active(_ type: AlarmType = .none) -> [AlarmMember] {
    raised.filter { type == .none || $0.type == type.rawValue }.sorted().map(\.message)
  }

  /// Whether any member raised it.
  package func isActive(_ type: AlarmType) -> Bool { raised.contains { $0.type == type.rawValue } }
}
