import Base
import CShim
import Config
import Doors
import Event
import Machine
import Wire

// What single requests cost the loop: histograms, the most expensive parts of the key space, and warnings of slow ones.

extension Member {
  /// Books an applied entry. `took` is the loop's time, not that of the log.
  func book(_ applied: Applied, _ entry: Entry, took: TimeSpan) {
    metrics.applies.observe(AppliedKind(applied.answer), took)
    if let key = machine.changes.first?.key {
      topPrefixes.book(key, bytes: entry.data?.count ?? 0, took: took)
    }
    if case .leaseGrant(let grant) = applied.answer { metrics.leaseTTLs.observe(Double(grant.ttl)) }
    if took > settings.warningApplyDuration { warnOfSlowApply(applied, entry, took) }
  }

  /// Books a range or a transaction that only reads.
  func book(_ query: Reads.Query, bytes: Int, took: TimeSpan) {
    switch query {
    case .range(let range): book(range, bytes: bytes, took: took)
    case .txn(let txn):
      if let key = txn.firstKey { topPrefixes.book(key, bytes: bytes, took: took) }
      if took > settings.warningApplyDuration {
        warnOfSlow("read-only range ", RequestText.of(txn), "size:\(bytes)", took)
      }
    case .probe, .service: break
    }
  }

  func book(_ range: RangeRequest, bytes: Int, took: TimeSpan) {
    metrics.ranges.observe(took)
    topPrefixes.book(range.key, bytes: bytes, took: took)
    if took > settings.warningApplyDuration {
      warnOfSlow("read-only range ", RequestText.of(range), "size:\(bytes)", took)
    }
  }

  private func warnOfSlowApply(_ applied: Applied, _ entry: Entry, _ took: TimeSpan) {
    guard entry.type == .normal, let data = entry.data, !data.isEmpty else { return }
    var result = ""
    if case .failed(let status) = applied.answer { result = "error:\(status.message)" }
    warnOfSlow("", RequestText.of(encoded: data), result, took)
  }

  /// As etcd 3.4: etcdserver/util.go, warnOfExpensiveGenericRequest.
  private func warnOfSlow(_ prefix: String, _ request: String, _ result: String, _ took: TimeSpan) {
    metrics.slowApplies += 1
    guard settings.logFormat == .zap else {
      return log(
        .warning,
        "\(prefix)request \(goQuoted(request)) with result \(goQuoted(result)) took too long (\(GoDuration.text(took))) to execute"
      )
    }
    log(
      .warning, "apply request took too long", LogField("took", took),
      LogField("expected-duration", settings.warningApplyDuration), LogField("prefix", prefix),
      LogField("request", request), LogField("response", result))
  }

  /// Books a slice of compaction: how long it held the loop, and when all are done what it took.
  func bookCompaction(_ progress: CompactionProgress, hasRemovedRows: Bool, began: Instant) {
    let milliseconds = (loop.clock - began).milliseconds
    if hasRemovedRows {
      metrics.compactionPause.observe(milliseconds)
    } else if progress == .working {
      metrics.indexCompactionPause.observe(milliseconds)
    }
    if metrics.compactionBegan == nil, progress != .idle { metrics.compactionBegan = began }
    guard case .finished = progress, let first = metrics.compactionBegan else { return }
    metrics.compactionTotal.observe((loop.clock - first).milliseconds)
    metrics.compactionBegan = nil
    metrics.lastCompactionSeconds = loop.wallNanoseconds / 1_000_000_000
  }

  /// The bytes of the C allocator. Asking walks its lists of free pieces, so one answer serves all lines of a page.
  var heap: cshim_heap {
    if metrics.heapAskedAt != loop.now {
      metrics.heapAskedAt = loop.now
      metrics.heap = cshim_heap()
    }
    return metrics.heap
  }

  /// What is known of the traffic with each other member, in the order of their ids.
  var peerFigures: [(key: MemberID, value: PeerFigures)] {
    var all = transport.figures
    for (id, peer) in transport.peers { all[id, default: PeerFigures()].isActive = peer.isActive }
    return all.sorted { $0.key < $1.key }
  }

  /// Begins a new window of the most expensive prefixes when the old one is over.
  func turnTopPrefixes(now: Instant) {
    guard now - topPrefixesBegan >= Limits.topPrefixWindow else { return }
    formerTopPrefixes = topPrefixes.entries
    topPrefixes.removeAll()
    topPrefixesBegan = now
  }
}

extension TxnRequest {
  /// The key that stands for the whole transaction: that of its first operation, or what it compares.
  fileprivate var firstKey: Bytes? {
    for operation in success + failure {
      switch operation.request {
      case .requestRange(let range)?: return range.key
      case .requestPut(let put)?: return put.key
      case .requestDeleteRange(let delete)?: return delete.key
      case .requestTxn(let txn)?: return txn.firstKey
      case nil: break
      }
    }
    return compare.first?.key
  }
}
