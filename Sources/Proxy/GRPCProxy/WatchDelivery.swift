import Base
import Wire

/// Changes as one message of a member told them, encoded for its watchers: once for each wish, however many share it.
final class WatchDelivery {
  struct Wish: OptionSet, Hashable {
    let rawValue: UInt8
    static let noPuts = Wish(rawValue: 1)
    static let noDeletes = Wish(rawValue: 2)
    static let previousPair = Wish(rawValue: 4)
  }

  /// Encoded events one behind the other, each with the tag of its field, and where each ends.
  struct Encoded {
    var bytes = Bytes()
    var ends: [Int] = []
  }

  let reply: WatchResponse
  private var whole: [Wish: Encoded] = [:]

  init(_ reply: WatchResponse) { self.reply = reply }

  /// The changes from the one with number `first` on that a watcher wants.
  func encoded(_ wish: Wish, from first: Int) -> Encoded {
    if first > 0 { return encode(wish, reply.events[first...]) }
    if let known = whole[wish] { return known }
    let made = encode(wish, reply.events[...])
    whole[wish] = made
    return made
  }

  private func encode(_ wish: Wish, _ events: ArraySlice<KVEvent>) -> Encoded {
    var out = ByteWriter()
    var ends: [Int] = []
    for event in events where !wish.contains(event.type == .delete ? .noDeletes : .noPuts) {
      var event = event
      if !wish.contains(.previousPair) { event.prevKv = nil }
      out.append(0x5A as UInt8)  // field 11, a message
      out.append(varint: UInt64(event.encodedSize))
      event.append(to: &out)
      ends.append(out.count)
    }
    return Encoded(bytes: out.bytes, ends: ends)
  }
}

extension WatchDelivery.Encoded {
  /// Events in one piece, or in pieces of at most `limit` bytes unless one event is larger.
  func pieces(limit: Int) -> [Swift.Range<Int>] {
    if bytes.count <= limit { return [0..<bytes.count] }
    var pieces: [Swift.Range<Int>] = []
    var begin = 0
    var last = 0
    for end in ends {
      if end - begin > limit, last > begin {
        pieces.append(begin..<last)
        begin = last
      }
      last = end
    }
    pieces.append(begin..<last)
    return pieces
  }
}
