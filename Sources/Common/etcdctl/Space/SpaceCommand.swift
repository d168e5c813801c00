import Base
import Client
import Event
import Wire

// space: what fills the store, and making room again. etcd has no such command; it does what its operations guide has
// people do by hand.

extension Command {
  static let space: Command = Command(
    use: "space", short: "Shows what fills the store",
    long: """
      Shows for each member its file, what of it is in use, its quota and alarms; and for the keys of the store what they
      take, by what they begin with, and about how much history a compaction would free.

      Keys are read in pages at one revision. Of a large store all keys are read but only a part of the values; the
      output says so.
      """,
    flags: [
      .integer("depth", "Parts of a key, between slashes, that make its prefix", standard: 2),
      .integer("top", "Prefixes to show", standard: 10),
      .bool("no-keys", "Show the members only"),
    ],
    commands: [recover], isOurs: true, run: show)

  private static let recover = Command(
    use: "recover", short: "Makes room: compacts, defragments each member in turn, disarms NOSPACE alarms",
    long: """
      Compacts the history up to the revision of now, defragments every member, one after another and the leader last,
      and then disarms the NOSPACE alarms of the members that are below their quota again.

      Whoever watches or reads at an older revision is told that it has been compacted.
      """,
    flags: [.bool("dry-run", "Only say what would be done")], run: recoverSpace)
}

private func show(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.isEmpty else { throw .badArguments("space command accepts no arguments") }
  let printer = try invocation.printer()
  // A form that has none says so before the keys are read.
  try printer.checkSpace()
  let places = try ClusterPlaces.find(invocation)
  var report = SpaceReport(members: try members(invocation, places))
  if invocation.flags.bool("no-keys") {
    report.keysProblem = "--no-keys"
  } else {
    do throws(Failure) {
      report.keys = try SpaceSurvey(invocation).run(places)
    } catch { report.keysProblem = error.text }
  }
  try printer.space(report)
  let isWhole =
    report.members.allSatisfy { $0.problem == nil } && (report.keys != nil || report.keysProblem == "--no-keys")
  if !isWhole { throw .reported }
}

private func members(
  _ invocation: Invocation, _ places: [ClusterPlaces.Place]
) throws(Failure) -> [SpaceReport.Member] {
  let raised = try invocation.reply(EtcdRPC.alarm, AlarmRequest(action: .get)).alarms
  var members: [SpaceReport.Member] = []
  for place in places {
    var member = SpaceReport.Member(endpoint: place.endpoint, id: place.member.id, name: place.member.name)
    member.alarms = raised.filter { $0.memberID == place.member.id }.map(\.alarm.text)
    if let (endpoint, status) = place.answer {
      member.sizeBytes = status.dbSize
      member.inUseBytes = status.dbSizeInUse
      member.quotaBytes = try ClusterPlaces.quota(invocation, endpoint)
    } else {
      member.problem = place.problem
    }
    members.append(member)
  }
  return members
}

/// Counts the keys.
private final class SpaceSurvey {
  private let invocation: Invocation
  private let depth: Int
  private let top: Int

  init(_ invocation: Invocation) {
    self.invocation = invocation
    depth = Int(clamping: invocation.flags.integer("depth"))
    top = max(0, Int(clamping: invocation.flags.integer("top")))
  }

  func run(_ places: [ClusterPlaces.Place]) throws(Failure) -> SpaceReport.Keys {
    guard let pager = RangePager(RangeRequest(key: [0], rangeEnd: KeyRange.open)) else {
      broken("all keys cannot be read in pages")
    }
    let reader = RangeReader(invocation, pager)
    let progress = Progress(isShown: Progress.isWanted())
    var sizes = PrefixSizes(depth: depth)
    var revision: Int64 = 0
    var pages = 0
    while sizes.total.keys < Limits.spaceKeys {
      let isMeasured = reader.pager.total <= Limits.spaceFullKeys || pages % Limits.spaceSampledPages == 0
      guard let page = try reader.next(keysOnly: !isMeasured) else { break }
      if pages == 0 { revision = page.header?.revision ?? 0 }
      pages += 1
      for pair in page.pairs { sizes.add(pair.key, value: isMeasured ? pair.value.count : nil) }
      progress.show(at: invocation.loop.now) { "\(reader.pager.taken) of \(reader.pager.total) keys" }
    }
    progress.clear()
    return try summed(sizes, reader.pager.count, revision, places)
  }

  private func summed(
    _ sizes: PrefixSizes, _ total: Int64, _ revision: Int64, _ places: [ClusterPlaces.Place]
  ) throws(Failure) -> SpaceReport.Keys {
    let (prefixes, rest) = sizes.largest(top)
    let counted = sizes.total.keys
    var live = sizes.total.bytes(otherwise: sizes.average)
    if counted > 0, counted < total { live = Int64(Double(live) * Double(total) / Double(counted)) }
    let compacted = try compactedRevision(revision)
    let inUse = places.compactMap { $0.answer?.status.dbSizeInUse }.min() ?? 0
    // What a live row takes beside key and value: its own name, its revisions, its place in a page.
    let overhead = total * 64
    return SpaceReport.Keys(
      revision: revision, compacted: compacted, total: total, counted: counted, measured: sizes.total.measured,
      liveBytes: live, prefixes: prefixes, rest: rest,
      historyBytes: revision == compacted ? 0 : max(0, inUse - live - overhead))
  }

  /// No call tells it: the oldest revision that can still be read is looked for by halves.
  private func compactedRevision(_ revision: Int64) throws(Failure) -> Int64 {
    var gone: Int64 = 0
    var there = max(1, revision)
    while gone + 1 < there {
      let middle = gone + (there - gone) / 2
      let query = RangeRequest(key: [0], revision: middle, keysOnly: true)
      switch try invocation.call(EtcdRPC.range, query, deadline: invocation.deadline) {
      case .success: there = middle
      case .failure(let failure) where failure.means(.compacted): gone = middle
      case .failure(let failure): throw Failure(.error, failure.description)
      }
    }
    return there == 1 ? 0 : there
  }
}
