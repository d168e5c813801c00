import Base
import Config
import Doors
import Proxy
import Server
import Storage

/// Runs what this process is: what its data directory was used for decides, and where that is empty the flags do.
/// As etcd 3.4: etcdmain/etcd.go, startEtcdOrProxyV2.
func run(_ settings: Settings, _ log: Log, seed: UInt64) -> ProgramEnd {
  // The member looks once more, and says what there is to say.
  let use: DataDirectory.Use
  do throws(DataDirectoryError) { use = try DataDirectory(settings.dataDirectory).use(SystemDisk()) } catch {
    log.named("etcdmain")(.critical, "\(error)")
    return .code(1)
  }
  switch use {
  case .member: return member()
  case .proxy:
    announceProxy(settings, log.named("etcdmain"))
    return proxy()
  case .nothing: return settings.proxy == "off" ? member() : proxy()
  }

  func member() -> ProgramEnd {
    switch runMember(settings, log: log, seed: seed) {
    case .ended(let end): end
    case .clusterIsFull: proxy()
    }
  }

  func proxy() -> ProgramEnd {
    runProxy(settings, log: log) { try discoverPeers(settings, log) }
  }
}

private func announceProxy(_ settings: Settings, _ log: Log) {
  if settings.logFormat == .zap {
    log(
      .info, "server has been already initialized", LogField("data-dir", settings.dataDirectory),
      LogField("dir-type", "proxy"))
  } else {
    log(.notice, "the server is already initialized as proxy before, starting as etcd proxy...")
  }
}
