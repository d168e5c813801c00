import Base

/// Arguments, variables and file turned into settings, or into what to print instead of a start.
///
/// As etcd 3.4: etcdmain/config.go and embed/config.go. Touches nothing but what `input` holds.
package func configure(_ input: ConfigInput) -> ConfigOutcome {
  var front = Front(input)
  return front.outcome()
}

/// One walk from the arguments to an outcome.
private struct Front {
  let input: ConfigInput
  var settings = Settings.defaults
  var notes: [ConfigNote] = []
  /// Names of the flags that the arguments set.
  var given: [String] = []

  init(_ input: ConfigInput) { self.input = input }

  mutating func outcome() -> ConfigOutcome {
    switch input.arguments.first {
    case GatewaySettings.command.name:
      return GatewaySettings.command.outcome(Array(input.arguments.dropFirst())) { .gateway($0) }
    case GRPCProxySettings.command.name:
      return GRPCProxySettings.command.outcome(Array(input.arguments.dropFirst())) { .grpcProxy($0) }
    case "discovery-token": return TokenWish.outcome(Array(input.arguments.dropFirst()))
    default: break
    }
    let words: [String]
    do { words = try takeArguments() } catch {
      switch error {
      case .help: return .exit(code: 0, standardOutput: Help.flags, standardError: early + Help.usage + "\n")
      case .malformed(let text):
        return .exit(code: 2, standardOutput: "", standardError: early + text + "\n" + Help.usage + "\n")
      }
    }
    if let word = words.first { return refusal(.verifying("'\(word)' is not a valid flag")) }
    if settings.printsVersion {
      return .exit(code: 0, standardOutput: Help.version, standardError: early)
    }
    do { try gather() } catch { return refusal(error) }
    return settings.checksOnly ? page() : .run(settings, notes: notes)
  }

  /// What was noted so far, as the plain log prints it.
  private var early: String { notes.map { $0.line(.capnslog, at: input.now) }.joined() }

  private func refusal(_ failure: ConfigFailure) -> ConfigOutcome {
    // A start that fails while the flags are read has no other log than the plain one.
    let format = isLogChosen ? settings.logFormat : .capnslog
    let text = notes.map { $0.line(format, at: input.now) }.joined() + failure.lines(format, at: input.now)
    if case .verifying(let reason) = failure, reason == Validation.unknownLevel(settings.logLevelName) {
      return .exit(code: 2, standardOutput: "", standardError: text)
    }
    return .exit(code: 1, standardOutput: "", standardError: text)
  }

  private var isLogChosen = false

  private mutating func takeArguments() throws(Arguments.Failure) -> [String] {
    var settings = settings
    var notes: [ConfigNote] = []
    var given: [String] = []
    defer {
      self.settings = settings
      self.notes = notes
      self.given = given
    }
    return try Arguments.parse(input.arguments) { (setting) throws(Arguments.Failure) in
      do throws(ValueFailure) { try setting.flag.slot.set(setting.text, on: &settings) } catch {
        throw Arguments.badValue(setting, error)
      }
      settings.origins[setting.flag.name] = .flag
      given.append(setting.flag.name)
      if let note = setting.flag.usageNote(setting.text) { notes.append(note) }
    }
  }

  private mutating func gather() throws(ConfigFailure) {
    if settings.configFile.isEmpty { settings.configFile = input.variable("ETCD_CONFIG_FILE") ?? "" }
    var failure: ConfigFailure?
    if settings.configFile.isEmpty {
      try takeEnvironment()
      applyDefaultsThatDepend()
    } else {
      failure = takeFile()
    }
    if let failure { throw failure }
    try Validation.check(&settings, notes: &notes, isLogChosen: &isLogChosen)
    if !settings.configFile.isEmpty { notes.append(loading) }
    announce()
    advertiseDefaultHost()
    try Validation.checkStart(&settings, notes: &notes)
  }

