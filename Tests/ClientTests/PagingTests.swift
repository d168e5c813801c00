import Base
import Event
import HTTP
import Testing
import Wire

@testable import Client
@testable import etcdctl

/// Keys with their history, as slow and plain as can be.
private struct History {
  private var changes: [(revision: Int64, pair: KeyValue)] = []
  private(set) var revision: Int64 = 1

  mutating func put(_ key: Bytes, _ value: Bytes) {
    revision += 1
    let old = state(at: revision - 1).first { $0.key == key }
    changes.append(
      (
        revision,
        KeyValue(
          key: key, createRevision: old?.createRevision ?? revision, modRevision: revision,
          version: (old?.version ?? 0) + 1, value: value)
      ))
  }

  mutating func delete(_ key: Bytes) {
    revision += 1
    changes.append((revision, KeyValue(key: key, modRevision: revision)))
  }

  func state(at revision: Int64) -> [KeyValue] {
    var pairs: [Bytes: KeyValue] = [:]
    for (at, pair) in changes where at <= revision { pairs[pair.key] = pair.version == 0 ? nil : pair }
    return pairs.values.sorted { compareBytes($0.key, $1.key) < 0 }
  }

  /// As a member answers.
  func answer(_ query: RangeRequest) -> RangeResponse {
    var found = state(at: query.revision > 0 ? query.revision : revision).filter { pair in
      if query.rangeEnd.isEmpty { return pair.key == query.key }
      return compareBytes(pair.key, query.key) >= 0
        && (query.rangeEnd == KeyRange.open || compareBytes(pair.key, query.rangeEnd) < 0)
    }
    var reply = RangeResponse(header: ResponseHeader(clusterID: 7, revision: revision, raftTerm: 2))
    reply.count = Int64(found.count)
    if query.limit > 0, found.count > query.limit {
      reply.more = true
      found = Array(found.prefix(Int(query.limit)))
    }
    if query.keysOnly { for index in found.indices { found[index].value = [] } }
    reply.kvs = found
    return reply
  }
}

@Suite(.serialized) struct PagingTests {
  private static func key(_ dice: inout Dice) -> Bytes {
    (0...dice.below(4)).map { _ in UInt8([0x00, 0x61, 0x62, 0x63, 0xFF][Int(dice.below(5))]) }
  }

  private static func change(_ history: inout History, _ dice: inout Dice) {
    let key = key(&dice)
    if dice.below(5) == 0 {
      history.delete(key)
    } else {
      history.put(key, Bytes(repeating: 7, count: Int(dice.below(60))))
    }
  }

  private static func query(_ dice: inout Dice, _ revision: Int64) -> RangeRequest {
    var query = RangeRequest(key: key(&dice))
    switch dice.below(3) {
    case 0: query.rangeEnd = KeyRange.end(ofPrefix: query.key)
    case 1: query.rangeEnd = KeyRange.open
    default: query.rangeEnd = key(&dice)
    }
    query.keysOnly = dice.below(3) == 0
    if dice.below(2) == 0 { query.limit = Int64(dice.below(30)) }
    if dice.below(3) == 0 { query.revision = 1 + Int64(dice.below(Int(revision))) }
    return query
  }

