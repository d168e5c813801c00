import Base

/// The configuration file: YAML or JSON, one key a flag, two maps for TLS.
///
/// As etcd 3.4: embed/config.go, configFromFile, and sigs.k8s.io/yaml, which turns YAML into JSON and
/// decodes that: keys match whatever their case, null leaves the default, errors come in the order of the
/// sorted keys. Beyond 3.4, keys that mean nothing are told.
struct ConfigFile {
  private var settings: Settings
  private(set) var notes: [ConfigNote] = []

  /// Settings of a file's bytes on top of the defaults.
  static func read(_ bytes: Bytes) -> (settings: Settings, notes: [ConfigNote], failure: ConfigFailure?) {
    var file = ConfigFile(settings: Settings.defaults)
    do {
      try file.decode(bytes)
      return (file.settings, file.notes, nil)
    } catch {
      return (file.settings, file.notes, error)
    }
  }

  private init(settings: Settings) { self.settings = settings }

  private mutating func decode(_ bytes: Bytes) throws(ConfigFailure) {
    let root: YAMLValue
    do { root = try YAMLReader.read(bytes) } catch {
      throw .verifying("error converting YAML to JSON: \(error.text)")
    }
    let pairs: [(key: String, value: YAMLValue)]
    switch root {
    case .null: pairs = []
    case .map(let found): pairs = found
    default: throw Self.mismatch(root.kind, "value of type embed.configYAML")
    }
    let sorted = Self.sorted(pairs)
    let isProxyKey = { (key: String) in Flag.named(key.lowercased())?.file == .proxy }
    for pair in sorted where !isProxyKey(pair.key) { try take(pair.key, pair.value) }
    for pair in sorted where isProxyKey(pair.key) { try take(pair.key, pair.value) }
    if settings.initialClusterState.isEmpty { settings.initialClusterState = "new" }
  }

  /// In order of keys, each once, the last of equal ones.
  private static func sorted(
    _ pairs: [(key: String, value: YAMLValue)]
  ) -> [(key: String, value: YAMLValue)] {
    var latest: [String: YAMLValue] = [:]
    for pair in pairs { latest[pair.key] = pair.value }
    return latest.sorted { compareBytes($0.key.bytes, $1.key.bytes) < 0 }.map { ($0.key, $0.value) }
  }

  private mutating func take(_ key: String, _ value: YAMLValue) throws(ConfigFailure) {
    let name = key.lowercased()
    switch name {
    case "client-transport-security", "peer-transport-security":
      try takeSection(name, value, isPeer: name.hasPrefix("peer"))
      return
    default: break
    }
    guard let flag = Flag.named(name), flag.file != .none else {
      notes.append(
        .init(.warning, "etcdmain", "unknown key \(goQuoted(key)) in the configuration file is ignored"))
      return
    }
    switch flag.file {
    case .client(let inner): warnMisplaced(key, "client-transport-security", inner)
    case .peer(let inner): warnMisplaced(key, "peer-transport-security", inner)
    case .top: try take(flag, value, structName: "configYAML", path: name)
    case .proxy: try take(flag, value, structName: "configProxy", path: name)
    case .none: break
    }
  }

  private mutating func warnMisplaced(_ key: String, _ section: String, _ inner: String) {
    notes.append(
      .init(
        .warning, "etcdmain",
        "key \(goQuoted(key)) in the configuration file is ignored; write \(inner) under \(section)"))
  }

  private mutating func takeSection(
    _ section: String, _ value: YAMLValue, isPeer: Bool
  ) throws(ConfigFailure) {
    let pairs: [(key: String, value: YAMLValue)]
    switch value {
    case .null: return
    case .map(let found): pairs = found
    default:
      throw Self.mismatch(
        value.kind, "struct field configYAML.\(section) of type embed.securityConfig")
    }
    for (key, value) in Self.sorted(pairs) {
      let inner = key.lowercased()
      let place = isPeer ? Flag.FileKey.peer(inner) : .client(inner)
      guard let flag = Flag.all.first(where: { $0.file == place }) else {
        notes.append(
          .init(
            .warning, "etcdmain",
            "unknown key \(goQuoted(key)) under \(section) in the configuration file is ignored"))
        continue
      }
      try take(flag, value, structName: "securityConfig", path: "\(section).\(inner)")
    }
  }

  private mutating func take(
    _ flag: Flag, _ value: YAMLValue, structName: String, path: String
  ) throws(ConfigFailure) {
    if value == .null { return }
    let field = "struct field \(structName).\(path) of type "
    let text: String
    switch (flag.goType, value) {
    case ("string", .text(let word)): text = word
    case ("bool", .flag(let value)): text = String(value)
    case ("[]string", .list(let items)):
      try setWords(flag, items, field, path: path)
      return
    case ("string", .number(let number)) where flag.file == .proxy: text = number
    // Unquoted, the words are truth values; the original refuses them then.
    case ("string", .flag(let value)) where flag.file == .proxy: text = value ? "on" : "off"
    case ("string", _), ("bool", _), ("[]string", _): throw Self.mismatch(value.kind, field + flag.goType)
    case (_, .number(let number)):
      guard Self.fits(number, flag.goType) else {
        throw Self.mismatch("number \(number)", field + flag.goType)
      }
      text = flag.goType == "time.Duration" ? number + "ns" : number
    default: throw Self.mismatch(value.kind, field + flag.goType)
    }
    try set(flag, text, path: path)
  }

  /// A list keeps the file's order and may be empty, which no text on the command line can say.
  private mutating func setWords(
    _ flag: Flag, _ items: [YAMLValue], _ field: String, path: String
  ) throws(ConfigFailure) {
    var words: [String] = []
    for item in items {
      switch item {
      case .text(let word): words.append(word)
      case .null: words.append("")
      default: throw Self.mismatch(item.kind, field + "string")
      }
    }
    switch flag.slot {
    case .words(let place), .sequence(let place): settings[keyPath: place] = words
    default: broken("--\(flag.name) is no list")
    }
    settings.origins[flag.name] = .file(key: path)
  }

  private static func fits(_ number: String, _ goType: String) -> Bool {
    switch goType {
    case "uint", "uint64": UInt64(number) != nil
    case "uint32": UInt32(number) != nil
    default: Int64(number) != nil
    }
  }

  private mutating func set(_ flag: Flag, _ text: String, path: String) throws(ConfigFailure) {
    // The file's own wishes about empty texts and unknown words differ from the command line's.
    if case .choice(let place, let words) = flag.slot, !words.contains(text) {
      switch flag.name {
      case "initial-cluster-state": settings[keyPath: place] = text
      case _ where text.isEmpty: return
      case "proxy": throw .unnamed("unexpected error setting up proxyFlag: invalid value")
      case "discovery-fallback":
        throw .unnamed("unexpected error setting up discovery-fallback flag: invalid value")
      default: throw .verifying("unexpected \(flag.name) \(goQuoted(text))")
      }
    } else {
      do { try flag.slot.set(text, on: &settings) } catch {
        // As 3.4, which names this one after its neighbour.
        let shown = flag.name == "advertise-client-urls" ? "advertise-peer-urls" : flag.name
        throw .bare("unexpected error setting up \(shown): \(error.text)")
      }
    }
    settings.origins[flag.name] = .file(key: path)
    if let note = flag.usageNote(text) { notes.append(note) }
  }

  private static func mismatch(_ found: String, _ wanted: String) -> ConfigFailure {
    .verifying(
      "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \(found) into Go \(wanted)")
  }
}