  private var loading: ConfigNote {
    if settings.logFormat == .zap {
      return .init(
        .info, "etcdmain",
        "loaded server configuration, other configuration command line flags and environment variables will be ignored if provided",
        LogField("path", settings.configFile))
    }
    return .init(
      .info, "etcdmain",
      "Loading server configuration from \(goQuoted(settings.configFile)). Other configuration command line flags and environment variables will be ignored if provided."
    )
  }

  private func note(host: String) -> ConfigNote {
    settings.logFormat == .zap
      ? .init(.info, "etcdmain", "detected default host for advertise", LogField("host", host))
      : .init(.info, "etcdmain", "advertising using detected default host \(goQuoted(host))")
  }

  private func note(noHost reason: String) -> ConfigNote {
    settings.logFormat == .zap
      ? .init(.info, "etcdmain", "failed to detect default host", LogField("error", reason))
      : .init(.notice, "etcdmain", "failed to detect default host (\(reason))")
  }

  private var noDataDirectory: ConfigNote {
    let path = settings.dataDirectory
    return settings.logFormat == .zap
      ? .init(.warning, "etcdmain", "'data-dir' was empty; using default", LogField("data-dir", path))
      : .init(.warning, "etcdmain", "no data-dir provided, using default data-dir ./\(path)")
  }

  /// Variables are read after the arguments; both for one flag is a conflict, even an empty variable.
  /// As etcd 3.4: pkg/flags/flag.go, SetFlagsFromEnv and verifyEnv.
  private mutating func takeEnvironment() throws(ConfigFailure) {
    var failure: ConfigFailure?
    var used: Set<String> = []
    for flag in Flag.all.sorted(by: { $0.name < $1.name }) where !given.contains(flag.name) {
      guard let text = input.variable(flag.variable), !text.isEmpty else { continue }
      used.insert(flag.variable)
      do {
        try flag.slot.set(text, on: &settings)
        settings.origins[flag.name] = .environment(flag.variable)
        if let note = flag.usageNote(text) { notes.append(note) }
        notes.append(
          .init(.info, "pkg/flags", "recognized and used environment variable \(flag.variable)=\(text)"))
      } catch {
        failure = .verifying("invalid value \(goQuoted(text)) for \(flag.variable): \(error.text)")
      }
    }
    try verifyEnvironment(used)
    if let failure { throw failure }
  }

  private mutating func verifyEnvironment(_ used: Set<String>) throws(ConfigFailure) {
    let shadowed = Set(given.map { variableName("ETCD", flag: $0) })
    for entry in input.environment {
      let name = String(entry.prefix { $0 != "=" })
      if used.contains(name) { continue }
      if shadowed.contains(name) {
        throw .conflict(
          "conflicting environment variable \(goQuoted(name)) is shadowed by corresponding command-line flag (either unset environment variable or disable flag)"
        )
      }
      if name.hasPrefix("ETCD_"), !Self.otherVariables.contains(name) {
        notes.append(.init(.warning, "pkg/flags", "unrecognized environment variable \(entry)"))
      }
    }
  }

  /// Variables that are read elsewhere or name no setting of a member.
  private static let otherVariables: Set<String> = ["ETCD_UNSUPPORTED_ARCH"]

  /// As etcd 3.4: etcdmain/config.go, configFromCmdLine.
  private mutating func applyDefaultsThatDepend() {
    if settings.usesDiscovery, settings.origins["initial-cluster"] == nil {
      settings.initialCluster = ""
      settings.origins["initial-cluster"] = .derived("discovery")
    }
    let listens = settings.origins["listen-client-urls"] != nil
    if listens, settings.origins["advertise-client-urls"] == nil, !settings.mayBeProxy {
      settings.advertiseClientURLs = []
    }
  }

