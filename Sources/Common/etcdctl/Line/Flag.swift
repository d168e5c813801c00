import Base

/// A flag of a command, as help and parsing know it.
struct Flag: Sendable {
  enum Kind: Sendable { case text, bool, integer, duration, list }

  let name: String
  let shorthand: String?
  let kind: Kind
  /// As written in help; for lists the elements.
  let standard: String
  let usage: String

  init(_ name: String, _ kind: Kind, _ standard: String, _ usage: String, shorthand: String? = nil) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.usage = usage
    self.shorthand = shorthand
  }

  static func bool(_ name: String, _ usage: String, standard: Bool = false, shorthand: String? = nil) -> Flag {
    Flag(name, .bool, "\(standard)", usage, shorthand: shorthand)
  }
  static func text(_ name: String, _ usage: String, standard: String = "", shorthand: String? = nil) -> Flag {
    Flag(name, .text, standard, usage, shorthand: shorthand)
  }
  static func integer(_ name: String, _ usage: String, standard: Int64 = 0) -> Flag {
    Flag(name, .integer, String(standard), usage)
  }

  /// May stand without a value.
  var isSwitch: Bool { kind == .bool }
  /// As errors name it.
  var display: String { shorthand.map { "-\($0), --\(name)" } ?? "--\(name)" }

  /// Why a value does not fit, in Go's words; nil where it does.
  func objection(to value: String) -> String? {
    switch kind {
    case .text, .list: return nil
    case .bool: return GoNumber.bool(value) == nil ? GoNumber.syntax("ParseBool", value) : nil
    case .integer:
      do throws(GoNumber.Failure) {
        _ = try GoNumber.int64(value, base: 0)
        return nil
      } catch { return error.text }
    case .duration:
      do throws(GoDuration.Failure) {
        _ = try GoDuration.parse(value)
        return nil
      } catch { return error.text }
    }
  }
}

/// Values of flags after parsing, by name.
struct FlagValues {
  private var flags: [String: Flag] = [:]
  private var values: [String: [String]] = [:]
  /// Given on the command line or by the environment.
  private(set) var changed: Set<String> = []

  init(_ flags: [Flag]) {
    for flag in flags { self.flags[flag.name] = flag }
  }

  func flag(named name: String) -> Flag? { flags[name] }
  func flag(shorthand: String) -> Flag? { flags.values.first { $0.shorthand == shorthand } }
  func isChanged(_ name: String) -> Bool { changed.contains(name) }

  /// Sets a value; answers why not. Lists grow from their second setting on.
  mutating func set(_ flag: Flag, _ value: String) -> String? {
    if let objection = flag.objection(to: value) { return objection }
    if flag.kind == .list {
      let parts =
        value.isEmpty ? [] : value.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
      values[flag.name] = (changed.contains(flag.name) ? values[flag.name] ?? [] : []) + parts
    } else {
      values[flag.name] = [value]
    }
    changed.insert(flag.name)
    return nil
  }

  private func raw(_ name: String) -> String {
    values[name]?.last ?? flags[name]?.standard ?? ""
  }

  func text(_ name: String) -> String { raw(name) }
  func bool(_ name: String) -> Bool { GoNumber.bool(raw(name)) ?? false }
  func integer(_ name: String) -> Int64 { (try? GoNumber.int64(raw(name), base: 0)) ?? 0 }
  func duration(_ name: String) -> TimeSpan { (try? GoDuration.parse(raw(name))) ?? .zero }
  func list(_ name: String) -> [String] {
    values[name] ?? raw(name).split(separator: ",").map { String($0) }
  }
}
