import Base
import Testing

@testable import Config

@Suite struct EnvironmentTests {
  @Test("Each flag has its variable", arguments: Flag.all.filter { $0.fate == .supported })
  func each(flag: Flag) throws {
    let text: String
    switch flag.slot {
    case .flag(let path): text = String(!Settings.defaults[keyPath: path])
    case .count, .count32, .integer, .integer64, .span: text = "7"
    case .duration: text = "7s"
    case .urls: text = "http://127.0.0.1:7"
    case .origins: text = "http://a.b:7"
    case .choice(_, let words): text = words.first { $0 != flag.standard } ?? ""
    default: text = "a"
    }
    var settings = Settings.defaults
    try flag.slot.set(text, on: &settings)
    #expect(flag.text(of: settings) == text)
    #expect(flag.text(of: settings) != flag.text(of: .defaults))
    #expect(flag.variable == "ETCD_" + flag.name.uppercased().split(separator: "-").joined(separator: "_"))
  }

  @Test("A variable is used and told")
  func used() throws {
    let environment = ["PATH=/bin", "ETCD_NAME=m1", "ETCD_HEARTBEAT_INTERVAL=50", "ETCD_BCRYPT_COST=5"]
    let settings = try settings([], environment: environment)
    #expect(settings.name == "m1")
    #expect(settings.heartbeatInterval == .milliseconds(50))
    #expect(settings.bcryptCost == 5)
    #expect(settings.origin(of: "name") == .environment("ETCD_NAME"))
    #expect(
      try notes([], environment: environment).contains(
        "recognized and used environment variable ETCD_NAME=m1"))
  }

  @Test("An empty variable counts as not given; an unknown one is named")
  func emptyAndUnknown() throws {
    #expect(try settings([], environment: ["ETCD_NAME="]).name == "default")
    #expect(
      try notes([], environment: ["ETCD_FOO=1"]).contains("unrecognized environment variable ETCD_FOO=1"))
  }

  @Test("Flag and variable together are fatal, even where the variable is empty")
  func conflict() throws {
    for variable in ["ETCD_NAME=a", "ETCD_NAME="] {
      let end = try ending(["--name", "b"], environment: [variable])
      #expect(end.code == 1)
      #expect(
        end.lines == [
          "C | pkg/flags: conflicting environment variable \"ETCD_NAME\" is shadowed by corresponding command-line flag (either unset environment variable or disable flag)"
        ])
    }
  }

  @Test("A bad value names the variable, after all variables were looked at")
  func badValue() throws {
    let end = try ending(
      [], environment: ["ETCD_HEARTBEAT_INTERVAL=zz", "ETCD_ELECTION_TIMEOUT=yy", "ETCD_FOO=1"])
    #expect(
      end.lines == [
        "W | pkg/flags: unrecognized environment variable ETCD_FOO=1",
        "E | etcdmain: error verifying flags, invalid value \"zz\" for ETCD_HEARTBEAT_INTERVAL: parse error. See 'etcd --help'.",
      ])
  }

  @Test("Legacy flags have variables too")
  func legacy() throws {
    #expect(
      try notes([], environment: ["ETCD_SNAPSHOT=true"]).contains(
        "flag \"-snapshot\" is no longer supported - ignoring."))
  }
}
