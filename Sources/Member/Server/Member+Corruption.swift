import Base
import Config
import Machine
import Wire

extension Member {
  /// With `--experimental-initial-corrupt-check`: reads and hashes all that is stored before anybody is served, and compares
  /// the hash with those of the other members that answer. Rows that cannot be read end a member, also one that is alone.
  /// As etcd 3.4: etcdserver/corrupt.go, CheckInitialHashKV.
  func checkDataAtStart(_ scout: ClusterScout) throws(RPCStatus) {
    guard settings.initialCorruptCheck else { return }
    log(.info, "\(id.hex) starting initial corruption check with timeout \(GoDuration.text(requestTimeout))...")
    let hash = try HashComputation(store: machine.store, revision: 0).finish()
    for other in machine.roster.members where other.id != id {
      for url in Self.urls(other.peerURLs) {
        guard let found = scout.hash(askedOf: url, revision: hash.hashRevision, timeout: requestTimeout) else {
          log(.warning, "cannot check the hash of peer(\(url.text)) at revision \(hash.hashRevision)")
          continue
        }
        guard found.differs(from: hash) else { break }
        log(
          .error,
          "\(id.hex)'s hash \(hash.hash) != \(other.id.hex)'s hash \(found.hash) at revision \(hash.hashRevision)"
        )
        throw .unmapped("\(id.hex) found data inconsistency with peers")
      }
    }
    log(
      .info, "\(id.hex) succeeded on initial corruption checking: no corruption",
      LogField("hash", UInt64(hash.hash)),
      LogField("revision", .integer(hash.hashRevision)),
      LogField("compact-revision", .integer(hash.compactRevision)))
  }
}
