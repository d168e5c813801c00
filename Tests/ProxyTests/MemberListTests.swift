import Base
import Glibc
import Proxy
import Testing

@Suite struct MemberListTests {
  private let body = """
    [{"id":2,"peerURLs":["http://10.0.0.2:2380"],"name":"b","clientURLs":["http://10.0.0.2:2379","http://10.0.0.1:2379"]},
     {"id":1,"peerURLs":["http://10.0.0.1:2380"],"name":"a","clientURLs":["http://10.0.0.1:2379"]},
     {"id":3,"peerURLs":["http://10.0.0.3:2380"]}]
    """

  @Test("URLs of all members, sorted, each once, also of members that have not started")
  func list() throws {
    let list = try MemberList(body: body.bytes, clusterHeader: "cdf818194e3a8c32")
    #expect(list.clientURLs.map(\.text) == ["http://10.0.0.1:2379", "http://10.0.0.2:2379"])
    #expect(
      list.peerURLs.map(\.text) == ["http://10.0.0.1:2380", "http://10.0.0.2:2380", "http://10.0.0.3:2380"])
    #expect(list.clusterID == 0xcdf8_1819_4e3a_8c32)
  }

  @Test(
    "answers that are no list are refused, with the reason",
    arguments: [
      ("[]", "1", "empty"), ("{}", "1", "no list"), ("<html>", "1", "no list"),
      ("[{}]", nil, "X-Etcd-Cluster-ID"),
      ("[{}]", "xyz", "X-Etcd-Cluster-ID"),
    ] as [(String, String?, String)])
  func refused(body: String, header: String?, word: String) {
    #expect(
      performing: { try MemberList(body: body.bytes, clusterHeader: header) },
      throws: { "\($0)".contains(word) })
  }
}

@Suite struct ClusterFileTests {
  private func scratch() -> String {
    var name = "/tmp/proxy-test-XXXXXX".utf8CString.map { $0 }
    mkdtemp(&name)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func put(_ text: String, in file: ClusterFile) {
    guard let stream = fopen(file.path, "w") else { return }
    fputs(text, stream)
    fclose(stream)
  }

  @Test("what is written is read, in the original's form and mode, and leaves nothing beside it")
  func roundTrip() throws {
    let file = ClusterFile(dataDirectory: scratch() + "/deep/data")
    try file.prepare()
    #expect(try file.read() == nil)
    let urls = [
      try EndpointURL(parsing: "http://10.0.0.1:2380"), try EndpointURL(parsing: "https://b.test:2380"),
    ]
    try file.write(urls)
    #expect(try file.read() == urls)
    var facts = stat()
    #expect(stat(file.path, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o600)
    let text = "{\"PeerURLs\":[\"http://10.0.0.1:2380\",\"https://b.test:2380\"]}"
    #expect(facts.st_size == text.utf8.count)
    #expect(stat(file.path + ".bak", &facts) != 0)
    #expect(stat(file.directory, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o700)
  }

  @Test(
    "a damaged file stops the start, and says how to go on",
    arguments: ["", "{", "[]", "{\"PeerURLs\":[]}", "{\"PeerURLs\":[\"x\"]}"])
  func damaged(text: String) throws {
    let file = ClusterFile(dataDirectory: scratch())
    try file.prepare()
    put(text, in: file)
    #expect(performing: { try file.read() }, throws: { "\($0)".contains("remove it to find the cluster") })
  }
}
