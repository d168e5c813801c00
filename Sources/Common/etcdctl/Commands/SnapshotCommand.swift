import Base
import Client
import Event
import Glibc
import Storage
import Wire

// snapshot. As etcd 3.4: etcdctl/ctlv3/command/snapshot_command.go and clientv3/snapshot.

extension Command {
  static let snapshot: Command = Command(
    use: "snapshot <subcommand>", short: "Manages etcd node snapshots",
    commands: [
      Command(
        use: "save <filename>", short: "Stores an etcd node backend snapshot to a given file", run: save),
      Command(
        use: "restore <filename> [options]",
        short: "Restores an etcd member snapshot to an etcd directory",
        flags: [
          .text("data-dir", "Path to the data directory"),
          .text("wal-dir", "Path to the WAL directory (use --data-dir if none given)"),
          .text(
            "initial-cluster", "Initial cluster configuration for restore bootstrap",
            standard: "default=http://localhost:2380"),
          .text(
            "initial-cluster-token",
            "Initial cluster token for the etcd cluster during restore bootstrap", standard: "etcd-cluster"
          ),
          .text(
            "initial-advertise-peer-urls",
            "List of this member's peer URLs to advertise to the rest of the cluster",
            standard: "http://localhost:2380"),
          .text("name", "Human-readable name for this member", standard: "default"),
          .bool(
            "skip-hash-check",
            "Ignore snapshot integrity hash value (required if copied from data directory)"),
          .integer("bump-revision", "How much to add to the newest revision, so that none is given out again"),
          .bool(
            "mark-compacted",
            "Mark everything up to the bumped revision as compacted (goes with --bump-revision)"),
        ], run: restore),
      Command(
        use: "status <filename>", short: "Gets backend snapshot status of a given file",
        long:
          "When --write-out is set to simple, this command prints out comma-separated status lists for each "
          + "endpoint.\nThe items in the lists are hash, revision, total keys, total size.", run: status),
    ])
}

private func status(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count == 1 else {
    throw .badArguments("snapshot status requires exactly one argument")
  }
  let printer = try invocation.printer()
  let path = invocation.arguments[0].text
  if access(path, F_OK) != 0 { throw Failure(.error, "stat \(path): \(systemText(errno))") }
  let status: SnapshotStatus
  do throws(SnapshotError) { status = try SnapshotFile(path: path).status() } catch {
    throw Failure(.error, error.description)
  }
  try printer.snapshot(status)
}

private func restore(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count == 1 else {
    throw .badArguments("snapshot restore requires exactly one argument")
  }
  let restoring = try Restore(path: invocation.arguments[0].text, invocation.flags)
  try restoring.run { Notices.info("snapshot/restore", $0, $1, at: invocation.loop.wallNanoseconds) }
}

private func save(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count == 1 else { throw .badArguments("snapshot save expects one argument") }
  let path = invocation.arguments[0].text
  let endpoints = try invocation.endpoints()
  _ = try invocation.printer()
  guard endpoints.count == 1 else {
    throw Failure(
      .interrupted,
      "snapshot must be requested to one selected node, not multiple [\(endpoints.joined(separator: " "))]")
  }
  let client: Client
  do throws(Failure) { client = try invocation.client() } catch {
    throw error.code == .badConnection ? Failure(.interrupted, error.text) : error
  }
  let download = try Download(path)
  defer { download.discard() }
  let tell = { (text: String, details: [(String, String)]) in
    Notices.info("snapshot/save", text, details, at: invocation.loop.wallNanoseconds)
  }
  tell("created temporary db file", [("path", download.part)])
  // Without the flag there is no end: a store may be large.
  let deadline = invocation.flags.isChanged("command-timeout") ? invocation.deadline : nil
  let start = invocation.loop.now
  tell("fetching snapshot", [("endpoint", endpoints[0])])
  try download.fetch(invocation, client, deadline)
  try download.finish()
  let took = GoDuration.text(invocation.loop.now - start)
  tell(
    "fetched snapshot",
    [("endpoint", endpoints[0]), ("size", sizeText(Int64(download.size))), ("took", took)])
  tell("saved", [("path", path)])
  Output.line("Snapshot saved at \(path)")
}

/// A snapshot on its way into a file: beside its place until it is whole.
private final class Download {
  let path: String
  let part: String
  private(set) var size = 0
  private var descriptor: Int32
  private var problem: String?
  private let progress = Progress(isShown: Progress.isWanted())

  init(_ path: String) throws(Failure) {
    self.path = path
    part = path + ".part"
    descriptor = Glibc.open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(.interrupted, "could not open \(part) (open \(part): \(systemText(errno)))")
    }
  }

  func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unlink(part)
  }

  /// Asks again as long as nothing has come and a member may be back.
  func fetch(_ invocation: Invocation, _ client: Client, _ deadline: Instant?) throws(Failure) {
    while true {
      let failure = invocation.wait { (done: @escaping (RPCFailure?) -> Void) in
        let stream = client.open(
          EtcdRPC.snapshot, RPCOptions(deadline: deadline),
          onMessage: { [self] in append($0, at: invocation.loop.now) },
          onEnd: done)
        stream.send(SnapshotRequest())
        stream.finish()
      }
      progress.clear()
      if let problem { throw Failure(.interrupted, problem) }
      guard let failure else { return }
      guard size == 0, failure.status.code == .unavailable, !failure.isPastDeadline else {
        throw Failure(.interrupted, failure.description)
      }
    }
  }

  private func append(_ message: UnsafeRawBufferPointer, at now: Instant) {
    guard problem == nil else { return }
    guard let reply = try? SnapshotResponse(decoding: message) else {
      problem = "the snapshot cannot be read"
      return
    }
    var sent = 0
    while sent < reply.blob.count {
      let count = reply.blob[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        problem = "write \(part): \(systemText(errno))"
        return
      }
      sent += count
    }
    size += reply.blob.count
    let total = Int64(size) + Int64(clamping: reply.remainingBytes)
    progress.show(at: now) { "\(sizeText(Int64(size))) of \(sizeText(total))" }
  }

  func finish() throws(Failure) {
    guard size % 512 == 32 else {
      throw Failure(.interrupted, "sha256 checksum not found [bytes: \(size)]")
    }
    guard fsync(descriptor) == 0 else {
      throw Failure(.interrupted, "fsync \(part): \(systemText(errno))")
    }
    guard rename(part, path) == 0 else {
      throw Failure(.interrupted, "could not rename \(part) to \(path) (\(systemText(errno)))")
    }
  }
}
