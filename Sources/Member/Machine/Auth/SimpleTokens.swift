import Base

/// Simple tokens: known to the members that applied the sign-in, forgotten when unused for a while or at a restart.
///
/// Each member counts from its own last use; time decides nothing that is stored. As etcd 3.4: auth/simple_token.go.
package struct SimpleTokens: Sendable {
  private struct Held {
    var user: String
    var deadline: Instant
  }

  private let ttl: TimeSpan
  private var held: [Key: Held] = [:]
  /// Tokens in the order in which their deadlines were last looked at, each once; those before `head` are done with.
  private var queue: [Key] = []
  private var head = 0

  package init(ttl: TimeSpan) { self.ttl = ttl }

  package var count: Int { held.count }

  /// Gives a token to a user. When there are too many, the one that was looked at longest ago is forgotten.
  package mutating func assign(_ token: String, to user: String, now: Instant) {
    if held.count >= Limits.simpleTokens { dropFirst() }
    let key = Key(token)
    if held.updateValue(Held(user: user, deadline: now + ttl), forKey: key) == nil { queue.append(key) }
  }

  /// Whose the token is; it stays good for another while from now on.
  package mutating func user(of token: String, now: Instant) -> String? {
    let key = Key(token)
    guard let found = held[key], found.deadline > now else { return nil }
    held[key]?.deadline = now + ttl
    return found.user
  }

  /// Forgets the tokens of a user.
  package mutating func forget(user: String) {
    held = held.filter { !$0.value.user.utf8.elementsEqual(user.utf8) }
  }

  package mutating func removeAll() {
    held = [:]
    queue = []
    head = 0
  }

  /// Forgets tokens whose time is over; looks at a bounded number of them, those first that were not looked at longest.
  package mutating func expire(now: Instant) {
    // No further than what was there before: tokens in use go to the end.
    var left = min(Limits.tokensPerSweep, queue.count - head)
    while left > 0, head < queue.count {
      let key = queue[head]
      guard let found = held[key] else {
        head += 1
        continue
      }
      // A token of this age may still have been used since; then it goes to the end of the queue.
      if found.deadline <= now { held[key] = nil } else { queue.append(key) }
      head += 1
      left -= 1
    }
    compact()
  }

  private mutating func dropFirst() {
    while head < queue.count {
      head += 1
      if held.removeValue(forKey: queue[head - 1]) != nil { return }
    }
  }

  private mutating func compact() {
    guard head > 0, head * 2 >= queue.count else { return }
    queue.removeFirst(head)
    head = 0
  }
}
