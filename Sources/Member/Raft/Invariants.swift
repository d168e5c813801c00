import Base
import Wire

/// The rules of the Raft paper, checked on one node, on a node over time, and across a cluster.
///
/// Tests run them after every step. The node itself checks the cheap ones always, where the fields change.
package enum Invariants {
  /// What must hold for a node at any moment.
  package static func check(_ node: Node) {
    checkNow(node)
    checkTerms(node)
  }

  /// The part of `check` that does not walk the log.
  package static func checkNow(_ node: Node) {
    let log = node.log
    let name = node.hexID
    invariant(
      log.applied <= log.handed && log.handed <= log.committed && log.committed <= log.lastIndex,
      "\(name): applied \(log.applied), handed \(log.handed), committed \(log.committed), "
        + "last \(log.lastIndex) are out of order")
    invariant(
      log.unstable.first <= log.unstable.next && log.unstable.next <= log.unstable.end,
      "\(name): the unwritten log's marks are out of order")
    invariant(log.unstable.end == log.lastIndex + 1, "\(name): the last index is not the log's")
    checkMembers(node)
    if node.role == .leader { checkLeader(node) }
    if node.writesBehind {
      invariant(
        log.handed <= log.stableIndex || log.isAwaitingSnapshot,
        "\(name): entry \(log.handed) was given out for applying before it was durable")
    }
  }

  /// Terms never fall along the log, and never exceed the node's own.
  private static func checkTerms(_ node: Node) {
    let log = node.log
    var index = log.firstIndex - 1
    var term = log.term(at: index)
    while index < log.lastIndex {
      index += 1
      let next = log.term(at: index)
      invariant(next >= term && next > 0, "\(node.hexID): the term falls at index \(index)")
      term = next
    }
    invariant(
      term <= node.term || log.lastIndex == log.firstIndex - 1,
      "\(node.hexID): the log holds term \(term), the node is in \(node.term)")
  }

  private static func checkMembers(_ node: Node) {
    let ids = node.tracker.members.map(\.id)
    invariant(ids == ids.sorted() && Set(ids).count == ids.count, "\(node.hexID): members out of order")
    for progress in node.tracker.members {
      // A newcomer at an empty log starts with next 0 (raft/confchange).
      invariant(
        progress.match < progress.next || progress.next == 0,
        "\(node.hexID): match \(progress.match) not below next \(progress.next) of \(progress.id.hex)")
      if node.role == .leader {
        invariant(
          progress.match <= node.log.lastIndex, "\(node.hexID): \(progress.id.hex) is ahead of its leader")
      }
    }
  }

  private static func checkLeader(_ node: Node) {
    invariant(node.lead == node.id, "\(node.hexID) leads and does not know it")
    if let own = node.tracker[node.id] {
      invariant(
        own.match <= node.ownMatch, "\(node.hexID) counts its own log beyond what is durable")
    }
  }
}

extension Invariants {
  /// Watches a cluster over time.
  package struct Watch {
    /// Who led each term. Election safety: at most one.
    private var leaders: [UInt64: UInt64] = [:]
    /// Term and data of each committed entry, as first seen. State machine safety: never another.
    private var committed: [UInt64: Entry] = [:]
    private var marks: [UInt64: (term: UInt64, commit: UInt64)] = [:]
    package private(set) var highestCommitted: UInt64 = 0

    package init() {}

    /// Looks at all nodes that are up.
    /// - Parameter thoroughly: whether whole logs are walked and held against each other, which takes long.
    package mutating func look(at nodes: [Node], thoroughly: Bool = true) {
      for node in nodes {
        lookAtMarks(node)
        if node.isLeader { lookAtLeader(node) }
        lookAtCommitted(node)
        if thoroughly { Invariants.check(node) } else { Invariants.checkNow(node) }
      }
      if thoroughly { lookAtMatching(nodes) }
    }

    /// A member begins anew from its disk: what was only in memory is gone.
    package mutating func restarted(_ id: UInt64) { marks[id] = nil }

    /// Notes a committed entry as the state machine gets it.
    package mutating func applied(_ entry: Entry, by id: UInt64) {
      if let known = committed[entry.index] {
        invariant(known == entry, "\(id.hex) applies another entry at \(entry.index)")
      } else {
        committed[entry.index] = entry
      }
    }

    private mutating func lookAtMarks(_ node: Node) {
      let now = (term: node.term, commit: node.log.committed)
      if let before = marks[node.id] {
        invariant(before.term <= now.term, "\(node.hexID): the term fell")
        invariant(before.commit <= now.commit, "\(node.hexID): the commit index fell")
      }
      marks[node.id] = now
    }

    private mutating func lookAtLeader(_ node: Node) {
      if let known = leaders[node.term] {
        invariant(known == node.id, "term \(node.term) has two leaders: \(known.hex) and \(node.hexID)")
      } else {
        leaders[node.term] = node.id
        // Leader completeness: who is elected holds everything committed before.
        for (index, entry) in committed where index >= node.log.firstIndex && entry.term < node.term {
          invariant(
            node.log.term(at: index) == entry.term,
            "\(node.hexID) leads term \(node.term) without the committed entry \(index)")
        }
      }
    }

    private mutating func lookAtCommitted(_ node: Node) {
      let log = node.log
      var index = max(log.firstIndex, min(highestCommitted, log.committed))
      while index <= log.committed {
        guard let entry = log.entries(index..<index + 1, maxBytes: .max)?.first else { break }
        applied(entry, by: node.id)
        index += 1
      }
      highestCommitted = max(highestCommitted, log.committed)
    }

    /// Log matching: two logs that agree on the term at an index agree on everything before it.
    private func lookAtMatching(_ nodes: [Node]) {
      for (i, a) in nodes.enumerated() {
        for b in nodes[(i + 1)...] {
          var index = min(a.log.lastIndex, b.log.lastIndex)
          let first = max(a.log.firstIndex, b.log.firstIndex)
          while index >= first && a.log.term(at: index) != b.log.term(at: index) { index -= 1 }
          while index >= first {
            let (own, other) = (
              a.log.entries(index..<index + 1, maxBytes: .max)?.first,
              b.log.entries(index..<index + 1, maxBytes: .max)?.first
            )
            invariant(own == other, "\(a.hexID) and \(b.hexID) differ at \(index) and agree above it")
            index -= 1
          }
        }
      }
    }
  }
}
