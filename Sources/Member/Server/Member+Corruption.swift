import Base
import Config
import Machine
import Wire

extension Member {
  /// With `--experimental-initial-corrupt-check`: reads and hashes all that is stored before anybody is served. A member
  /// alone has nobody to compare the hash with, but learns whether its own rows can be read; rows that cannot end it.
  /// As etcd 3.4: etcdserver/corrupt.go, CheckInitialHashKV.
  func checkDataAtStart() throws(RPCStatus) {
    guard settings.initialCorruptCheck else { return }
    log(.info, "\(id.hex) starting initial corruption check with timeout \(GoDuration.text(requestTimeout))...")
    let hash = try HashComputation(store: machine.store, revision: 0).finish()
    log(
      .info, "\(id.hex) succeeded on initial corruption checking: no corruption",
      LogField("hash", UInt64(hash.hash)),
      LogField("revision", .integer(hash.hashRevision)),
      LogField("compact-revision", .integer(hash.compactRevision)))
  }
}
