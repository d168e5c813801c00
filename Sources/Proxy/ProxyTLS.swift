import Base
import Config
import Doors
import HTTP
import TLS

/// The proxy's sides of TLS: toward clients, toward endpoints, and toward the peer ports that know the members.
///
/// As etcd 3.4: etcdmain/etcd.go, startProxy. Toward endpoints the client files speak, or the peer files where there are
/// none. Files that are named are read at the start, so that mistakes show; what the system trusts is read when the first
/// URL asks for TLS, since it takes time and memory that most proxies never need.
final class ProxyTLS {
  /// nil where no URL to listen on asks for it.
  let front: TLSContext?
  private let backSettings: TLSSettings
  private let peerSettings: TLSSettings
  private let log: Log
  private var made: [Side: TLSContext] = [:]

  /// Toward endpoints the two versions of HTTP offer different protocols.
  enum Side: Hashable { case back1, back2, peers }

  init(_ settings: Settings, _ log: Log) throws {
    self.log = log
    front = try makeTLS(settings, log, automaticIn: settings.dataDirectory + "/proxy/clientCerts")
    let usesPeerFiles = settings.clientTLS.isEmpty && settings.clientTLS.trustedCAFile.isEmpty
    let files = usesPeerFiles ? settings.peerTLS : settings.clientTLS
    backSettings = Self.client(files, settings, trustsAll: settings.clientTLS.isAutomatic)
    var peers = Self.client(settings.peerTLS, settings, trustsAll: settings.peerTLS.isAutomatic)
    // As between members: without an authority of its own the domain must stand in what peers show.
    if !settings.discoveryDomain.isEmpty, peers.trustedCAFile.isEmpty {
      peers.serverName = settings.discoveryDomain
    }
    peerSettings = peers
    if Self.namesFiles(backSettings) {
      _ = try context(.back1)
      _ = try context(.back2)
    }
    if Self.namesFiles(peerSettings) { _ = try context(.peers) }
  }

  /// The context of a side. Throws where its files cannot be used.
  func context(_ side: Side) throws(TLSError) -> TLSContext {
    if let context = made[side] { return context }
    var settings = side == .peers ? peerSettings : backSettings
    switch side {
    case .back1: settings.protocols = ["http/1.1"]
    case .back2: settings.protocols = ["h2"]
    // As between members: Go's peer port would take h2 or nothing.
    case .peers: settings.protocols = []
    }
    let context = try TLSContext(.client, settings)
    context.onReloadFailure = { [log] error in
      log(.warning, "the changed key pair \(settings.certFile) cannot be used: \(error)")
    }
    made[side] = context
    return context
  }

  private static func namesFiles(_ settings: TLSSettings) -> Bool {
    !settings.isEmpty || !settings.trustedCAFile.isEmpty
  }

  private static func client(_ files: TLSFiles, _ settings: Settings, trustsAll: Bool) -> TLSSettings {
    var tls = TLSSettings(
      certFile: files.certificateFile, keyFile: files.keyFile, trustedCAFile: files.trustedCAFile)
    tls.insecureSkipVerify = trustsAll
    tls.cipherSuites = settings.cipherSuites
    return tls
  }
}