  /// Each page with a writer at work in between.
  private static func paged(
    _ query: RangeRequest, _ history: inout History, _ dice: inout Dice, _ form: any RangePages
  ) throws -> [RangeRequest] {
    var pager = try #require(
      RangePager(query, firstKeys: 1 + Int64(dice.below(9)), pageBytes: 100 + Int(dice.below(900))))
    var asked: [RangeRequest] = []
    while let request = pager.request {
      asked.append(request)
      if dice.below(6) == 0, pager.wasTooLarge() { continue }
      let reply = history.answer(request)
      if !pager.hasFirst { form.begin(reply.header) }
      pager.took(reply)
      form.pairs(reply.kvs)
      for _ in 0..<dice.below(4) { change(&history, &dice) }
    }
    form.end(more: pager.hasMore, count: pager.count)
    return asked
  }

  @Test("Pages say in every form what one reply says, whatever is written meanwhile", arguments: 0..<20)
  func equality(_ seed: UInt64) throws {
    var dice = Dice(seed: seed + 1)
    var history = History()
    for _ in 0..<150 { Self.change(&history, &dice) }
    let query = Self.query(&dice, history.revision)
    let forms: [any Printer] = [
      SimplePrinter(isHex: dice.below(2) == 0), FieldsPrinter(), GoJSONPrinter(), ProtobufPrinter(),
    ]
    for form in forms {
      let whole = history.answer(query)
      let expected = try Output.captured { try form.get(whole) }
      var asked: [RangeRequest] = []
      let pages = try Output.captured {
        asked = try Self.paged(query, &history, &dice, form.pages())
      }
      let same =
        form is ProtobufPrinter
        ? try RangeResponse(decoding: pages) == RangeResponse(decoding: expected) : pages == expected
      #expect(same, "\(form.name), \(query)")
      let pinned = query.revision > 0 ? query.revision : whole.header?.revision
      #expect(asked.allSatisfy { $0.limit > 0 && $0.rangeEnd == query.rangeEnd })
      #expect(asked.dropFirst().allSatisfy { $0.revision == pinned || $0.key == query.key })
    }
  }

  @Test("What a member can only answer at once goes as one request")
  func whole() {
    #expect(RangePager(RangeRequest(key: [1])) == nil)
    #expect(RangePager(RangeRequest(key: [1], rangeEnd: [2], sortOrder: .descend)) == nil)
    #expect(RangePager(RangeRequest(key: [1], rangeEnd: [2], sortTarget: .value)) == nil)
    #expect(RangePager(RangeRequest(key: [1], rangeEnd: [2], countOnly: true)) == nil)
    #expect(RangePager(RangeRequest(key: [1], rangeEnd: [2], minModRevision: 1)) == nil)
    #expect(RangePager(RangeRequest(key: [1], rangeEnd: [2])) != nil)
  }

  @Test("Pages grow with small keys, shrink with large ones, and stay in bounds")
  func sizes() throws {
    var pager = try #require(RangePager(RangeRequest(key: [0], rangeEnd: KeyRange.open)))
    func take(_ bytes: Int) throws -> Int64 {
      let asked = try #require(pager.request).limit
      let pair = KeyValue(key: [1], value: Bytes(repeating: 0, count: bytes))
      pager.took(
        RangeResponse(
          header: ResponseHeader(revision: 9), kvs: Array(repeating: pair, count: Int(min(asked, 20))),
          more: true,
          count: 1_000_000))
      return asked
    }
    #expect(try take(10) == Limits.rangeFirstPageKeys)
    #expect(try take(10) == 8 * Limits.rangeFirstPageKeys)
    #expect(try take(10) == Limits.rangePageKeys)
    #expect(try take(1_000_000) == Limits.rangePageKeys)
    #expect(try take(1_000_000) == 4)
    #expect(pager.wasTooLarge() && !pager.wasTooLarge())
    #expect(pager.request?.limit == 1 && pager.receiveBytes == Limits.clientReceiveBytes)
  }

  // MARK: Over a connection

  private func invocation(_ words: [String], _ endpoint: String) throws -> Invocation {
    let words = (["--endpoints", endpoint] + words).map { Argument($0) }
    guard case .run(let path, let flags, let rest) = CommandLineParser.parse(words, root: CommandTable.root)
    else {
      throw Failure(.error, "no command")
    }
    return Invocation(path, flags, rest, words: words)
  }

  private func run(_ words: [String], _ server: (EventLoop) throws -> LocalServer) throws -> String {
    let loop = EventLoop()
    let local = try server(loop)
    let made = try invocation(words, local.endpoint)
    let own = Invocation(made.path, made.flags, made.arguments, words: made.words, loop: loop)
    return String(utf8: try Output.captured { try own.path.command.run?(own) })
  }

  @Test("A page that is too large is given up while it arrives and asked for in smaller ones")
  func tooLarge() throws {
    let big = Bytes(repeating: 0x78, count: 1024 * 1024)
    var limits: [Int64] = []
    let out = try run(["get", "k", "--prefix", "--keys-only"]) { loop in
      try LocalServer(loop) { exchange, _, message in
        let query = (try? RangeRequest(decoding: message)) ?? RangeRequest()
        limits.append(query.limit)
        // A member whose every key brings a megabyte along.
        let first = query.key == "k".bytes ? 0 : Int(query.key[1]) + 1
        let count = min(Int(query.limit), 64 - first)
        let pairs = (0..<count).map { KeyValue(key: [0x6B, UInt8(first + $0)], value: big) }
        let header = ResponseHeader(revision: 5)
        exchange.replyUnary(
          RangeResponse(header: header, kvs: pairs, more: first + count < 64, count: 64).encoded())
      }
    }
    #expect(limits.prefix(3) == [1_000, 125, 15])
    #expect(limits.dropFirst(3).allSatisfy { $0 <= 15 })
    #expect(out.utf8.filter { $0 == 0x6B }.count == 64)
  }

  @Test("A member that is behind the first page's revision is asked again; a lost page ends with its reason")
  func behind() throws {
    var asked: [Int64] = []
    let page = RangeResponse(
      header: ResponseHeader(revision: 8), kvs: [KeyValue(key: [0x6B])], more: true, count: 2)
    let answer: (Exchange, String, Bytes) -> Void = { exchange, _, message in
      let query = (try? RangeRequest(decoding: message)) ?? RangeRequest()
      asked.append(query.revision)
      switch asked.count {
      case 1: exchange.replyUnary(page.encoded())
      case 2: exchange.replyError(11, "etcdserver: mvcc: required revision is a future revision")
      case 3: exchange.replyUnary(RangeResponse(kvs: [KeyValue(key: [0x6C])], count: 1).encoded())
      case 4: exchange.replyUnary(page.encoded())
      default: exchange.replyError(11, "etcdserver: mvcc: required revision has been compacted")
      }
    }
    #expect(try run(["get", "k", "--from-key"]) { try LocalServer($0, answer) } == "k\n\nl\n\n")
    #expect(asked == [0, 8, 8])
    #expect(throws: Failure(.error, "etcdserver: mvcc: required revision has been compacted")) {
      _ = try run(["get", "k", "--from-key"]) { try LocalServer($0, answer) }
    }
  }
}
