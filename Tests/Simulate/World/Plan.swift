import Base

/// What a seed's run is like: drawn once, at its beginning.
struct Plan {
  var members: Int
  var clients: Int
  var watchers: Int
  var keys: Int
  /// Mean time between two operations of a client, in nanoseconds.
  var pace: Int64
  /// Mean time between two faults.
  var faultPace: Int64
  var faults: [Fault]
  /// Messages in a thousand that are lost, and that arrive twice, at any time.
  var loss: Int
  var doubling: Int
  /// Whether messages between two members keep their order, as on one stream.
  var isOrdered: Bool
  var latency: Int64
  var preVotes: Bool
  var inflights: Int
  var messageBytes: Int
  var segmentBytes: Int
  var snapshotCount: UInt64
  var catchUpEntries: UInt64
  var keptFiles: Int
  var changesMembers: Bool

  init(_ dice: inout Dice) {
    members = [1, 3, 3, 3, 3, 5][dice.below(6)]
    clients = 2 + dice.below(3)
    watchers = 1 + dice.below(4)
    keys = 3 + dice.below(14)
    pace = Int64([40, 150, 400, 900][dice.below(4)]) * 1_000_000
    faultPace = Int64([3, 8, 15][dice.below(3)]) * 1_000_000_000
    // Some runs meet a few kinds of faults only, so that one kind does not hide what another would show.
    let share = 2 + dice.below(4)
    faults = Fault.struck.filter { _ in dice.below(5) < share }
    loss = dice.below(3) == 0 ? dice.below(50) : 0
    doubling = dice.below(3) == 0 ? dice.below(50) : 0
    isOrdered = dice.below(2) == 0
    latency = Int64(100_000 + dice.below(3_000_000))
    preVotes = dice.below(4) > 0
    inflights = [2, 8, 512][dice.below(3)]
    messageBytes = [200, 2_000, 1 << 20][dice.below(3)]
    segmentBytes = [4, 16, 64][dice.below(3)] * 1024
    snapshotCount = UInt64([20, 100, 600][dice.below(3)])
    catchUpEntries = UInt64([0, 10, 100][dice.below(3)])
    keptFiles = 1 + dice.below(4)
    changesMembers = dice.below(3) == 0
  }
}

/// What can happen to a cluster, and what is counted to show that it did.
enum Fault: Int, CaseIterable {
  // The network.
  case lossyNetwork, doublingNetwork, reorderingNetwork, slowNetwork, slowLink
  case oneWayCut, cutLink, isolatedMember, isolatedLeader, halves, bridge, flap, swizzle
  case clientsCut, repliesLost
  // Processes.
  case kill, killLeader, powerCut, powerCutLeader, powerCutAll, killInWrite, pause, pauseLeader, restartLoop
  // Disks.
  case slowDisk, stuckDisk, ioError, noSpace, ioErrorAtStart, bitRot
  // Clocks.
  case fastClock, slowClock, wallForward, wallBack
  // Members.
  case addLearner, promoteLearner, addVoter, removeMember, removeLeader, moveLeader
  // Clients.
  case clientTimeout, clientFailover, watchCancelled, watchBroken, slowWatcher, compaction, expiredLease

  // Not struck: consequences.
  case messageLost, messageDoubled, snapshotSent, snapshotLost, snapshotInstalled, snapshotSaved, tornEnd
  case storeFromSnapshotFile, stoppedByDisk, startRefused, leaderElected, watchCompacted, toldOfRemoval

  static let struck: [Fault] = allCases.filter { $0.rawValue <= Fault.wallBack.rawValue || $0 == .moveLeader }
}

struct Counts {
  private(set) var values = [Int](repeating: 0, count: Fault.allCases.count)
  subscript(_ fault: Fault) -> Int { values[fault.rawValue] }
  mutating func add(_ fault: Fault) { values[fault.rawValue] += 1 }
  mutating func add(_ other: Counts) { for place in values.indices { values[place] += other.values[place] } }
}
