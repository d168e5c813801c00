import Base
import CShim
import Config
import Discovery
import Doors
import Event
import Glibc
import Storage
import TLS

// Server: a member put together from its rooms, and its doors to the world.
//
// It holds the sockets, threads and timers, and decides as little as it can: Raft decides what is agreed, the machine
// what it means, HTTP what the bytes say. It never imports the proxy.

/// Runs a member until it is told to stop.
///
/// - Parameter seed: chance for election timeouts and hashes; drawn by the program.
package func runMember(_ settings: Settings, log: Log, seed: UInt64) -> MemberEnd {
  signal(SIGPIPE, SIG_IGN)
  // As Go programs do: signals that mean nothing here do no harm.
  signal(SIGUSR1, SIG_IGN)
  signal(SIGUSR2, SIG_IGN)
  let loop = EventLoop()
  let main = log.named("etcdmain")
  let isUsed = WAL.exists(
    SystemDisk(), in: DataDirectory(settings.dataDirectory, wal: settings.walDirectory).wal)
  announceStart(settings, isUsed: isUsed, log.named("embed"))
  describe(settings, log.named("embed"))
  if let problem = Front.tooFewDescriptors() {
    log.named("embed")(.critical, problem)
    return .ended(.code(1))
  }
  let clock: () -> Instant = { Instant(nanoseconds: cshim_monotonic_now()) }
  let member: Member
  do {
    let settings = isUsed ? settings : try askingDNS(settings, log.named("embed"))
    let tls = try makeTLS(settings, log.named("embed"))
    let peerTLS = try makePeerTLS(settings, log.named("embed"))
    let tokens = try TokenSetup(settings, log.named("auth"))
    let bootstrap = Bootstrap(
      settings: settings, peerTLS: peerTLS.client, tokens: tokens.kind, log: log.named("etcdserver"),
      seed: seed,
      now: clock)
    member = Member(try bootstrap.open(), settings: settings, tokens: tokens, loop: loop, log: log)
    if isUsed { try member.checkDataAtStart(bootstrap.scout) }
    try member.start(tls: tls, peerTLS: peerTLS)
    announceServing(settings, member: member.id.hex, log.named("embed"))
  } catch BootstrapError.discovery(let failure) {
    if failure == .full, settings.discoveryFallback == "proxy" {
      announceFallback(settings, main)
      return .clusterIsFull
    }
    explain(failure, settings, main)
    return .ended(.code(1))
  } catch {
    tellOfStart(error, settings, main)
    return .ended(.code(1))
  }
  var received: Int32?
  let watches = [(SIGTERM, "terminated"), (SIGINT, "interrupt")].map { number, name in
    SignalWatch(loop, number) {
      received = number
      Notify.stopping()
      member.leave(.signal(name))
    }
  }
  withExtendedLifetime(watches) { loop.run() }
  member.close()
  if case .failure? = member.exit { return .ended(.code(1)) }
  return .ended(ProgramEnd(signal: received))
}

/// What came of a member.
package enum MemberEnd: Sendable, Equatable {
  case ended(ProgramEnd)
  /// Not an end: the discovered cluster has all its members, and `--discovery-fallback` wants a proxy then. Nothing was
  /// written, nothing is open; the same settings are for the proxy.
  case clusterIsFull
}

private func describe(_ settings: Settings, _ log: Log) {
  if settings.enableProfiling { log(.notice, "pprof is enabled under /debug/pprof") }
}
