import Golden
import Testing

/// The scripts that come with the Go core, as installed by the package `golang-etcd-server-dev`.
enum GoScripts {
  static let root = "/usr/share/gocode/src/go.etcd.io/etcd/raft"

  /// The scripts of a folder; none, with a notice, where the package is not installed.
  static func paths(in folder: String) -> [String] {
    guard let files = Transcript.files(in: "\(root)/\(folder)") else {
      print("notice: \(root)/\(folder) is not installed; its scripts are skipped")
      return []
    }
    return files.map { "\(root)/\(folder)/\($0)" }
  }

  /// Runs one script and fails at its first difference.
  static func run(_ path: String, _ handle: (TranscriptStep) -> String) {
    guard let text = Transcript.text(of: path), let steps = Transcript.parse(text), !steps.isEmpty else {
      Issue.record("\(path) cannot be read as a transcript")
      return
    }
    if let difference = Transcript.run(steps, handle) { Issue.record("\(path) \(difference)") }
  }
}
