import Base

/// One row of the table: a flag, its variable, its key in the file and what becomes of it.
package struct Flag: Sendable {
  typealias Path<Value> = WritableKeyPath<Settings, Value> & Sendable

  /// What a value looks like and where it goes.
  enum Slot: Sendable {
    case text(any Path<String>)
    case choice(any Path<String>, [String])
    case flag(any Path<Bool>)
    /// Go's `uint` or `uint64`; beyond what an Int holds it is cut to that.
    case count(any Path<Int>, goType: String)
    case count32(any Path<UInt32>)
    /// Go's `int`.
    case integer(any Path<Int>)
    case integer64(any Path<Int64>)
    /// A `uint` in the given unit.
    case span(any Path<TimeSpan>, unit: TimeSpan)
    case duration(any Path<TimeSpan>)
    case urls(any Path<[EndpointURL]>)
    /// URLs of origins, or `*`.
    case origins(any Path<[String]>)
    /// Words in any order, each once; a list in the file.
    case words(any Path<[String]>)
    /// The same, but one text with commas in the file.
    case names(any Path<[String]>)
    /// Words whose order matters.
    case sequence(any Path<[String]>)
    /// The old `--ca-file`: a trusted CA that also asks for certificates.
    case oldCA(any Path<TLSFiles>)
    /// Taken and dropped.
    case nothing
  }

  /// Where the file holds it.
  enum FileKey: Sendable, Hashable {
    case none, top, proxy
    case client(String), peer(String)
  }

  enum Fate: Sendable, Hashable {
    case supported
    /// Taken with a warning, without effect.
    case ignoredLegacy
    /// An old name for something else; taken with a warning.
    case alias(String)
    /// Has no meaning for this store; taken with a warning.
    case meaningless(String)
    /// Set to anything but its default it stops the start, with this reason.
    case notYet(String)
  }

  enum Group: String, Sendable, CaseIterable {
    case member = "Member"
    case clustering = "Clustering"
    case security = "Security"
    case auth = "Auth"
    case monitoring = "Profiling and Monitoring"
    case logging = "Logging"
    case proxy = "v2 Proxy (deprecated)"
    case experimental = "Experimental feature"
    case unsafe = "Unsafe feature"
    case front = "Start"
    case old = "TO BE DEPRECATED"
    case ignored = "Accepted and ignored (of no use since v2.3)"
  }

  package let name: String
  let slot: Slot
  /// As text, in the form of the command line.
  let standard: String
  let group: Group
  let file: FileKey
  let fate: Fate
  let help: String

  init(
    _ name: String, _ slot: Slot, _ standard: String, _ group: Group, file: FileKey = .top,
    fate: Fate = .supported, _ help: String
  ) {
    self.name = name
    self.slot = slot
    self.standard = standard
    self.group = group
    self.file = file
    self.fate = fate
    self.help = help
  }

  /// `ETCD_` and the name in capitals. As etcd 3.4: pkg/flags/flag.go, FlagToEnv.
  package var variable: String { variableName("ETCD", flag: name) }

  /// The whole table, in the order of the help text.
  package static let all: [Flag] =
    memberFlags + clusteringFlags + securityFlags + servingFlags + laterFlags + frontFlags + ignoredFlags

  private static let index: [String: Int] = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($0.element.name, $0.offset) })

  package static func named(_ name: String) -> Flag? { index[name].map { all[$0] } }

  func applyDefault(to settings: inout Settings) {
    do { try slot.set(standard, on: &settings) } catch {
      broken("default \(standard) of --\(name): \(error.text)")
    }
  }
}

/// The variable of a flag under a program's prefix; `etcdctl` derives its own the same way.
package func variableName(_ prefix: String, flag: String) -> String {
  prefix + "_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
}

extension Flag {
  /// Whether `--x` alone means true.
  var isSwitch: Bool {
    switch slot {
    case .flag, .nothing: true
    default: false
    }
  }

  /// The value in the form of the command line.
  func text(of settings: Settings) -> String { slot.text(of: settings) }

  /// The word for its kind of value, for the help of the sample file.
  var goType: String { slot.goType }
}
