import Base
import Foundation
import Testing

@testable import Config

/// The files that are shipped under `configs`, which people copy.
@Suite struct ShippedFileTests {
  private static let house = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: Self.house.appending(path: name)), as: UTF8.self)
  }

  /// `ETCD_REWRITE_GOLDENS=1 swift test --filter ShippedFileTests` writes it anew.
  @Test(
    "Sample file and page of flags are those that the table makes",
    arguments: [("configs/etcd.conf.yml", SampleFile.text), ("docs/flags.md", ReferencePage.text)])
  func isCurrent(name: String, made: String) throws {
    if ProcessInfo.processInfo.environment["ETCD_REWRITE_GOLDENS"] == "1" {
      try Data(made.utf8).write(to: Self.house.appending(path: name))
    }
    #expect(try text(name) == made)
  }

  @Test("The sample file loads and changes nothing")
  func loads() throws {
    let file = try text("configs/etcd.conf.yml")
    let read = try settings(["--config-file", "f"], file: file)
    for flag in Flag.all where flag.group != .front && flag.name != "data-dir" {
      #expect(flag.text(of: read) == flag.text(of: .defaults), "\(flag.name)")
    }
    #expect(
      try notes(["--config-file", "f"], file: file).allSatisfy {
        !$0.contains("ignored;") && !$0.contains("unknown")
      })
  }

  @Test("Every flag that a file may hold stands in the sample file")
  func isComplete() throws {
    let lines = try text("configs/etcd.conf.yml").split(separator: "\n")
    for flag in Flag.all where flag.file != .none {
      let key =
        switch flag.file {
        case .client(let inner), .peer(let inner): "  \(inner):"
        default: "\(flag.name):"
        }
      #expect(
        lines.contains { $0.replacing("#", with: "").hasPrefix(key) || $0.hasPrefix(key) }, "\(flag.name)")
    }
  }

  @Test("The variables file names variables that exist, and a member starts with them")
  func variables() throws {
    let lines = try text("configs/etcd.env").split(separator: "\n").map(String.init)
    let set = lines.filter { !$0.hasPrefix("#") }
    #expect(!set.isEmpty)
    let read = try settings([], environment: set)
    #expect(read.name == "m1")
    for line in lines {
      let entry = line.hasPrefix("#ETCD_") ? String(line.dropFirst()) : line
      guard entry.hasPrefix("ETCD_") else { continue }
      let name = entry.prefix { $0 != "=" }
      #expect(Flag.all.contains { $0.variable == name }, "\(name)")
    }
  }

  @Test("The three members' files load, name each other and agree")
  func threeMembers() throws {
    for name in ["m1", "m2", "m3"] {
      let read = try settings(["--config-file", "f"], file: try text("configs/cluster/\(name).yml"))
      #expect(read.name == name)
      let cluster = try InitialCluster(parsing: read.initialCluster)
      #expect(cluster.members.keys.sorted() == ["m1", "m2", "m3"])
      try cluster.checkDuplicates()
      try cluster.checkAdvertised(read.advertisePeerURLs, name: name, resolve: { $0 })
    }
  }

  @Test("The certificate requests are JSON with the profiles of the guide")
  func requests() throws {
    func json(_ name: String) throws -> [String: Any] {
      let data = Data(try text("configs/pki/\(name)").utf8)
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    let signing = try #require(try json("ca-config.json")["signing"] as? [String: Any])
    let profiles = try #require(signing["profiles"] as? [String: Any])
    #expect(profiles.keys.sorted() == ["client", "peer", "server"])
    for name in ["ca-csr.json", "server.json", "client.json", "peer.json"] {
      #expect(try json(name)["CN"] != nil)
    }
  }
}
