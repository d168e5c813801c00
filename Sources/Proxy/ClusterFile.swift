import Base
import CShim
import Event
import Glibc

/// `DATA/proxy/cluster`: the peer URLs that were last known, `{"PeerURLs":["http://..."]}`, for the next start.
///
/// Written beside, synced and renamed, mode 0600. As etcd 3.4: etcdmain/etcd.go, startProxy.
package struct ClusterFile: Sendable {
  package let directory: String
  package var path: String { directory + "/cluster" }

  package init(dataDirectory: String) { directory = dataDirectory + "/proxy" }

  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Makes the directory, mode 0700, and makes sure that it can be written.
  package func prepare() throws(Failure) {
    var made = directory.hasPrefix("/") ? "/" : ""
    for part in directory.split(separator: "/") {
      made += part
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw failure("mkdir", made) }
      made += "/"
    }
    let probe = directory + "/.touch"
    try write([], to: probe)
    unlink(probe)
  }

  /// The peer URLs of the file; nil where there is none.
  package func read() throws(Failure) -> [EndpointURL]? {
    let descriptor = cshim_open(path, O_RDONLY | O_CLOEXEC, 0)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    var bytes = Bytes()
    var chunk = Bytes(repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { break }
      bytes += chunk[..<count]
      if bytes.count > Limits.proxyClusterFileBytes {
        throw Failure(description: "\(path) is longer than \(Limits.proxyClusterFileBytes) bytes: \(advice)")
      }
    }
    return try Self.parse(bytes, path, advice)
  }

  private var advice: String { "remove it to find the cluster by --initial-cluster or discovery again" }

  private static func parse(_ bytes: Bytes, _ path: String, _ advice: String) throws(Failure) -> [EndpointURL] {
    let json: JSONValue
    do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch {
      throw Failure(description: "\(path) is damaged (\(error)): \(advice)")
    }
    guard let texts = json["PeerURLs"]?.strings, !texts.isEmpty else {
      throw Failure(description: "\(path) names no peer URLs: \(advice)")
    }
    var urls: [EndpointURL] = []
    for text in texts {
      do throws(EndpointURL.Failure) { urls.append(try EndpointURL(parsing: text)) } catch {
        throw Failure(description: "\(path) is damaged (\(error.text)): \(advice)")
      }
    }
    return urls
  }

  static func content(_ urls: [EndpointURL]) -> Bytes {
    JSONValue.object([.init("PeerURLs", .array(urls.map { .string($0.text) }))]).serialized()
  }

  /// Waits for the disk: not for the loop.
  package func write(_ urls: [EndpointURL]) throws(Failure) {
    let beside = path + ".bak"
    try write(Self.content(urls), to: beside)
    guard rename(beside, path) == 0 else { throw failure("rename", path) }
  }

  private func write(_ content: Bytes, to file: String) throws(Failure) {
    let descriptor = cshim_open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("open", file) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, content, content.count) == content.count, fsync(descriptor) == 0 else {
      throw failure("write", file)
    }
  }

  private func failure(_ action: String, _ path: String) -> Failure {
    Failure(description: "\(action) \(path): \(systemText(errno))")
  }
}
