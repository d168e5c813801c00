import Base

extension WatchHub {
  /// A client asked how far its stream is. The reply (watch id -1) comes at once when all its watchers are synced,
  /// otherwise as soon as they are; so it never overtakes events. As etcd 3.4.25, which drops it in the second case.
  package func requestProgress(on stream: StreamID, into output: inout WatchOutput) {
    if streams[stream.index].behind > 0 {
      streams[stream.index].owesProgress = true
    } else {
      replyProgress(stream.index, into: &output)
    }
  }

  /// Reports progress to watchers that asked for it and heard nothing for an interval; call with every tick.
  package func tick(now: Instant, into output: inout WatchOutput) {
    guard now >= earliestProgress else { return }
    earliestProgress = Instant(nanoseconds: .max)
    for stream in streams.indices where streams[stream].progressWatchers > 0 {
      if streams[stream].progressDue <= now {
        reportProgress(stream, into: &output)
        streams[stream].progressDue = nextProgress(after: now)
      }
      earliestProgress = min(earliestProgress, streams[stream].progressDue)
    }
  }

  func settleProgress(into output: inout WatchOutput) {
    while let stream = settled.popLast() {
      guard streams.contains(stream), streams[stream].owesProgress, streams[stream].behind == 0 else {
        continue
      }
      replyProgress(stream, into: &output)
    }
  }

  private func replyProgress(_ stream: Int, into output: inout WatchOutput) {
    streams[stream].owesProgress = false
    // As etcd 3.4.38: a watcher of the future has no progress yet, and the reply speaks for all.
    for watcher in streams[stream].watchers.values where watchers[Int(watcher)].nextRevision > revision + 1 {
      return
    }
    output.deliveries.append(progress(stream, watchID: -1, options: []))
  }

  /// A full stream is left out: it is receiving events.
  private func reportProgress(_ stream: Int, into output: inout WatchOutput) {
    guard !streams[stream].isPaused else { return }
    for watcher in streams[stream].watchers.values {
      let it = watchers[Int(watcher)]
      guard it.options.contains(.progressNotify) else { continue }
      if it.isQuiet, it.state == .synced, it.nextRevision <= revision + 1 {
        output.deliveries.append(progress(stream, watchID: it.watchID, options: it.options))
      }
      watchers[Int(watcher)].isQuiet = true
    }
  }

  private func progress(_ stream: Int, watchID: Int64, options: WatchOptions) -> WatchDelivery {
    WatchDelivery(
      stream: StreamID(stream), watchID: watchID, revision: revision, kind: .progress, options: options,
      picks: 0..<0)
  }

  /// The interval and up to a tenth more, so that streams opened together do not report together.
  func nextProgress(after now: Instant) -> Instant {
    let jitter = dice.below(max(1, Int(progressInterval.nanoseconds / 10)))
    return now + progressInterval + TimeSpan(nanoseconds: Int64(jitter))
  }
}