  private mutating func takeFile() -> ConfigFailure? {
    let path = settings.configFile
    let checksOnly = settings.checksOnly
    for name in given where Flag.named(name)?.group != .front {
      notes.append(
        .init(.warning, "etcdmain", "flag \"--\(name)\" is ignored because a configuration file is used"))
    }
    for flag in Flag.all where flag.group != .front && !(input.variable(flag.variable) ?? "").isEmpty {
      notes.append(
        .init(
          .warning, "etcdmain",
          "environment variable \(flag.variable) is ignored because a configuration file is used"))
    }
    let read: (settings: Settings, notes: [ConfigNote], failure: ConfigFailure?)
    switch input.readFile(path) {
    case .failure(let failure):
      notes.append(loading)
      return .verifying(failure.text)
    case .success(let bytes): read = ConfigFile.read(bytes)
    }
    settings = read.settings
    settings.configFile = path
    settings.checksOnly = checksOnly
    settings.origins["config-file"] =
      given.contains("config-file") ? .flag : .environment("ETCD_CONFIG_FILE")
    notes += read.notes
    if case .verifying = read.failure { notes.append(loading) }
    if settings.usesDiscovery, settings.initialCluster == Settings.defaults.initialCluster {
      settings.initialCluster = ""
    }
    return read.failure
  }

  private mutating func announce() {
    guard settings.logFormat == .capnslog else { return }
    for line in Help.version.split(separator: "\n") {
      notes.append(.init(.info, "etcdmain", String(line)))
    }
  }

  /// As etcd 3.4: embed/config.go, UpdateDefaultClusterFromName.
  private mutating func advertiseDefaultHost() {
    let standard = Settings.defaults
    let peer = settings.listenPeerURLs.first
    let client = settings.listenClientURLs.first
    let wantsPeer =
      peer?.host == "0.0.0.0" && settings.advertisePeerURLs == standard.advertisePeerURLs
    let wantsClient =
      client?.host == "0.0.0.0" && settings.advertiseClientURLs == standard.advertiseClientURLs
    if wantsPeer || wantsClient {
      switch input.defaultHost() {
      case .address(let host):
        if wantsPeer, let peer {
          settings.advertisePeerURLs = [EndpointURL(scheme: .http, host: host, port: peer.port)]
          settings.origins["initial-advertise-peer-urls"] = .derived("the default route")
        }
        if wantsClient, let client {
          settings.advertiseClientURLs = [EndpointURL(scheme: .http, host: host, port: client.port)]
          settings.origins["advertise-client-urls"] = .derived("the default route")
        }
        notes.append(note(host: host))
      case .none(let reason):
        notes.append(note(noHost: reason))
      }
    }
    if settings.name != standard.name, settings.initialCluster == standard.initialCluster {
      settings.initialCluster = InitialCluster.text(
        name: settings.name, urls: settings.advertisePeerURLs)
      settings.origins["initial-cluster"] = .derived("--name")
    }
    if settings.dataDirectory.isEmpty {
      settings.dataDirectory = "\(settings.name).etcd"
      settings.origins["data-dir"] = .derived("--name")
      notes.append(noDataDirectory)
    }
  }

  /// The page of `--check-config`.
  private func page() -> ConfigOutcome {
    let remarks = notes.filter { ($0.level ?? .warning) >= .notice }
    return .exit(
      code: 0, standardOutput: Help.page(of: settings),
      standardError: remarks.map { $0.line(.capnslog, at: input.now) }.joined())
  }
}

extension Settings {
  /// Whether this process may end as a proxy. As etcd 3.4: etcdmain/config.go, mayBeProxy.
  var mayBeProxy: Bool { proxy != "off" || (!discoveryURL.isEmpty && discoveryFallback == "proxy") }
}

extension Flag {
  /// What is worth saying when this flag is set to a text.
  func usageNote(_ text: String) -> ConfigNote? {
    switch fate {
    case .ignoredLegacy:
      .init(.warning, "pkg/flags", "flag \"-\(name)\" is no longer supported - ignoring.")
    case .alias(let meaning):
      .init(.warning, "pkg/flags", "flag \"-\(name)\" is deprecated; it is taken as \(meaning)")
    case .meaningless(let reason):
      text == standard
        ? nil : .init(.warning, "pkg/flags", "flag \"-\(name)\" has no effect: \(reason)")
    case .supported, .notYet: nil
    }
  }
}
