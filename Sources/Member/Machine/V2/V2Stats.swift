import Base

/// Counters of the v2 store, by the names of `/v2/stats/store`. Each member counts for itself.
package struct V2Stats: Sendable, Equatable {
  package var getsSuccess: UInt64 = 0
  package var getsFail: UInt64 = 0
  package var setsSuccess: UInt64 = 0
  package var setsFail: UInt64 = 0
  package var deleteSuccess: UInt64 = 0
  package var deleteFail: UInt64 = 0
  package var updateSuccess: UInt64 = 0
  package var updateFail: UInt64 = 0
  package var createSuccess: UInt64 = 0
  package var createFail: UInt64 = 0
  package var compareAndSwapSuccess: UInt64 = 0
  package var compareAndSwapFail: UInt64 = 0
  package var compareAndDeleteSuccess: UInt64 = 0
  package var compareAndDeleteFail: UInt64 = 0
  package var expireCount: UInt64 = 0
  package var watchers: UInt64 = 0
  package init() {}

  private static let fields: [(StaticString, any WritableKeyPath<V2Stats, UInt64> & Sendable)] = [
    ("getsSuccess", \.getsSuccess), ("getsFail", \.getsFail),
    ("setsSuccess", \.setsSuccess), ("setsFail", \.setsFail),
    ("deleteSuccess", \.deleteSuccess), ("deleteFail", \.deleteFail),
    ("updateSuccess", \.updateSuccess), ("updateFail", \.updateFail),
    ("createSuccess", \.createSuccess), ("createFail", \.createFail),
    ("compareAndSwapSuccess", \.compareAndSwapSuccess), ("compareAndSwapFail", \.compareAndSwapFail),
    ("compareAndDeleteSuccess", \.compareAndDeleteSuccess), ("compareAndDeleteFail", \.compareAndDeleteFail),
    ("expireCount", \.expireCount), ("watchers", \.watchers),
  ]

  package func write(to writer: inout JSONWriter) {
    var isFirst = true
    for (name, field) in V2Stats.fields {
      writer.member(name, &isFirst)
      writer.integer(self[keyPath: field])
    }
    writer.endObject(isFirst)
  }

  init(_ json: JSONValue?) {
    for (name, field) in V2Stats.fields { self[keyPath: field] = json?[name.description]?.uint64 ?? 0 }
  }
}
