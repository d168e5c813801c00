import Base
import Wire

// What the owner of a key can say of it without asking.

extension RangeRequest {
  /// Whether the owner of the key can answer: one key, as it is now. Everything odd is left to a member, with its errors.
  var isForOwner: Bool {
    guard rangeEnd.isEmpty, !key.isEmpty, revision == 0, limit >= 0 else { return false }
    if case .unrecognized = sortOrder { return false }
    if case .unrecognized = sortTarget { return false }
    return true
  }

  /// The reply where the key holds `pair`. As etcd 3.4: etcdserver/apply.go, Range.
  func reply(_ pair: KeyValue?, _ header: ResponseHeader?) -> RangeResponse {
    var reply = RangeResponse(header: header, count: pair == nil ? 0 : 1)
    guard var pair, !countOnly, holds(pair) else { return reply }
    if keysOnly { pair.value = [] }
    reply.kvs = [pair]
    return reply
  }

  private func holds(_ pair: KeyValue) -> Bool {
    (minModRevision == 0 || pair.modRevision >= minModRevision)
      && (maxModRevision == 0 || pair.modRevision <= maxModRevision)
      && (minCreateRevision == 0 || pair.createRevision >= minCreateRevision)
      && (maxCreateRevision == 0 || pair.createRevision <= maxCreateRevision)
  }
}

extension Compare {
  /// Whether it holds where the key has `pair`; nil: only a member can tell. As etcd 3.4: etcdserver/apply.go, applyCompare.
  func holds(for pair: KeyValue?) -> Bool? {
    let order: Int
    switch (target, targetUnion) {
    case (.value, .value(let wanted)?):
      // What is not there has no value to compare.
      guard let pair else { return false }
      order = compareBytes(pair.value, wanted)
    case (.version, .version(let wanted)?): order = Self.order(pair?.version ?? 0, wanted)
    case (.create, .createRevision(let wanted)?): order = Self.order(pair?.createRevision ?? 0, wanted)
    case (.mod, .modRevision(let wanted)?): order = Self.order(pair?.modRevision ?? 0, wanted)
    case (.lease, .lease(let wanted)?): order = Self.order(pair?.lease ?? 0, wanted)
    default: return nil
    }
    switch result {
    case .equal: return order == 0
    case .notEqual: return order != 0
    case .greater: return order > 0
    case .less: return order < 0
    case .unrecognized: return nil
    }
  }

  private static func order(_ a: Int64, _ b: Int64) -> Int { a < b ? -1 : a > b ? 1 : 0 }
}

/// One change that a write made, in the order of the write.
enum LeasingChange: Equatable {
  case put(PutRequest)
  case delete(KeyRange)

  func touches(_ key: Key) -> Bool {
    switch self {
    case .put(let put): put.key == key.bytes
    case .delete(let range): range.overlaps(KeyRange(key.bytes, []))
    }
  }

  var range: KeyRange {
    switch self {
    case .put(let put): KeyRange(put.key, [])
    case .delete(let range): range
    }
  }

  /// What a key of `pair` holds afterwards.
  func applied(to pair: KeyValue?, at revision: Int64) -> KeyValue? {
    guard case .put(let put) = self else { return nil }
    return KeyValue(
      key: put.key, createRevision: pair?.createRevision ?? revision, modRevision: revision,
      version: (pair?.version ?? 0) + 1, value: put.ignoreValue ? pair?.value ?? [] : put.value,
      lease: put.ignoreLease ? pair?.lease ?? 0 : put.lease)
  }
}
