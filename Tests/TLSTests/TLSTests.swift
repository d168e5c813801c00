import Base
import Glibc
import Testing

@testable import TLS

/// A fresh directory in the system's temporary one with an authority and what it signed; removed afterwards.
final class Workshop {
  let path: String
  let authority: CertificateMaker.Made
  private var files: [String] = []

  init() throws {
    var template = "/tmp/tls-test-XXXXXX".utf8CString.map { $0 }
    path = String(cString: mkdtemp(&template))
    var maker = CertificateMaker()
    maker.commonName = "authority of \(path)"
    maker.isAuthority = true
    authority = try maker.make(curve: "P-256")
    write("ca.pem", authority.certificatePEM)
  }

  deinit {
    for file in files { unlink(file) }
    rmdir(path)
  }

  @discardableResult
  func write(_ name: String, _ bytes: Bytes) -> String {
    let file = "\(path)/\(name)"
    files.append(file)
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
    return file
  }

  var ca: String { "\(path)/ca.pem" }

  /// Writes a pair signed by the authority and gives its settings.
  func pair(
    _ name: String, hosts: [String] = ["localhost", "127.0.0.1", "::1"], commonName: String = "",
    serial: UInt64? = nil,
    issuer: CertificateMaker.Made? = nil, validSeconds: Int = 3600
  ) throws -> TLSSettings {
    var maker = CertificateMaker()
    maker.commonName = commonName
    maker.hosts = hosts
    maker.isClient = true
    maker.serial = serial
    maker.validSeconds = validSeconds
    let made = try maker.make(curve: "P-256", issuer: issuer ?? authority)
    return TLSSettings(
      certFile: write("\(name).pem", made.certificatePEM), keyFile: write("\(name)-key.pem", made.keyPEM),
      trustedCAFile: ca)
  }

  /// A server that asks nobody for a certificate.
  func openServer(_ name: String = "server") throws -> TLSSettings {
    var settings = try pair(name)
    settings.trustedCAFile = ""
    return settings
  }

  /// A client that trusts the authority and has no certificate.
  var plainClient: TLSSettings {
    var settings = TLSSettings()
    settings.trustedCAFile = ca
    return settings
  }
}

/// A client and a server session joined in memory.
final class Wire {
  let client: TLSSession
  let server: TLSSession
  var clientGot = Bytes()
  var serverGot = Bytes()
  var piece = Int.max

  init(_ serverContext: TLSContext, _ clientContext: TLSContext, host: String = "localhost") {
    client = clientContext.session(host: host)
    server = serverContext.session()
  }

  convenience init(_ server: TLSSettings, _ client: TLSSettings, host: String = "localhost") throws {
    self.init(try TLSContext(.server, server), try TLSContext(.client, client), host: host)
  }

  /// Moves bytes until both are quiet; the first error of each side ends its part.
  @discardableResult
  func run() -> (client: TLSError?, server: TLSError?) {
    var errors: (client: TLSError?, server: TLSError?)
    do throws(TLSError) { try client.start() } catch { errors.client = error }
    while !client.output.isEmpty || !server.output.isEmpty {
      if let error = move(client.output, server, { self.serverGot.append(contentsOf: $0) }) {
        errors.server = errors.server ?? error
      }
      if let error = move(server.output, client, { self.clientGot.append(contentsOf: $0) }) {
        errors.client = errors.client ?? error
      }
    }
    return errors
  }

  private func move(_ from: OutputBuffer, _ to: TLSSession, _ plain: (UnsafeRawBufferPointer) -> Void)
    -> TLSError?
  {
    let bytes = Bytes(from.unsent)
    from.removeAll()
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = Bytes(rest.prefix(piece))
      rest = rest.dropFirst(part.count)
      do {
        try part.withUnsafeBytes { try to.receive($0, plain) }
      } catch { return error as? TLSError }
    }
    return nil
  }

  func send(_ text: String, from session: TLSSession) throws {
    let plain = OutputBuffer()
    plain.append(text)
    try session.send(plain)
    #expect(plain.isEmpty)
  }
}

