import Base

/// Numbers for requests, unique in the cluster and across restarts: 16 bits of the member, then 48 bits that begin with
/// the time of the start. As etcd 3.4: pkg/idutil/id.go.
struct RequestIDs {
  private let prefix: UInt64
  private var suffix: UInt64

  init(member: MemberID, unixMilliseconds: Int64) {
    prefix = member.rawValue << 48
    suffix = (UInt64(bitPattern: unixMilliseconds) & (1 << 40 - 1)) << 8
  }

  mutating func next() -> UInt64 {
    suffix &+= 1
    return prefix | suffix & (1 << 48 - 1)
  }
}
