import Foundation
import Testing

@Suite struct PageTests {
  @Test("every relative link of every page leads somewhere")
  func links() throws {
    let pattern = try Regex<(Substring, Substring)>(
      "\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)", as: (Substring, Substring).self)
    let pages = House.files.filter { $0.path.hasSuffix(".md") }
    #expect(!pages.isEmpty)
    for page in pages {
      let directory = House.root.appendingPathComponent(page.path).deletingLastPathComponent()
      for match in page.text.matches(of: pattern) {
        let target = String(match.output.1)
        if target.contains("://") || target.hasPrefix("mailto:") { continue }
        let path = directory.appendingPathComponent(target).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: path), "\(page.path) links to \(target)")
      }
    }
  }

  @Test("no file knows the machine it was written on")
  func paths() {
    // In pieces, so that this file may stand the test.
    let patterns = ["/wo" + "rk/", "/tmp/" + "w/", "/ho" + "me/[a-z]", "/ro" + "ot/", "/Us" + "ers/"]
    for file in House.files {
      for pattern in patterns where file.holds(String(pattern.prefix { $0 != "[" })) {
        let found = file.text.range(of: "(^|[\\s\"'`(=:])" + pattern, options: .regularExpression) != nil
        #expect(!found, "\(file.path) names a path below \(pattern)")
      }
    }
  }

  @Test("files end with one line end, sources hold no tabs")
  func tidiness() {
    for file in House.swift {
      #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
      let hasTab = file.path.hasPrefix("Sources/") && file.holds("\t")
      #expect(!hasTab, "\(file.path) holds a tab")
    }
  }
}
