import Base
import Foundation
import FuzzTargets
import Testing

/// A trap ends the test process: the last line printed names the target, and `fuzz run` with the same seed finds the
/// input again and keeps it.
@Suite(.serialized) struct FuzzTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzz/corpus")

  @Test("every input of the corpus goes through its target", arguments: FuzzTarget.all.map(\.name))
  func replay(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let directory = Self.corpus.appendingPathComponent(name)
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(!files.isEmpty)
    for file in files {
      let bytes = try Data(contentsOf: directory.appendingPathComponent(file))
      #expect(bytes.count <= target.longest, "\(file) is longer than the target takes")
      bytes.withUnsafeBytes(target.run)
    }
  }

  @Test(
    "a few hundred seeded changes of the seeds go through each target", arguments: FuzzTarget.all.map(\.name))
  func mutations(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    print("fuzz: \(name), seed 1")
    var mutator = Mutator(seed: 1, longest: target.longest)
    let seeds = target.seeds().map(\.bytes)
    for _ in 0..<300 { mutator.next(from: seeds).withUnsafeBytes(target.run) }
  }

  @Test("the corpus holds a directory for each target, and stays small")
  func corpusIsTidy() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path).filter {
      !$0.hasPrefix(".")
    }
    #expect(Set(names) == Set(FuzzTarget.all.map(\.name)))
    var total = 0
    for name in names {
      let directory = Self.corpus.appendingPathComponent(name)
      let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(files.count <= 220, "\(name) has \(files.count) inputs: merge them")
      for file in files { total += try Data(contentsOf: directory.appendingPathComponent(file)).count }
    }
    #expect(total < 1 << 20)
  }
}
