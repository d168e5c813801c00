import Base
import CShim
import Event
import Glibc

/// A thread of this process, as the kernel lists it.
struct ProcessThread {
  let id: Int32

  static var all: [ProcessThread] {
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var threads: [ProcessThread] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(utf8: $0.prefix { $0 != 0 }) }
      if let id = Int32(name) { threads.append(ProcessThread(id: id)) }
    }
    return threads
  }

  var name: String {
    String(utf8: Self.contents(of: "/proc/self/task/\(id)/comm")).split(separator: "\n").first.map(String.init)
      ?? ""
  }

  /// `S`, `R` and so on, and the seconds of processor time: fields 3, 14 and 15 of proc(5).
  var state: (letter: String, seconds: Double) {
    let text = String(utf8: Self.contents(of: "/proc/self/task/\(id)/stat"))
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12 else { return ("?", 0) }
    let ticks = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
    return (String(fields[0]), ticks / Double(max(1, sysconf(Int32(_SC_CLK_TCK)))))
  }

  /// A file of /proc, whose size is not known before it is read; empty where it cannot be.
  static func contents(of path: String) -> Bytes {
    let descriptor = cshim_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var all = Bytes()
    var buffer = Bytes(repeating: 0, count: 16 * 1024)
    while all.count < Limits.processFileBytes {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      all += buffer[..<count]
    }
    return all
  }
}

/// What every thread of the process does at one moment. The threads are asked, and given a few milliseconds to answer.
final class ThreadDump {
  private let threads = Array(ProcessThread.all.prefix(Limits.dumpedThreads))
  private var timer: Timer?

  init(_ loop: EventLoop, _ done: @escaping (String) -> Void) {
    for (slot, thread) in threads.enumerated() { _ = cshim_stack_ask(Int32(slot), thread.id) }
    let timer = Timer(loop) { [self] in done(text) }
    timer.once(after: Limits.dumpTime)
    self.timer = timer
  }

  private var text: String {
    timer = nil
    var text = "\(threads.count) threads\n"
    for (slot, thread) in threads.enumerated() {
      let state = thread.state
      text +=
        "\nthread \(thread.id) \(goQuoted(thread.name)) [\(state.letter)], \(state.seconds) s of processor time:\n"
      text += frames(slot)
    }
    return text
  }

  private func frames(_ slot: Int) -> String {
    var stack = cshim_stack()
    guard cshim_stack_take(Int32(slot), &stack) == 1 else { return "\tin the kernel, it does not answer\n" }
    return withUnsafeBytes(of: &stack.frames) { memory in
      memory.bindMemory(to: UInt64.self).prefix(Int(stack.depth)).map { address in
        "\t0x\(String(address, radix: 16)) \(CodePlace(address)?.text ?? "")\n"
      }.joined()
    }
  }
}
