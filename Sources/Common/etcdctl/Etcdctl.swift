import Base

/// From the words of a command line to an exit code.
enum Etcdctl {
  static func run(_ words: [Argument]) -> Int32 {
    if words.first?.text == "__complete" {
      Completion.answer(Array(words.dropFirst()))
      Output.flush()
      return 0
    }
    let code = execute(words)
    Output.flush()
    return code
  }

  private static func execute(_ words: [Argument]) -> Int32 {
    switch CommandLineParser.parse(words, root: CommandTable.root) {
    case .help(let path):
      Output.write(Help.page(for: path))
      return 0
    case .unknown(let text):
      Output.errorLine("Error: \(text)\nRun 'etcdctl --help' for usage.")
      Output.errorLine("Error: \(text)")
      return ExitCode.error.rawValue
    case .misused(let path, let text):
      // Twice, as the original: once by its parser and once by its caller.
      Output.errorLine("Error: \(text)")
      Output.write(Help.page(for: path))
      Output.errorLine("\nError: \(text)")
      return ExitCode.error.rawValue
    case .run(let path, let flags, let arguments):
      return run(Invocation(path, flags, arguments, words: words))
    }
  }

  private static func run(_ invocation: Invocation) -> Int32 {
    do throws(Failure) {
      try invocation.path.command.run?(invocation)
      return 0
    } catch {
      if !error.text.isEmpty { Output.errorLine("Error: \(error.text)") }
      return error.code.rawValue
    }
  }
}
