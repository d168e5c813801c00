import Base
import CShim
import Event
import Glibc

/// One profile of the processor's time: begun, left alone for some seconds, then handed out.
///
/// Each thread is interrupted after so much of its own time and notes where it is. The format is that of gperftools
/// (cpuprofile-fileformat): words of the machine, then the process's mappings as text.
final class CPUProfile {
  private static let samplesPerSecond = 100
  private var timer: Timer?
  private var ticks: Int
  private let done: (Bytes) -> Void

  /// Nil while another one is under way.
  init?(_ loop: EventLoop, seconds: Int, _ done: @escaping (Bytes) -> Void) {
    let words = min(seconds * Self.samplesPerSecond * 32 * 2, Limits.profileWords)
    guard cshim_profile_begin(words, Int32(Self.samplesPerSecond)) == 0 else { return nil }
    self.done = done
    ticks = seconds
    let timer = Timer(loop) { [unowned self] in second() }
    timer.every(.seconds(1))
    self.timer = timer
    attach()
  }

  /// Threads that have come since are sampled from now on.
  private func attach() { for thread in ProcessThread.all { cshim_profile_attach(thread.id) } }

  private func second() {
    ticks -= 1
    guard ticks <= 0 else { return attach() }
    timer?.cancel()
    done(take())
  }

  private func take() -> Bytes {
    var count = 0
    var dropped: UInt = 0
    let words = cshim_profile_end(&count, &dropped)
    defer { free(words) }
    var out = Bytes()
    out.reserveCapacity(count * 8 + 64 * 1024)
    func append(_ words: [UInt64]) { words.withUnsafeBytes { out.append(contentsOf: $0) } }
    append([0, 3, 0, UInt64(1_000_000 / Self.samplesPerSecond), 0])
    if let words { out.append(contentsOf: UnsafeRawBufferPointer(start: words, count: count * 8)) }
    append([0, 1, 0])
    out += ProcessThread.contents(of: "/proc/self/maps")
    return out
  }

  deinit {
    if ticks > 0 {
      var count = 0
      var dropped: UInt = 0
      free(cshim_profile_end(&count, &dropped))
    }
  }
}
