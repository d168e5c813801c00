import Foundation
import Testing

@Suite struct RoomTests {
  @Test(
    "a C library is spoken to in one room",
    arguments: [
      ("CLibevent", ["Sources/Common/Event/"]), ("CNghttp2", ["Sources/Common/HTTP/"]),
      ("COpenSSL", ["Sources/Common/TLS/", "Sources/Member/Storage/"]), ("CLibcurl", ["Sources/Discovery/"]),
      ("CLMDB", ["Sources/Member/Storage/Backend/"]), ("CLibyaml", ["Sources/Common/Config/"]),
      ("CCrypt", ["Sources/Member/Server/"]),
    ])
  func libraries(library: String, rooms: [String]) {
    for file in House.sources
    where file.lines.contains(where: { House.code($0).hasSuffix("import \(library)") }) {
      #expect(rooms.contains { file.path.hasPrefix($0) }, "\(file.path) imports \(library)")
    }
  }

  @Test("pure rooms read no clock, draw no chance, open nothing", arguments: House.pure.sorted())
  func purity(room: String) {
    let words = [
      "clock_gettime", "gettimeofday", "cshim_monotonic_now", "cshim_realtime_now", "ContinuousClock",
      "SystemRandomNumberGenerator", ".random(in:", ".randomElement()", ".shuffled()", "getenv(", "fopen(",
      "cshim_open", "socket(", "usleep(",
    ]
    let files = House.files(of: room)
    for word in words { #expect(House.places(files, [word]) { $0.contains(word) } == [], "\(word)") }
    // The one place where a thread may be made is Base's own type for it.
    let others = files.filter { $0.name != "Thread.swift" }
    #expect(
      House.places(others, [" Thread(", "pthread_create"]) {
        $0.contains(" Thread(") || $0.contains("pthread_create")
      } == [])
  }

  @Test(
    "every room has its page: what it is for, what it may touch, what it never does",
    arguments: House.rooms.map(\.name))
  func page(room: String) throws {
    let files = House.files(of: room)
    let page = try #require(files.first { $0.name == "\(room).swift" }, "no \(room).swift")
    // A room that nobody has moved into has nothing to say yet.
    if files.count == 1, page.lines.count <= 2 { return }
    let start = page.lines.firstIndex { $0.hasPrefix("// \(room): ") }
    let first = try #require(start, "\(page.path) does not begin with `// \(room): `")
    let comment = page.lines[first...].prefix { $0.hasPrefix("//") }
    #expect(comment.count >= 3, "the page of \(room) is \(comment.count) lines long")
  }

  @Test("every bound is used by somebody")
  func limits() throws {
    let homes = House.files(of: "Base").filter { $0.name.hasPrefix("Limits") }
    #expect(!homes.isEmpty)
    let pattern = try Regex<(Substring, Substring)>(
      "static let ([a-zA-Z0-9]+)", as: (Substring, Substring).self)
    let all = House.File(path: "", text: House.sources.map(\.text).joined())
    for home in homes {
      for line in home.lines {
        guard let name = line.firstMatch(of: pattern)?.output.1 else { continue }
        #expect(all.holds("Limits.\(name)"), "\(home.path): \(name) is used nowhere")
      }
    }
  }

  @Test("a bound stands with its reason")
  func reasons() {
    for home in House.files(of: "Base") where home.name.hasPrefix("Limits") {
      let lines = home.lines
      for (number, line) in lines.enumerated() where number > 0 && line.contains("static let ") {
        // Two bounds may share the reason above them.
        let above = lines[number - 1]
        #expect(above.contains("///") || above.contains("static let "), "\(home.path):\(number + 1)")
      }
    }
  }
}
