import Foundation
import Testing

// The rules of the house that a compiler does not know, held against the files as they stand.

/// The package as files: read once, shared by all tests.
enum House {
  struct File: Sendable {
    /// From the package's root.
    let path: String
    let text: String
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var name: String { String(path.split(separator: "/").last ?? "") }
    var isGenerated: Bool { path.contains("/Generated/") }

    /// A search over bytes: in debug builds much faster than one by characters.
    func holds(_ part: String) -> Bool {
      text.withCString { text in part.withCString { strstr(text, $0) != nil } }
    }
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every text file of the package; build directories, tools' own directories and the fuzzers' inputs are left out.
  static let files: [File] = {
    let skipped: Set<String> = ["corpus", "bin", "Package.resolved"]
    guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
    var files: [File] = []
    for case let path as String in walk {
      let name = (path as NSString).lastPathComponent
      if skipped.contains(name) || name.hasPrefix(".build") || name == ".git" || name.hasSuffix(".etcd") {
        walk.skipDescendants()
        continue
      }
      var isDirectory: ObjCBool = false
      let full = root.appendingPathComponent(path)
      guard FileManager.default.fileExists(atPath: full.path, isDirectory: &isDirectory),
        !isDirectory.boolValue,
        let text = try? String(contentsOf: full, encoding: .utf8)
      else { continue }
      files.append(File(path: path, text: text))
    }
    return files.sorted { $0.path < $1.path }
  }()

  static var swift: [File] { files.filter { $0.path.hasSuffix(".swift") } }
  static var sources: [File] { swift.filter { $0.path.hasPrefix("Sources/") } }

  /// The rooms and where they stand.
  static let rooms: [(name: String, path: String)] = [
    ("Base", "Common/Base"), ("Wire", "Common/Wire"), ("Config", "Common/Config"), ("Event", "Common/Event"),
    ("TLS", "Common/TLS"), ("HTTP", "Common/HTTP"), ("Client", "Common/Client"), ("Discovery", "Discovery"),
    ("Raft", "Member/Raft"), ("Storage", "Member/Storage"), ("Machine", "Member/Machine"),
    ("Server", "Member/Server"), ("Proxy", "Proxy"),
  ]
  /// Bytes and values in, values out.
  static let pure: Set<String> = ["Base", "Wire", "HTTP", "Raft", "Machine"]

  static func files(of room: String) -> [File] {
    guard let path = rooms.first(where: { $0.name == room })?.path else { return [] }
    return sources.filter { $0.path.hasPrefix("Sources/\(path)/") }
  }

  /// The line without its comment, so that words in sentences do not count.
  static func code(_ line: Substring) -> Substring {
    guard let comment = line.range(of: "//") else { return line }
    return line[..<comment.lowerBound]
  }

  /// `path:line` of every line of code that `matches`, in files that hold one of `words` at all.
  static func places(_ files: [File], _ words: [String], _ matches: (Substring) -> Bool) -> [String] {
    files.filter { words.contains(where: $0.holds) }.flatMap { file in
      file.lines.enumerated().filter { matches(code($0.element)) }.map { "\(file.path):\($0.offset + 1)" }
    }
  }
}

@Suite struct HouseTests {
  @Test("the package is there to be read")
  func found() {
    #expect(House.sources.count > 200)
    for room in House.rooms { #expect(!House.files(of: room.name).isEmpty, "no files of \(room.name)") }
  }

  @Test("no file is longer than seven hundred lines")
  func length() {
    for file in House.sources where !file.isGenerated {
      #expect(file.lines.count <= 700, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test("Foundation is imported by etcdctl only")
  func foundation() {
    let others = House.sources.filter { !$0.path.hasPrefix("Sources/Common/etcdctl/") }
    #expect(House.places(others, ["Foundation"]) { $0.contains("import Foundation") } == [])
  }

  @Test("nothing is left for later")
  func markers() {
    // In pieces, so that this file may stand the test.
    let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
    let pattern = "\\b(" + words.joined(separator: "|") + ")\\b"
    for file in House.files where words.contains(where: file.holds) {
      for (number, line) in file.lines.enumerated() {
        let isMarked = line.range(of: pattern, options: .regularExpression) != nil
        #expect(!isMarked, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test("nothing is public: the rooms are for each other only")
  func access() {
    let words = try? Regex(
      "^\\s*(public|open)\\s+(var|let|func|struct|class|enum|protocol|init|final|static|extension)")
    #expect(words != nil)
    #expect(
      House.places(House.sources, ["public ", "open "]) { line in words.map { line.contains($0) } ?? false }
        == [])
  }

  @Test("no try is forced and no cast")
  func forced() {
    let found = House.places(House.sources, ["try" + "!", " as" + "! "]) {
      $0.contains("try" + "!") || $0.contains(" as" + "! ")
    }
    #expect(found == [])
  }

  @Test("no async code in the member: it has one loop")
  func async() {
    let others = House.sources.filter { !$0.path.hasPrefix("Sources/Common/etcdctl/") }
    #expect(
      House.places(others, [" async ", "await "]) { $0.contains(" async ") || $0.contains("await ") } == [])
  }

  @Test("unchecked sendability stands with its reason")
  func unchecked() {
    for file in House.sources {
      let lines = file.lines
      for (number, line) in lines.enumerated()
      where line.contains("@unchecked Sendable") && !line.contains("//") {
        let near = lines[max(0, number - 6)..<min(lines.count, number + 8)].filter { $0.contains("//") }
        #expect(!near.isEmpty, "\(file.path):\(number + 1) has no comment beside it")
      }
    }
  }
}
