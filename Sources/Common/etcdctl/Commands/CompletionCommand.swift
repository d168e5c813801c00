import Base

// completion: scripts for shells, made from the table of commands.

extension Command {
  static let completion: Command = Command(
    use: "completion", short: "Generate the autocompletion script for the specified shell",
    commands: [
      Command(
        use: "bash", short: "Generate the autocompletion script for bash",
        long: "Prints a script for bash. To have it in this shell: source <(etcdctl completion bash)"
      ) { _ throws(Failure) in
        Output.write(Completion.bash(CommandTable.root))
      }
    ])
}

enum Completion {
  /// One `case` for each command: its subcommands and flags as candidates.
  static func bash(_ root: Command) -> String {
    """
    # bash completion for etcdctl
    _etcdctl() {
      local current="${COMP_WORDS[COMP_CWORD]}" path="" word
      for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in
          -*) ;;
          *) path="${path:+$path }$word" ;;
        esac
      done
      while :; do
        case "$path" in
    \(cases(CommandPath(root), ""))
          *)
            if [[ "$path" == *" "* ]]; then path="${path% *}"; else path=""; fi
            continue
            ;;
        esac
        break
      done
    }
    complete -o default -F _etcdctl etcdctl

    """
  }

  private static func cases(_ path: CommandPath, _ name: String) -> String {
    let children = path.command.commands.filter { !$0.isHidden }.sorted { $0.name < $1.name }
    let flags = path.allFlags.map { "--\($0.name)" }.sorted()
    let candidates = (children.map(\.name) + flags).joined(separator: " ")
    let own = "      \"\(name)\") COMPREPLY=($(compgen -W \"\(candidates)\" -- \"$current\")) ;;"
    let below = children.map { child in
      cases(path.appending(child), name.isEmpty ? child.name : "\(name) \(child.name)")
    }
    return ([own] + below).joined(separator: "\n")
  }
}