private let revocationOf1234 = """
  -----BEGIN X509 CRL-----
  MIG8MGMCAQEwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCY2EXDTI2MTEyMzIxNTE1
  NVoXDTM2MTEyMDIxNTE1NVowFTATAgISNBcNMjQwMTAxMDAwMDAwWqAOMAwwCgYD
  VR0UBAMCAQEwCgYIKoZIzj0EAwIDSQAwRgIhAI3okAlcFh/rfDKmTYZ/nkmLGpp8
  dF+EcPxmQHb58E9kAiEAzcSGfoEHbl5eQRzRvG+sn/7WyJWUheWeOIOJxH2JhoE=
  -----END X509 CRL-----

  """

@Suite struct TLSTests {
  @Test(arguments: [1, 100, 100_000]) func `Text goes both ways, whatever the pieces`(piece: Int) throws {
    let shop = try Workshop()
    let wire = try Wire(shop.openServer(), shop.plainClient)
    wire.piece = piece
    #expect(wire.run() == (nil, nil))
    #expect(wire.client.isEstablished && wire.server.isEstablished)
    #expect(wire.client.alpn == "h2" && wire.server.alpn == "h2")
    #expect(wire.server.serverName == "localhost" && wire.server.peer == nil)
    let long = String(repeating: "0123456789", count: 10_000)
    try wire.send(long, from: wire.client)
    try wire.send("hello", from: wire.server)
    wire.run()
    #expect(wire.serverGot == long.bytes && wire.clientGot == "hello".bytes)
    wire.client.close()
    wire.run()
    #expect(wire.server.isPeerClosed && !wire.client.isPeerClosed)
  }

