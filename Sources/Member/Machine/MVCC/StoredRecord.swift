import Base
import Wire

/// A row's value where it lies: an encoded mvccpb.KeyValue, read field by field without a copy.
///
/// Rows were written by this program or checked when they came in; one that cannot be read is a broken invariant.
struct StoredRecord {
  let raw: UnsafeRawBufferPointer

  private static let keyTag: UInt32 = 1 << 3 | 2
  private static let createTag: UInt32 = 2 << 3
  private static let versionTag: UInt32 = 4 << 3
  private static let valueTag: UInt32 = 5 << 3 | 2
  private static let leaseTag: UInt32 = 6 << 3

  init(_ raw: UnsafeRawBufferPointer) { self.raw = raw }

  /// What the index needs of a row at start, in one pass.
  struct Summary {
    var key = UnsafeRawBufferPointer(start: nil, count: 0)
    var created: Int64 = 0
    var version: Int64 = 0
    var lease = LeaseID.none
  }

  var summary: Summary {
    var summary = Summary()
    forEachField { tag, reader throws(DecodeError) in
      switch tag {
      case Self.keyTag: summary.key = try reader.raw()
      case Self.createTag: summary.created = try reader.int64()
      case Self.versionTag: summary.version = try reader.int64()
      case Self.leaseTag: summary.lease = LeaseID(try reader.int64())
      default: try reader.skip(tag)
      }
    }
    return summary
  }

  var lease: LeaseID { summary.lease }

  var value: UnsafeRawBufferPointer {
    var value = UnsafeRawBufferPointer(start: nil, count: 0)
    forEachField { tag, reader throws(DecodeError) in
      if tag == Self.valueTag { value = try reader.raw() } else { try reader.skip(tag) }
    }
    return value
  }

  var decoded: KeyValue {
    do throws(DecodeError) { return try KeyValue(decoding: raw) } catch { unreadable(error) }
  }

  /// The fields before and behind the value, as they are: the record without its value is the two together.
  var withoutValue: (head: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer) {
    var start = raw.count
    var end = raw.count
    forEachField { tag, reader throws(DecodeError) in
      // The value's tag is one byte and has just been read.
      let before = raw.count - reader.remaining - 1
      try reader.skip(tag)
      if tag == Self.valueTag {
        start = before
        end = raw.count - reader.remaining
      }
    }
    return (
      UnsafeRawBufferPointer(rebasing: raw[..<start]), UnsafeRawBufferPointer(rebasing: raw[end...])
    )
  }

  private func forEachField(_ visit: (UInt32, inout WireReader) throws(DecodeError) -> Void) {
    var reader = WireReader(raw)
    do throws(DecodeError) {
      while true {
        let tag = try reader.tag()
        if tag == 0 { return }
        try visit(tag, &reader)
      }
    } catch { unreadable(error) }
  }

  private func unreadable(_ error: DecodeError) -> Never {
    broken("a row of \(raw.count) bytes is no record: \(error)")
  }
}
