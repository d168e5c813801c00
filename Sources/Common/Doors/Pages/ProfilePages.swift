import Base
import CShim
import Event
import Glibc
import HTTP

/// `/debug/pprof/`, with `--enable-pprof` (of a member also with `--debug`): what a developer's tools ask a running process.
/// As Go: net/http/pprof. The profile of the processor is in pprof's older format, which `pprof`, `google-pprof` and
/// `go tool pprof` read; what has no meaning without Go's run time says so.
package final class ProfilePages {
  private unowned let loop: EventLoop
  private var profile: CPUProfile?
  private var dump: ThreadDump?

  package init(_ loop: EventLoop) { self.loop = loop }

  package func install(in table: inout PageTable) {
    table["/debug/pprof/"] = .any { [self] in index($0) }
    table["/debug/pprof/cmdline"] = .any { Self.text($0, CommandLine.arguments.joined(separator: "\0")) }
    table["/debug/pprof/profile"] = .any { [self] in processor($0) }
    table["/debug/pprof/heap"] = .any { [self] in heap($0) }
    table["/debug/pprof/goroutine"] = .any { [self] in threads($0) }
    table["/debug/pprof/symbol"] = Route(
      method: nil, answer: .form(limit: Limits.pageBodyBytes) { Self.symbols($0, $1) })
    for (name, reason) in Self.absent {
      table["/debug/pprof/\(name)"] = .any { PlainText.reply($0.exchange, 404, "\(name): \(reason)\n") }
    }
  }

  private static let absent = [
    ("allocs", "allocations are not sampled; /debug/pprof/heap has the allocator's figures"),
    ("block", "waiting for locks is not sampled: the loop takes none"),
    ("mutex", "waiting for locks is not sampled: the loop takes none"),
    (
      "threadcreate",
      "threads are made at start, and a short one for a hash; /debug/pprof/goroutine lists those there are"
    ),
    ("trace", "Go's execution trace has no counterpart; `perf trace -p` of the process comes near"),
  ]

  static func text(_ request: PageRequest, _ text: String) {
    request.exchange.respond(
      200, ["content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"], body: text.bytes)
  }

  // MARK: Pages

  private func index(_ request: PageRequest) {
    guard request.path == "/debug/pprof/" else {
      return PlainText.reply(request.exchange, 404, "Unknown profile\n")
    }
    Self.text(
      request,
      """
      /debug/pprof/

      cmdline     the command line, its parts divided by zero bytes
      goroutine   what each thread does now
      heap        figures of the C allocator
      profile     what takes the processor's time, in ?seconds=30; for pprof
      symbol      names for addresses, as far as the program was not stripped

      """)
  }

  private func processor(_ request: PageRequest) {
    let seconds = request.query["seconds"].flatMap { Int($0) } ?? 30
    guard (1...Limits.profileSeconds).contains(seconds) else {
      return PlainText.reply(request.exchange, 400, "seconds must be between 1 and \(Limits.profileSeconds)\n")
    }
    let begun = CPUProfile(loop, seconds: seconds) { [self] profile in
      self.profile = nil
      request.exchange.respond(
        200,
        [
          "content-type": "application/octet-stream", "content-disposition": "attachment; filename=\"profile\"",
          "x-content-type-options": "nosniff",
        ], body: profile)
    }
    // As Go words it.
    guard let begun else {
      return PlainText.reply(
        request.exchange, 500, "Could not enable CPU profiling: cpu profiling already in use\n")
    }
    profile = begun
  }

  /// The head is the one that pprof knows; no single allocation is listed, since none is sampled.
  private func heap(_ request: PageRequest) {
    let heap = cshim_heap()
    Self.text(
      request,
      """
      heap profile: 0: \(heap.used) [0: \(heap.used)] @ heapprofile

      # The C allocator (mallinfo2), in bytes:
      # in use = \(heap.used)
      # free, kept for later = \(heap.free)
      # from the system, arenas = \(heap.arenas)
      # from the system, single mappings = \(heap.mapped)
      # resident = \(ProcessFacts.memory.resident)

      """)
  }

  private func threads(_ request: PageRequest) {
    guard dump == nil else {
      return PlainText.reply(request.exchange, 503, "another dump of the threads is under way\n")
    }
    dump = ThreadDump(loop) { [self] text in
      dump = nil
      Self.text(request, text)
    }
  }

  /// As pprof asks: GET says whether there are names, POST takes addresses joined by plus signs.
  private static func symbols(_ request: PageRequest, _ body: Bytes) {
    let asked = request.exchange.method == .post ? String(utf8: body) : request.exchange.query ?? ""
    var text = "num_symbols: 1\n"
    for part in asked.split(separator: "+") {
      guard let address = UInt64(part.hasPrefix("0x") ? part.dropFirst(2) : part, radix: 16) else { continue }
      let place = CodePlace(address)
      if let name = place?.symbol { text += "0x\(String(address, radix: 16)) \(name)\n" }
    }
    Self.text(request, text)
  }
}

/// Where an address lies in the program, as far as the loader knows.
struct CodePlace {
  let module: String
  let offset: UInt64
  let symbol: String?

  init?(_ address: UInt64) {
    var place = cshim_place()
    guard cshim_find_place(address, &place) == 1, let module = place.module else { return nil }
    self.module = String(cString: module)
    offset = place.offset
    symbol = place.symbol.map { String(cString: $0) }
  }

  /// `etcd+0x1234 name`.
  var text: String {
    let file = module.split(separator: "/").last ?? ""
    return "\(file)+0x\(String(offset, radix: 16))" + (symbol.map { " " + $0 } ?? "")
  }
}
