// The simulator: whole clusters on one thread, in simulated time, under faults that follow from a seed.
//
//   simulate --seeds 1-1000 [--minutes M]    runs them all; stops at the first finding
//   simulate --seed 77 [--minutes M] --loud  one of them again, with what happens
//   simulate --seconds 60                    fresh seeds until the time is over
//   simulate --scenes --seeds 1-40           each seed plays one of the scenes of World/Director, in turn
import Base
import Glibc

@main enum Simulate {
  static func main() {
    // Dictionaries must have the same order in each run of a seed.
    if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
      setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
    let arguments = Arguments()
    Witness.install(minutes: arguments.minutes, playsScenes: arguments.playsScenes)
    var summary = Summary()
    let began = seconds()
    for seed in arguments.seeds {
      if let limit = arguments.seconds, seconds() - began >= limit { break }
      Witness.seed = seed
      let scene = arguments.playsScenes ? Scene.allCases[Int(seed % UInt64(Scene.allCases.count))] : nil
      let run = SimulatedRun(seed: seed, scene: scene, minutes: arguments.minutes, isLoud: arguments.isLoud)
      run.go()
      summary.add(run)
      if arguments.isVerbose { print(run.line) }
      fflush(nil)
    }
    summary.show(seconds: seconds() - began, arguments)
  }

  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

struct Arguments {
  var seeds: ClosedRange<UInt64> = 1...20
  /// Simulated minutes of faults in each run.
  var minutes = 10
  var seconds: Double?
  var isLoud = false
  var isVerbose = false
  var playsScenes = false
  var commit = "unknown"

  init() {
    var rest = CommandLine.arguments.dropFirst()
    var hasSeeds = false
    while let name = rest.popFirst() {
      switch name {
      case "--loud": isLoud = true
      case "--verbose": isVerbose = true
      case "--scenes": playsScenes = true
      case "--seed", "--seeds":
        hasSeeds = true
        let ends = (rest.popFirst() ?? "").split(separator: "-").compactMap { UInt64($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { usage() }
        seeds = first...last
      case "--minutes":
        guard let number = Int(rest.popFirst() ?? "") else { usage() }
        minutes = number
      case "--seconds":
        guard let number = Double(rest.popFirst() ?? "") else { usage() }
        seconds = number
      case "--commit": commit = rest.popFirst() ?? commit
      default: usage()
      }
    }
    if seconds != nil, !hasSeeds {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      let first = UInt64(time.tv_sec) * 1_000
      seeds = first...first + 1_000_000
    }
  }

  private func usage() -> Never {
    print(
      "usage: simulate [--seed N | --seeds A-B] [--minutes M] [--seconds S] [--scenes] [--commit C] [--verbose] [--loud]"
    )
    exit(2)
  }
}

/// Prints how to see a run again when the process dies in it.
enum Witness {
  nonisolated(unsafe) static var seed: UInt64 = 0
  nonisolated(unsafe) private static var options = ""

  static func install(minutes: Int, playsScenes: Bool) {
    options = "--minutes \(minutes)\(playsScenes ? " --scenes" : "")"
    for number in [SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] { signal(number) { Witness.tell($0) } }
  }

  private static func tell(_ number: Int32) {
    fflush(nil)
    var line = "FINDING: seed \(seed); again with: simulate --seed \(seed) \(options) --loud\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    _exit(1)
  }
}