  @Test func `Protocols are chosen by the server's preference, and may be missing`() throws {
    let shop = try Workshop()
    let server = try shop.openServer()
    for (offer, chosen) in [(["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "h2"), (["spdy"], ""), ([], "")] {
      var client = shop.plainClient
      client.protocols = offer
      let wire = try Wire(server, client)
      #expect(wire.run() == (nil, nil))
      #expect(wire.server.alpn == chosen && wire.client.alpn == chosen)
    }
  }

  @Test(arguments: [
    ("localhost", true), ("127.0.0.1", true), ("[::1]", true), ("other", false), ("127.0.0.2", false),
  ])
  func `A server must be good for the host that was dialled`(host: String, isGood: Bool) throws {
    let shop = try Workshop()
    let wire = try Wire(shop.openServer(), shop.plainClient, host: host)
    let errors = wire.run()
    #expect((errors.client == nil) == isGood)
    #expect(wire.client.isEstablished == isGood)
    var trusting = shop.plainClient
    trusting.insecureSkipVerify = true
    #expect(try Wire(shop.openServer(), trusting, host: host).run() == (nil, nil))
  }

  @Test func `A server nobody vouches for is refused, and hears it`() throws {
    let shop = try Workshop()
    let other = try Workshop()
    let errors = try Wire(other.openServer(), shop.plainClient).run()
    #expect(errors.client?.reason == "x509: certificate signed by unknown authority")
    #expect(errors.server?.reason == "remote error: tls: unknown certificate authority")
    var late = try shop.pair("late", validSeconds: -10)
    late.trustedCAFile = ""
    #expect(
      try Wire(late, shop.plainClient).run().client?.reason
        == "x509: certificate has expired or is not yet valid")
  }

  @Test func `A client certificate is required, verified and read`() throws {
    let shop = try Workshop()
    let server = try shop.pair("server")
    let client = try shop.pair(
      "client", hosts: ["node1", "*.example.com", "10.0.0.1"], commonName: "alice", serial: 0x0102)
    let wire = try Wire(server, client)
    #expect(wire.run() == (nil, nil))
    let peer = try #require(wire.server.peer)
    #expect(peer.commonName == "alice" && peer.serial == [1, 2])
    #expect(peer.dnsNames == ["node1", "*.example.com"] && peer.ipAddresses == [[10, 0, 0, 1]])
    #expect(
      try Wire(server, shop.plainClient).run().server?.reason == "tls: client didn't provide a certificate")
    let foreign = try Workshop()
    var foreignClient = try foreign.pair("client")
    foreignClient.trustedCAFile = shop.ca
    #expect(
      try Wire(server, foreignClient).run().server?.reason == "x509: certificate signed by unknown authority")
  }

  @Test func `A common name or host may be demanded`() throws {
    let shop = try Workshop()
    let client = try shop.pair("client", hosts: ["node1"], commonName: "alice")
    func refusal(_ change: (inout TLSSettings) -> Void) throws -> String? {
      var server = try shop.pair("server")
      change(&server)
      return try Wire(server, client).run().server?.reason
    }
    #expect(try refusal { $0.allowedCN = "alice" } == nil)
    #expect(try refusal { $0.allowedCN = "bob" } == "client certificate authentication failed")
    #expect(try refusal { $0.allowedHostname = "node1" } == nil)
    #expect(try refusal { $0.allowedHostname = "node2" } == "client certificate authentication failed")
    #expect(throws: TLSError.self) {
      try refusal {
        $0.allowedCN = "a"
        $0.allowedHostname = "b"
      }
    }
  }

  @Test func `A revoked serial is refused, from the moment the list says so`() throws {
    let shop = try Workshop()
    var settings = try shop.pair("server")
    settings.crlFile = shop.write("crl.pem", [])
    let server = try TLSContext(.server, settings)
    let revoked = try TLSContext(.client, shop.pair("revoked", serial: 0x1234))
    let good = try TLSContext(.client, shop.pair("good", serial: 0x1235))
    // A list that cannot be read lets nobody in.
    #expect(Wire(server, good).run().server != nil)
    shop.write("crl.pem", revocationOf1234.bytes)
    #expect(Wire(server, good).run() == (nil, nil))
    let errors = Wire(server, revoked).run()
    #expect(errors.server?.reason == "transport: certificate serial 1234 revoked")
    #expect(errors.client != nil)
  }

  @Test func `A replaced pair serves the next connection; a broken one does not`() throws {
    let shop = try Workshop()
    let server = try TLSContext(.server, shop.openServer())
    var failures: [TLSError] = []
    server.onReloadFailure = { failures.append($0) }
    let client = try TLSContext(.client, shop.plainClient)
    func serial() -> Bytes? {
      let wire = Wire(server, client)
      #expect(wire.run() == (nil, nil))
      return wire.client.peer?.serial
    }
    let first = serial()
    #expect(serial() == first && first != nil)
    _ = try shop.pair("server", serial: 0x77)
    #expect(serial() == [0x77])
    // The certificate of one pair and the key of another: the last good pair stays.
    var maker = CertificateMaker()
    maker.serial = 0x78
    shop.write("server.pem", try maker.make(curve: "P-256", issuer: shop.authority).certificatePEM)
    #expect(serial() == [0x77])
    #expect(
      failures.first?.reason.contains("mismatch") == true || failures.first?.reason.contains("match") == true)
    unlink("\(shop.path)/server.pem")
    #expect(serial() == [0x77])
    #expect(failures.last?.description == "open \(shop.path)/server.pem: no such file or directory")
    _ = try shop.pair("server", serial: 0x79)
    #expect(serial() == [0x79])
  }

  @Test func `Settings that cannot work are refused at start, with file and reason`() throws {
    let shop = try Workshop()
    func failure(_ settings: TLSSettings) -> String? {
      do throws(TLSError) {
        _ = try TLSContext(.server, settings)
        return nil
      } catch { return error.description }
    }
    #expect(
      failure(TLSSettings(certFile: "c", keyFile: ""))
        == "KeyFile and CertFile must both be present[key: , cert: c]")
    #expect(
      failure(TLSSettings(certFile: "/no/c", keyFile: "/no/k")) == "open /no/c: no such file or directory")
    let junk = shop.write("junk.pem", "junk".bytes)
    #expect(failure(TLSSettings(certFile: junk, keyFile: junk))?.hasPrefix("\(junk): ") == true)
    var settings = try shop.openServer()
    settings.trustedCAFile = junk
    #expect(failure(settings)?.hasPrefix("\(junk): ") == true)
    settings.trustedCAFile = ""
    settings.cipherSuites = ["foo"]
    #expect(failure(settings) == "unexpected TLS cipher suite \"foo\"")
  }

  @Test func `Cipher suites are chosen by Go's names`() throws {
    let shop = try Workshop()
    var server = try shop.openServer()
    for suite in ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"] {
      server.cipherSuites = [suite, "TLS_AES_128_GCM_SHA256"]
      #expect(try Wire(server, shop.plainClient).run() == (nil, nil))
    }
  }

  @Test func `Plain HTTP on a TLS port is recognised`() throws {
    let shop = try Workshop()
    let session = try TLSContext(.server, shop.openServer()).session()
    #expect(throws: TLSError("tls: first record does not look like a TLS handshake")) {
      try "GET / HTTP/1.1\r\nHost: h\r\n\r\n".bytes.withUnsafeBytes { try session.receive($0) { _ in } }
    }
  }

  @Test func `A self-signed pair is made once and used again`() throws {
    let shop = try Workshop()
    let directory = "\(shop.path)/fixtures/peer"
    defer {
      for file in ["cert.pem", "key.pem"] { unlink("\(directory)/\(file)") }
      rmdir(directory)
      rmdir("\(shop.path)/fixtures")
    }
    let settings = try SelfSigned.settings(in: directory, hosts: ["127.0.0.1", "node1"], forClientsToo: true)
    var mode = stat()
    #expect(stat(settings.keyFile, &mode) == 0 && mode.st_mode & 0o777 == 0o600)
    let bytes = try readFile(settings.certFile)
    #expect(try SelfSigned.settings(in: directory, hosts: ["other"], forClientsToo: true) == settings)
    #expect(try readFile(settings.certFile) == bytes)
    #expect(String(utf8: try readFile(settings.keyFile)).hasPrefix("-----BEGIN EC PRIVATE KEY-----"))
    let wire = try Wire(settings, settings, host: "127.0.0.1")
    #expect(wire.run() == (nil, nil))
    #expect(wire.client.peer?.ipAddresses == [[127, 0, 0, 1]] && wire.client.peer?.dnsNames == ["node1"])
  }

  @Test func `The origin of a peer is compared with its certificate as etcd does`() {
    var peer = PeerCertificate()
    #expect(peer.check(address: [1, 2, 3, 4], text: "1.2.3.4") == .accepted)
    peer.ipAddresses = [[10, 0, 0, 1]]
    #expect(peer.check(address: [10, 0, 0, 1], text: "10.0.0.1") == .accepted)
    #expect(
      peer.check(address: [1, 2, 3, 4], text: "1.2.3.4")
        == .refused("x509: certificate is valid for 10.0.0.1, not 1.2.3.4"))
    peer.dnsNames = ["node1", "*.example.com"]
    peer.commonName = "member"
    peer.serial = [1, 0xaf]
    #expect(peer.check(address: [1, 2, 3, 4], text: "1.2.3.4") == .lookUp(names: ["node1"]))
    #expect(peer.accepts(reverseNames: ["node1."]) && peer.accepts(reverseNames: ["a.example.com."]))
    #expect(!peer.accepts(reverseNames: ["example.com.", "node2"]))
    #expect(
      peer.refusal(of: "1.2.3.4")
        == "tls: \"1.2.3.4\" does not match any of DNSNames [\"node1\" \"*.example.com\"] "
        + "(certificate \"member\", serial number 01af)")
  }

  @Test func `A certificate with a common name may be unwanted`() throws {
    let shop = try Workshop()
    var settings = try shop.pair("client", commonName: "alice")
    settings.requiresEmptyCN = true
    #expect(throws: TLSError("cert has non empty Common Name (alice): \(settings.certFile)")) {
      try TLSContext(.client, settings)
    }
  }
}
