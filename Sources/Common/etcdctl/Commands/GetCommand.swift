import Base
import Client
import Event
import Wire

// get. As etcd 3.4: etcdctl/ctlv3/command/get_command.go; with the later versions' filters and count, and large ranges
// in pages.

extension Command {
  static let get: Command = Command(
    use: "get [options] <key> [range_end]", short: "Gets the key or a range of keys",
    flags: [
      .text("consistency", "Linearizable(l) or Serializable(s)", standard: "l"),
      .text("order", "Order of results; ASCEND or DESCEND (ASCEND by default)"),
      .text("sort-by", "Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION"),
      .integer("limit", "Maximum number of results"),
      .bool("prefix", "Get keys with matching prefix"),
      .bool(
        "from-key", "Get keys that are greater than or equal to the given key using byte compare"),
      .integer("rev", "Specify the kv revision"),
      .bool("keys-only", "Get only the keys"),
      .bool("count-only", "Get only the count"),
      .bool("print-value-only", "Only write values when using the \"simple\" output format"),
      .integer("min-create-rev", "Get only keys made at this revision or later"),
      .integer("max-create-rev", "Get only keys made at this revision or earlier"),
      .integer("min-mod-rev", "Get only keys changed at this revision or later"),
      .integer("max-mod-rev", "Get only keys changed at this revision or earlier"),
    ], run: runGet)
}

private func runGet(_ invocation: Invocation) throws(Failure) {
  let query = try KeyQueries.get(invocation.arguments, invocation.flags)
  guard let pager = RangePager(query) else {
    let reply = try invocation.reply(EtcdRPC.range, query)
    let printer = try printer(invocation)
    if query.countOnly, printer is SimplePrinter { return Output.line("\(reply.count)") }
    return try printer.get(reply)
  }
  let progress = Progress(isShown: Progress.isWanted(besideOutput: true))
  let reader = RangeReader(invocation, pager)
  var pages: (any RangePages)?
  while let page = try reader.next() {
    // After the first reply, as a form that cannot show it is found out behind the request, too.
    let form: any RangePages
    if let pages {
      form = pages
    } else {
      form = try printer(invocation).pages()
      form.begin(page.header)
      pages = form
    }
    form.pairs(page.pairs)
    progress.show(at: invocation.loop.now) { "\(reader.pager.taken) of \(reader.pager.total) keys" }
  }
  progress.clear()
  pages?.end(more: reader.pager.hasMore, count: reader.pager.count)
}

private func printer(_ invocation: Invocation) throws(Failure) -> any Printer {
  let printer = try invocation.printer()
  guard invocation.flags.bool("print-value-only") else { return printer }
  guard var simple = printer as? SimplePrinter else {
    throw .badArguments("print-value-only is only for `--write-out=simple`")
  }
  simple.valuesOnly = true
  return simple
}
