import Base
import Client
import Wire

// put, del, compaction, and the requests of get. As etcd 3.4: etcdctl/ctlv3/command/{get,put,del,compaction}_command.go.

extension Command {
  static let put: Command = Command(
    use: "put [options] <key> <value> (<value> can also be given from stdin)",
    short: "Puts the given key into the store",
    long: """
      Puts the given key into the store.

      When <value> begins with '-', <value> is interpreted as a flag.
      Insert '--' for workaround:

      $ put <key> -- <value>
      $ put -- <key> <value>

      If <value> isn't given as a command line argument and '--ignore-value' is not specified,
      this command tries to read the value from standard input.

      If <lease> isn't given as a command line argument and '--ignore-lease' is not specified,
      this command tries to read the value from standard input.

      For example,
      $ cat file | put <key>
      will store the content of the file to <key>.
      """,
    flags: [
      .text("lease", "lease ID (in hexadecimal) to attach to the key", standard: "0"),
      .bool("prev-kv", "return the previous key-value pair before modification"),
      .bool("ignore-value", "updates the key using its current value"),
      .bool("ignore-lease", "updates the key using its current lease"),
    ],
    run: { invocation throws(Failure) in
      let query = try KeyQueries.put(invocation.arguments, invocation.flags)
      let reply = try invocation.reply(EtcdRPC.put, query)
      try invocation.printer().put(reply)
    })

  static let del: Command = Command(
    use: "del [options] <key> [range_end]",
    short: "Removes the specified key or range of keys [key, range_end)",
    flags: [
      .bool("prefix", "delete keys with matching prefix"),
      .bool("prev-kv", "return deleted key-value pairs"),
      .bool(
        "from-key", "delete keys that are greater than or equal to the given key using byte compare"),
    ]
  ) { invocation throws(Failure) in
    let query = try KeyQueries.delete(invocation.arguments, invocation.flags)
    let reply = try invocation.reply(EtcdRPC.deleteRange, query)
    try invocation.printer().delete(reply)
  }

  static let compaction: Command = Command(
    use: "compaction [options] <revision>", short: "Compacts the event history in etcd",
    flags: [
      .bool("physical", "'true' to wait for compaction to physically remove all old revisions")
    ]
  ) { invocation throws(Failure) in
    guard invocation.arguments.count == 1 else { throw .badArguments("compaction command needs 1 argument") }
    let revision: Int64
    do throws(GoNumber.Failure) { revision = try GoNumber.int64(invocation.arguments[0].text, base: 10) } catch
    {
      throw Failure(.error, error.text)
    }
    let query = CompactionRequest(revision: revision, physical: invocation.flags.bool("physical"))
    _ = try invocation.reply(EtcdRPC.compact, query)
    Output.line("compacted revision \(revision)")
  }
}

/// Requests from words and flags; `txn` reads its lines with them, too.
enum KeyQueries {
  static func get(_ arguments: [Argument], _ flags: FlagValues) throws(Failure) -> RangeRequest {
    guard let key = arguments.first?.bytes else {
      throw .badArguments("get command needs one argument as key and an optional argument as range_end")
    }
    try checkRangeFlags(flags)
    var query = RangeRequest(key: key)
    switch flags.text("consistency") {
    case "s": query.serializable = true
    case "l": break
    case let other: throw Failure(.badFeature, "unknown consistency flag \(goQuoted(other))")
    }
    (query.key, query.rangeEnd) = try range(arguments, flags)
    query.limit = flags.integer("limit")
    query.revision = max(0, flags.integer("rev"))
    query.keysOnly = flags.bool("keys-only")
    query.countOnly = flags.bool("count-only")
    if query.keysOnly, query.countOnly {
      throw .badArguments("`--keys-only` and `--count-only` cannot be set at the same time, choose one")
    }
    query.minCreateRevision = flags.integer("min-create-rev")
    query.maxCreateRevision = flags.integer("max-create-rev")
    query.minModRevision = flags.integer("min-mod-rev")
    query.maxModRevision = flags.integer("max-mod-rev")
    try sort(&query, flags)
    return query
  }

  private static func sort(_ query: inout RangeRequest, _ flags: FlagValues) throws(Failure) {
    let order = flags.text("order")
    switch order.uppercased() {
    case "ASCEND": query.sortOrder = .ascend
    case "DESCEND": query.sortOrder = .descend
    case "": break
    default: throw Failure(.badFeature, "bad sort order \(order)")
    }
    let target = flags.text("sort-by")
    switch target.uppercased() {
    case "CREATE": query.sortTarget = .create
    case "MODIFY": query.sortTarget = .mod
    case "VALUE": query.sortTarget = .value
    case "VERSION": query.sortTarget = .version
    case "KEY", "": break
    default: throw Failure(.badFeature, "bad sort target \(target)")
    }
    // As etcd 3.4: clientv3/op.go, WithSort. Keys come in ascending order anyway.
    if query.sortTarget == .key, query.sortOrder == .ascend { query.sortOrder = .none }
  }

  static func put(_ arguments: [Argument], _ flags: FlagValues) throws(Failure) -> PutRequest {
    let usage = "put command needs 1 argument and input from stdin or 2 arguments"
    guard let key = arguments.first?.bytes else { throw .badArguments(usage) }
    let keepsValue = flags.bool("ignore-value")
    if keepsValue, arguments.count > 1 {
      throw .badArguments("put command needs only 1 argument when 'ignore-value' is set")
    }
    var query = PutRequest(
      key: key, prevKv: flags.bool("prev-kv"), ignoreValue: keepsValue, ignoreLease: flags.bool("ignore-lease"))
    if !keepsValue {
      query.value = arguments.count > 1 ? arguments[1].bytes : Terminal.readAll()
      if arguments.count == 1, query.value.isEmpty { throw .badArguments(usage) }
    }
    do throws(GoNumber.Failure) { query.lease = try GoNumber.int64(flags.text("lease"), base: 16) } catch {
      throw .badArguments("bad lease ID (\(error.text)), expecting ID in Hex")
    }
    return query
  }

  static func delete(_ arguments: [Argument], _ flags: FlagValues) throws(Failure) -> DeleteRangeRequest {
    guard (1...2).contains(arguments.count) else {
      throw .badArguments("del command needs one argument as key and an optional argument as range_end")
    }
    try checkRangeFlags(flags)
    let (key, end) = try range(arguments, flags)
    return DeleteRangeRequest(key: key, rangeEnd: end, prevKv: flags.bool("prev-kv"))
  }

  private static func checkRangeFlags(_ flags: FlagValues) throws(Failure) {
    if flags.bool("prefix"), flags.bool("from-key") {
      throw .badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one")
    }
  }

  private static func range(
    _ arguments: [Argument], _ flags: FlagValues
  ) throws(Failure) -> (key: Bytes, end: Bytes) {
    let key = arguments[0].bytes
    let isPrefix = flags.bool("prefix")
    let isOpen = flags.bool("from-key")
    if arguments.count > 1, isPrefix || isOpen {
      throw .badArguments(
        "too many arguments, only accept one argument when `--prefix` or `--from-key` is set")
    }
    if isPrefix || isOpen, key.isEmpty { return ([0], KeyRange.open) }
    if isPrefix { return (key, KeyRange.end(ofPrefix: key)) }
    if isOpen { return (key, KeyRange.open) }
    return (key, arguments.count > 1 ? arguments[1].bytes : [])
  }
}
