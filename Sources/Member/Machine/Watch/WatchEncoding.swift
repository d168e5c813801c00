import Base
import Wire

/// One message of a watch response: the whole of it, or a fragment.
package struct WatchMessage: Sendable, Equatable {
  /// Which of the output's picks it carries.
  package var picks: Range<Int>
  package var isFragment: Bool
  /// Length of the encoded WatchResponse.
  package var size: Int
}

/// Writes a delivery as etcdserverpb.WatchResponse straight from the stored records, without decoding them.
///
/// Make one for each delivery, ask for its `messages`, then write each into memory of its `size`.
package struct WatchEncoding {
  private let delivery: WatchDelivery
  private let output: WatchOutput
  private let header: ResponseHeader
  /// The record before each picked change, empty where there is none; no elements where none is wanted.
  private let previous: [Bytes]

  /// `header` names cluster, member and term; the revision is the delivery's. `previous` gives the record that a change
  /// replaced, nil where it is compacted away; it is asked only if the watcher wants it, and not for creations.
  package init(
    _ delivery: WatchDelivery, of output: WatchOutput, header: ResponseHeader,
    previous: (Change) -> Bytes? = { _ in nil }
  ) {
    self.delivery = delivery
    self.output = output
    var header = header
    header.revision = delivery.revision
    self.header = header
    if delivery.options.contains(.previousPair) {
      self.previous = delivery.picks.map { pick in
        let change = output.changes[Int(output.picks[pick])]
        return change.isCreate ? [] : previous(change) ?? []
      }
    } else {
      self.previous = []
    }
  }

  /// Cuts the response if the watcher allows it and the whole is not below `limit` bytes; an event is never cut.
  /// As etcd 3.4: api/v3rpc/watch.go, sendFragments; `limit` is max-request-bytes and 512 KiB.
  package func messages(limit: Int) -> [WatchMessage] {
    let base = baseSize
    let whole = base + delivery.picks.reduce(0) { $0 + fieldSize($1) }
    if !delivery.options.contains(.fragment) || whole < limit || delivery.picks.count < 2 {
      return [WatchMessage(picks: delivery.picks, isFragment: false, size: whole)]
    }
    var result: [WatchMessage] = []
    var start = delivery.picks.lowerBound
    while start < delivery.picks.upperBound {
      var next = start + 1
      var size = base + 2 + fieldSize(start)
      while next < delivery.picks.upperBound, size + fieldSize(next) < limit {
        size += fieldSize(next)
        next += 1
      }
      let isFragment = next < delivery.picks.upperBound
      result.append(
        WatchMessage(picks: start..<next, isFragment: isFragment, size: isFragment ? size : size - 2))
      start = next
    }
    return result
  }

  package func encode(_ message: WatchMessage, to writer: inout WireWriter) {
    writer.byte(0x0a)
    writer.message(header)
    if delivery.watchID != 0 {
      writer.byte(0x10)
      writer.varint(UInt64(bitPattern: delivery.watchID))
    }
    if case .compacted(let revision) = delivery.kind {
      writer.byte(0x20)
      writer.bool(true)
      writer.byte(0x28)
      writer.varint(UInt64(bitPattern: revision))
    }
    if message.isFragment {
      writer.byte(0x38)
      writer.bool(true)
    }
    for pick in message.picks { encodeEvent(pick, to: &writer) }
  }

  /// The whole response as bytes, for callers that do not frame it.
  package func encoded(_ message: WatchMessage) -> Bytes {
    Bytes(unsafeUninitializedCapacity: message.size) { buffer, count in
      var writer = WireWriter(UnsafeMutableRawBufferPointer(buffer))
      encode(message, to: &writer)
      writer.finish()
      count = message.size
    }
  }

  private var baseSize: Int {
    var size = 1 + WireSize.delimited(header.encodedSize)
    if delivery.watchID != 0 { size += 1 + WireSize.varint(delivery.watchID) }
    if case .compacted(let revision) = delivery.kind { size += 2 + 1 + WireSize.varint(revision) }
    return size
  }

  private func fieldSize(_ pick: Int) -> Int { 1 + WireSize.delimited(eventSize(pick)) }

  private func eventSize(_ pick: Int) -> Int {
    let change = output.changes[Int(output.picks[pick])]
    let before = previousRecord(pick)
    return (change.isDelete ? 2 : 0) + 1 + WireSize.delimited(change.record.count)
      + (before.isEmpty ? 0 : 1 + WireSize.delimited(before.count))
  }

  private func encodeEvent(_ pick: Int, to writer: inout WireWriter) {
    let change = output.changes[Int(output.picks[pick])]
    let before = previousRecord(pick)
    writer.byte(0x5a)
    writer.varint(UInt64(eventSize(pick)))
    if change.isDelete {
      writer.byte(0x08)
      writer.byte(1)
    }
    writer.byte(0x12)
    writer.bytes(change.record)
    if !before.isEmpty {
      writer.byte(0x1a)
      writer.bytes(before)
    }
  }

  private func previousRecord(_ pick: Int) -> Bytes {
    previous.isEmpty ? [] : previous[pick - delivery.picks.lowerBound]
  }
}
