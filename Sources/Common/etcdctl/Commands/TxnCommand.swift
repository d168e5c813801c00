import Base
import Client
import Wire

// txn. As etcd 3.4: etcdctl/ctlv3/command/txn_command.go.

extension Command {
  static let txn: Command = Command(
    use: "txn [options]", short: "Txn processes all the requests in one transaction",
    flags: [.bool("interactive", "Input transaction in interactive mode", shorthand: "i")]
  ) { invocation throws(Failure) in
    guard invocation.arguments.isEmpty else { throw .badArguments("txn command does not accept argument") }
    _ = try invocation.client()
    let isAsked = invocation.flags.bool("interactive")
    let ask = { (prompt: String) in
      guard isAsked else { return }
      Output.line(prompt)
      Output.flush()
    }
    var query = TxnRequest()
    ask("compares:")
    query.compare = try TxnLines.read { line throws(Failure) in try TxnLines.compare(line) }
    ask("success requests (get, put, del):")
    query.success = try TxnLines.read { line throws(Failure) in try TxnLines.operation(line) }
    ask("failure requests (get, put, del):")
    query.failure = try TxnLines.read { line throws(Failure) in try TxnLines.operation(line) }
    let reply = try invocation.reply(EtcdRPC.txn, query, isTimed: false)
    try invocation.printer().txn(reply)
  }
}

/// The lines of a transaction.
enum TxnLines {
  /// Lines up to an empty one.
  static func read<T>(_ parse: (String) throws(Failure) -> T) throws(Failure) -> [T] {
    var found: [T] = []
    while true {
      guard let line = Terminal.line() else { throw Failure(.invalidInput, "EOF") }
      let text = trimmed(line)
      if text.isEmpty { return found }
      found.append(try parse(text))
    }
  }

  /// `value("key") = "text"`; targets version, create, mod, value and some short forms.
  static func compare(_ line: String) throws(Failure) -> Compare {
    guard let bracket = line.firstIndex(of: "(") else {
      throw Failure(.invalidInput, "malformed comparison: \(line)")
    }
    let target = String(line[..<bracket])
    var rest = line[line.index(after: bracket)...]
    skipBlanks(&rest)
    let key = GoText.readQuoted(&rest)
    var sign = Substring()
    var value: Bytes?
    if key != nil, rest.first == ")" {
      rest.removeFirst()
      skipBlanks(&rest)
      sign = rest.prefix { !$0.isWhitespace }
      rest = rest.dropFirst(sign.count)
      skipBlanks(&rest)
      value = GoText.readQuoted(&rest)
    }
    guard let key, let value, !sign.isEmpty else {
      throw Failure(
        .invalidInput,
        "malformed comparison: \(line); got \(target)(\(GoText.quoted(key ?? []))) \(sign) \(GoText.quoted(value ?? []))"
      )
    }
    guard let result = result(sign) else {
      throw Failure(.invalidInput, "malformed comparison: \(line) (unknown operator \(sign))")
    }
    return try compare(line, target, key, result, value)
  }

  private static func skipBlanks(_ text: inout Substring) {
    while let first = text.first, first.isWhitespace { text.removeFirst() }
  }

  private static func result(_ sign: Substring) -> Compare.CompareResult? {
    switch sign {
    case "=": .equal
    case "!=": .notEqual
    case ">": .greater
    case "<": .less
    default: nil
    }
  }

  private static func compare(
    _ line: String, _ target: String, _ key: Bytes, _ result: Compare.CompareResult, _ value: Bytes
  ) throws(Failure) -> Compare {
    var compare = Compare(result: result, key: key)
    switch target {
    case "ver", "version":
      compare.target = .version
      compare.targetUnion = .version(try number(line, value))
    case "c", "create":
      compare.target = .create
      compare.targetUnion = .createRevision(try number(line, value))
    case "m", "mod":
      compare.target = .mod
      compare.targetUnion = .modRevision(try number(line, value))
    case "val", "value":
      compare.target = .value
      compare.targetUnion = .value(value)
    case "lease":
      // The original crashes here.
      throw Failure(.invalidInput, "malformed comparison: \(line) (leases cannot be compared in this version)")
    default:
      throw Failure(.invalidInput, "malformed comparison: \(line) (unknown target \(target))")
    }
    return compare
  }

  private static func number(_ line: String, _ value: Bytes) throws(Failure) -> Int64 {
    do throws(GoNumber.Failure) { return try GoNumber.int64(String(utf8: value), base: 10) } catch {
      throw Failure(.invalidInput, "invalid txn compare request: \(line)")
    }
  }

  /// A `get`, `put` or `del` with its flags.
  static func operation(_ line: String) throws(Failure) -> RequestOp {
    let words = try Words.split(line)
    guard words.count >= 2 else { throw Failure(.invalidInput, "invalid txn compare request: \(line)") }
    let root = Command(use: "txn", short: "", commands: [.put, .get, .del])
    guard case .run(let path, let flags, let arguments) = CommandLineParser.parse(words, root: root) else {
      throw Failure(.invalidInput, "invalid txn request: \(line)")
    }
    var operation = RequestOp()
    switch path.command.name {
    case "put": operation.request = .requestPut(try KeyQueries.put(arguments, flags))
    case "get": operation.request = .requestRange(try KeyQueries.get(arguments, flags))
    default: operation.request = .requestDeleteRange(try KeyQueries.delete(arguments, flags))
    }
    return operation
  }
}

/// Words of a line, in single or double quotes where they hold blanks. As etcd 3.4: command/util.go, argify.
enum Words {
  static func split(_ line: String) throws(Failure) -> [Argument] {
    var words: [Argument] = []
    var rest = Substring(line)
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "'" {
        guard let end = rest.dropFirst().firstIndex(of: "'") else {
          rest.removeFirst()
          continue
        }
        words.append(Argument(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
      } else if first == "\"" {
        // A quote that nobody closes counts for nothing.
        guard hasEnd(rest.dropFirst()) else {
          rest.removeFirst()
          continue
        }
        guard let word = GoText.readQuoted(&rest) else { throw Failure(.invalidInput, "invalid syntax") }
        words.append(Argument(word))
      } else {
        let word = rest.prefix { !$0.isWhitespace }
        words.append(Argument(String(word)))
        rest = rest.dropFirst(word.count)
      }
    }
    return words
  }

  private static func hasEnd(_ text: Substring) -> Bool {
    var isEscaped = false
    for character in text {
      if isEscaped {
        isEscaped = false
      } else if character == "\"" {
        return true
      } else {
        isEscaped = character == "\\"
      }
    }
    return false
  }
}
