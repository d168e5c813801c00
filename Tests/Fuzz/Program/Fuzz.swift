// The program over the targets: `replay` runs the corpus, `run` mutates without libFuzzer, `seed` writes the inputs
// to start from. Built with -D LIBFUZZER and -sanitize=fuzzer it is a libFuzzer binary instead; see Tests/Fuzz/run.sh.
import Base
import FuzzTargets
import Glibc

#if LIBFUZZER
  /// The target named by FUZZ_TARGET, looked up once.
  private let chosen: FuzzTarget = {
    guard let name = getenv("FUZZ_TARGET"), let target = FuzzTarget.named(String(cString: name)) else {
      broken("FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name))")
    }
    return target
  }()

  @_cdecl("LLVMFuzzerTestOneInput")
  func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    chosen.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
  }

  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
  ) -> CInt

  private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// SwiftPM links the program's entry under this name, so libFuzzer's own `main` is not taken.
  @_cdecl("fuzz_main")
  func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { testOneInput($0, $1) }
  }
#else
  @main enum Fuzz {
    static func main() {
      let arguments = Array(CommandLine.arguments.dropFirst())
      let corpus = option("--corpus", arguments) ?? "Tests/Fuzz/corpus"
      switch arguments.first {
      case "replay": replay(corpus)
      case "seed": seed(corpus)
      case "targets": for target in FuzzTarget.all { print(target.name, target.longest) }
      case "run" where arguments.count > 1: run(arguments[1], arguments, corpus)
      default:
        print("usage: fuzz replay | seed | targets | run TARGET [--seconds N] [--seed S] [--corpus DIRECTORY]")
        exit(2)
      }
    }

    private static func option(_ name: String, _ arguments: [String]) -> String? {
      guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
      return arguments[place + 1]
    }

    private static func replay(_ corpus: String) {
      for target in FuzzTarget.all {
        let inputs = Files.inputs(in: "\(corpus)/\(target.name)")
        for input in inputs {
          Witness.watch(target.name, input.bytes)
          input.bytes.withUnsafeBytes(target.run)
        }
        print("\(target.name): \(inputs.count) inputs")
      }
    }

    private static func seed(_ corpus: String) {
      for target in FuzzTarget.all {
        let directory = "\(corpus)/\(target.name)"
        mkdir(directory, 0o755)
        for seed in target.seeds() { Files.write(seed.bytes, to: "\(directory)/seed-\(seed.name)") }
      }
    }

    private static func run(_ name: String, _ arguments: [String], _ corpus: String) {
      guard let target = FuzzTarget.named(name) else {
        print("no target \(name)")
        exit(2)
      }
      let seconds = option("--seconds", arguments).flatMap(Int.init) ?? 10
      let seed = option("--seed", arguments).flatMap(UInt64.init) ?? 1
      let inputs = Files.inputs(in: "\(corpus)/\(name)").map(\.bytes) + target.seeds().map(\.bytes)
      var mutator = Mutator(seed: seed, longest: target.longest)
      let end = time(nil) + seconds
      var rounds = 0
      while time(nil) < end {
        let input = mutator.next(from: inputs)
        Witness.watch(name, input)
        input.withUnsafeBytes(target.run)
        rounds += 1
      }
      print("\(name): \(rounds) executions, seed \(seed)")
    }
  }

  /// The input under test, written to a file when the process dies of it.
  private enum Witness {
    private nonisolated(unsafe) static var input = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private nonisolated(unsafe) static var path: UnsafeMutablePointer<CChar>?

    static func watch(_ target: String, _ bytes: Bytes) {
      if path == nil {
        for cause in [SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] { signal(cause) { Witness.save($0) } }
      }
      free(path)
      path = strdup("crash-\(target)")
      input.deallocate()
      input = .allocate(byteCount: bytes.count, alignment: 1)
      input.copyBytes(from: bytes)
    }

    private static func save(_ cause: CInt) {
      if let path {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = write(file, input.baseAddress, input.count)
        close(file)
      }
      signal(cause, SIG_DFL)
      raise(cause)
    }
  }

  private enum Files {
    static func inputs(in directory: String) -> [(name: String, bytes: Bytes)] {
      guard let listing = opendir(directory) else { return [] }
      defer { closedir(listing) }
      var names: [String] = []
      while let entry = readdir(listing) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(utf8: $0.prefix { $0 != 0 }) }
        if !name.hasPrefix(".") { names.append(name) }
      }
      return names.sorted().map { ($0, read("\(directory)/\($0)")) }
    }

    private static func read(_ path: String) -> Bytes {
      guard let file = fopen(path, "r") else { return [] }
      defer { fclose(file) }
      var bytes = Bytes(repeating: 0, count: 1 << 20)
      bytes.removeSubrange(fread(&bytes, 1, bytes.count, file)...)
      return bytes
    }

    static func write(_ bytes: Bytes, to path: String) {
      guard let file = fopen(path, "w") else { return print("cannot write \(path)") }
      _ = fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
  }
#endif
