import Base

extension Flag {
  static let securityFlags: [Flag] = [
    Flag(
      "cert-file", .text(\.clientTLS.certificateFile), "", .security, file: .client("cert-file"),
      "Certificate (PEM) shown to clients; read anew for every handshake."),
    Flag(
      "key-file", .text(\.clientTLS.keyFile), "", .security, file: .client("key-file"),
      "Private key (PEM) of --cert-file."),
    Flag(
      "client-cert-auth", .flag(\.clientTLS.requiresClientCertificate), "false", .security,
      file: .client("client-cert-auth"),
      "Serve only clients that show a certificate of the trusted CA."),
    Flag(
      "client-crl-file", .text(\.clientTLS.revocationFile), "", .security, file: .client("crl-file"),
      "List of revoked client certificates (PEM or DER); read anew for every handshake."),
    Flag(
      "client-cert-allowed-hostname", .text(\.clientTLS.allowedHostname), "", .security,
      file: .client("allowed-hostname"),
      "Name that a client's certificate must carry."),
    Flag(
      "trusted-ca-file", .text(\.clientTLS.trustedCAFile), "", .security, file: .client("trusted-ca-file"),
      "CA certificates (PEM) that vouch for clients; setting it already asks clients for certificates."),
    Flag(
      "auto-tls", .flag(\.clientTLS.isAutomatic), "false", .security, file: .client("auto-tls"),
      "Show clients a certificate made and signed by the member itself."),
    Flag(
      "ca-file", .oldCA(\.clientTLS), "", .old, file: .client("ca-file"),
      fate: .alias("--trusted-ca-file and --client-cert-auth"),
      "Old name: means --trusted-ca-file and --client-cert-auth together."),
    Flag(
      "peer-cert-file", .text(\.peerTLS.certificateFile), "", .security, file: .peer("cert-file"),
      "Certificate (PEM) shown to other members, as server and as client."),
    Flag(
      "peer-key-file", .text(\.peerTLS.keyFile), "", .security, file: .peer("key-file"),
      "Private key (PEM) of --peer-cert-file."),
    Flag(
      "peer-client-cert-auth", .flag(\.peerTLS.requiresClientCertificate), "false", .security,
      file: .peer("client-cert-auth"),
      "Hear only members that show a certificate of the trusted CA."),
    Flag(
      "peer-trusted-ca-file", .text(\.peerTLS.trustedCAFile), "", .security, file: .peer("trusted-ca-file"),
      "CA certificates (PEM) that vouch for other members."),
    Flag(
      "peer-auto-tls", .flag(\.peerTLS.isAutomatic), "false", .security, file: .peer("auto-tls"),
      "Encrypt between members with self-made certificates."),
    Flag(
      "peer-crl-file", .text(\.peerTLS.revocationFile), "", .security, file: .peer("crl-file"),
      "List of revoked member certificates (PEM or DER)."),
    Flag(
      "peer-cert-allowed-cn", .text(\.peerTLS.allowedCommonName), "", .security, file: .peer("allowed-cn"),
      "Common name that a member's certificate must carry."),
    Flag(
      "peer-cert-allowed-hostname", .text(\.peerTLS.allowedHostname), "", .security,
      file: .peer("allowed-hostname"),
      "Name that a member's certificate must carry; not together with --peer-cert-allowed-cn."),
    Flag(
      "peer-ca-file", .oldCA(\.peerTLS), "", .old, file: .peer("ca-file"),
      fate: .alias("--peer-trusted-ca-file and --peer-client-cert-auth"),
      "Old name: means --peer-trusted-ca-file and --peer-client-cert-auth together."),
    Flag(
      "cipher-suites", .sequence(\.cipherSuites), "", .security,
      "Cipher suites for TLS up to 1.2, by their IANA names, separated by commas, best first; "
        + "empty leaves the choice to the TLS library."),
    Flag(
      "tls-min-version", .choice(\.tlsMinVersion, ["TLS1.2", "TLS1.3"]), "TLS1.2", .security,
      "Oldest version of TLS that is spoken: 'TLS1.2' or 'TLS1.3'. Since 3.4.25."),
    Flag(
      "tls-max-version", .choice(\.tlsMaxVersion, ["", "TLS1.2", "TLS1.3"]), "", .security,
      "Newest version of TLS that is spoken; empty sets no bound. Since 3.4.25."),
    Flag(
      "cors", .origins(\.corsOrigins), "*", .security,
      "Origins whose pages may call the HTTP API, separated by commas; empty or '*' allows all."),
    Flag(
      "host-whitelist", .names(\.hostWhitelist), "*", .security,
      "Host names under which unencrypted HTTP may be called, separated by commas; empty or '*' allows all."),
  ]

  static let servingFlags: [Flag] = [
    Flag(
      "auth-token", .text(\.authToken), "simple", .auth,
      "Kind of token that a signed-in user gets: 'simple', 'jwt,pub-key=FILE,priv-key=FILE,sign-method=RS256,ttl=5m', or nothing for none."
    ),
    Flag(
      "bcrypt-cost", .count(\.bcryptCost, goType: "uint"), "10", .auth,
      "Work that goes into the hash of a password, 4 to 31; each step doubles it."),
    Flag(
      "auth-token-ttl", .span(\.authTokenTTL, unit: .seconds(1)), "300", .auth,
      "Seconds that a simple token stays good without being used."),
    Flag(
      "enable-pprof", .flag(\.enableProfiling), "false", .monitoring,
      "Serve run-time profiles to clients under /debug/pprof/."),
    Flag(
      "metrics", .text(\.metrics), "basic", .monitoring,
      "Detail of the metrics: 'basic', or 'extensive' for histograms of every call."),
    Flag(
      "listen-metrics-urls", .urls(\.listenMetricsURLs), "", .monitoring,
      "Further URLs, separated by commas, that serve /metrics and /health alone."),
    Flag(
      "enable-grpc-gateway", .flag(\.enableGateway), "true", .monitoring,
      "Serve the JSON form of the v3 API under /v3/."),
    Flag(
      "logger", .text(\.logger), "capnslog", .logging,
      "Form of the log: 'capnslog' for plain lines, 'zap' for one JSON object a line."),
    Flag(
      "log-outputs", .words(\.logOutputs), "default", .logging,
      "Where the log goes: 'default' (the journal under systemd, else stderr), 'stderr', 'stdout'; "
        + "with zap also 'systemd/journal', files, and several of them separated by commas."),
    Flag(
      "log-level", .text(\.logLevelName), "info", .logging,
      "Least level that is logged: debug, info, warn, error, dpanic, panic or fatal."),
    Flag(
      "log-output", .words(\.oldLogOutputs), "default", .old,
      "Old name of --log-outputs."),
    Flag(
      "debug", .flag(\.debug), "false", .old,
      "Log everything; --log-level=debug says the same."),
    Flag(
      "log-package-levels", .text(\.logPackageLevels), "", .old,
      "Levels of single packages of the plain log, such as 'etcdmain=CRITICAL,etcdserver=DEBUG'."),
  ]
}
