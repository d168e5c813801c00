import Base

// completion: scripts for shells. They hold no table of their own: at each press of the key they ask `etcdctl
// __complete`, which answers from the table of commands.

extension Command {
  static let completion: Command = Command(
    use: "completion", short: "Generate the autocompletion script for the specified shell",
    commands: Completion.Shell.allCases.map { shell in
      Command(
        use: shell.rawValue, short: "Generate the autocompletion script for \(shell.rawValue)",
        long: "Prints a script for \(shell.rawValue). To have it in this shell: \(shell.loading)",
        flags: shell == .bash ? [] : [.bool("no-descriptions", "complete without telling what things are")]
      ) { invocation throws(Failure) in
        let isTold = shell != .bash && !invocation.flags.bool("no-descriptions")
        Output.write(shell.script(isTold ? shell.rawValue : "bash"))
      }
    })
}

enum Completion {
  enum Shell: String, CaseIterable, Sendable {
    case bash, fish, zsh

    var loading: String {
      switch self {
      case .bash: "source <(etcdctl completion bash)"
      case .fish: "etcdctl completion fish | source"
      case .zsh: "source <(etcdctl completion zsh)"
      }
    }

    /// `form` is how `__complete` answers: `bash` without descriptions, the others as the shell takes them.
    func script(_ form: String) -> String {
      switch self {
      case .bash: bashScript
      case .fish: fishScript(form)
      case .zsh: zshScript(form)
      }
    }
  }

  /// `etcdctl __complete FORM WORD…`: candidates for the last word, one a line; the line `:files` asks the shell for
  /// names of files.
  static func answer(_ words: [Argument]) {
    guard let form = words.first?.text else { return }
    let answer = Completer(CommandTable.root).complete(words.dropFirst().map(\.text))
    for candidate in answer.candidates { Output.line(line(candidate, form)) }
    if answer.wantsFiles { Output.line(":files") }
  }

  private static func line(_ candidate: Completer.Candidate, _ form: String) -> String {
    if candidate.about.isEmpty { return form == "zsh" ? escaped(candidate.text) : candidate.text }
    switch form {
    case "zsh": return escaped(candidate.text) + ":" + candidate.about
    case "fish": return candidate.text + "\t" + candidate.about
    default: return candidate.text
    }
  }

  /// A colon would end the word.
  private static func escaped(_ text: String) -> String { text.replacing(":", with: "\\:") }
}

/// Bash takes words apart at `=`; they are put together again, and of the answers only what stands behind it is given.
private let bashScript = #"""
  # bash completion for etcdctl
  _etcdctl() {
    local words=() word last= line
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
      if [[ ${#words[@]} -gt 0 && ( $word == = || $last == = ) ]]; then
        words[${#words[@]}-1]+=$word
      else
        words+=("$word")
      fi
      last=$word
    done
    COMPREPLY=()
    while IFS= read -r line; do
      if [[ $line == :files ]]; then
        compopt -o default 2>/dev/null
      else
        [[ $line == -*=* ]] && line=${line#*=}
        COMPREPLY+=("$line")
      fi
    done < <(ETCDCTL_API=3 "${COMP_WORDS[0]}" __complete bash "${words[@]}" 2>/dev/null)
    return 0
  }
  complete -F _etcdctl etcdctl

  """#

private func zshScript(_ form: String) -> String {
  #"""
  #compdef etcdctl
  # zsh completion for etcdctl
  _etcdctl() {
    local line files=
    local -a candidates
    while IFS= read -r line; do
      if [[ $line == :files ]]; then
        files=yes
      else
        candidates+=("$line")
      fi
    done < <(ETCDCTL_API=3 ${words[1]} __complete \#(form) "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#candidates} )) && _describe etcdctl candidates
    [[ -n $files ]] && _files
    return 0
  }
  if [[ ${funcstack[1]-} == _etcdctl ]]; then _etcdctl "$@"; else compdef _etcdctl etcdctl; fi

  """#
}

private func fishScript(_ form: String) -> String {
  #"""
  # fish completion for etcdctl
  function __etcdctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in (env ETCDCTL_API=3 $program __complete \#(form) $words "$current" 2>/dev/null)
      if test "$line" = :files
        __fish_complete_path "$current"
      else
        printf '%s\n' $line
      end
    end
  end
  complete -c etcdctl -f -a '(__etcdctl_complete)'

  """#
}
