import Base
import Glibc

/// Flags from `ETCDCTL_` variables. As etcd 3.4: pkg/flags/flag.go, SetPflagsFromEnv and verifyEnv.
enum Environment {
  /// `ETCDCTL_DIAL_TIMEOUT` for `dial-timeout`.
  static func variable(_ flag: String) -> String {
    "ETCDCTL_" + flag.uppercased().replacing("-", with: "_")
  }

  static func ofThisProcess() -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let mark = text.firstIndex(of: "=") {
        found.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
      }
      next += 1
    }
    return found
  }

  /// A flag that is given twice, here and on the line, ends the program. A value that does not fit is passed over, as
  /// the original does.
  static func apply(
    _ variables: [(name: String, value: String)], to values: inout FlagValues, _ flags: [Flag],
    known: Set<String>
  ) throws(Failure) {
    let given = Set(flags.filter { values.isChanged($0.name) }.map { variable($0.name) })
    let byVariable = Dictionary(flags.map { (variable($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    for (name, value) in variables where name.hasPrefix("ETCDCTL_") && name != "ETCDCTL_API" {
      if given.contains(name) {
        Notices.plain(
          "C",
          "conflicting environment variable \(goQuoted(name)) is shadowed by corresponding command-line flag "
            + "(either unset environment variable or disable flag)")
        throw .reported
      }
      if let flag = byVariable[name], !value.isEmpty {
        _ = values.set(flag, value)
      } else if !known.contains(name) {
        Notices.plain("W", "unrecognized environment variable \(name)=\(value)")
      }
    }
  }
}
