import Base
import Config
import Doors
import Event
import Machine
import Raft
import Wire

// The member makes itself known: its name and client URLs, and the cluster's version.

extension Member {
  /// Once there is a leader: name and client URLs, until they are applied. Then clients are let in.
  /// A member alone decides the version itself at once; in a cluster the leader looks at all members first.
  /// As etcd 3.4: etcdserver/server.go, publish and updateClusterVersion.
  func publishIfDue() {
    guard node.lead != 0, !isPublished, !isPublishing, machine.roster[id] != nil else { return }
    isPublishing = true
    let urls = settings.advertiseClientURLs.map(\.text)
    let record = MemberRecord(id: id, peerURLs: [], name: settings.name, clientURLs: urls)
    put(path: RosterPath.attributes(id), value: record.attributesJSON) { [unowned self] answer in
      isPublishing = false
      if case .failed(let status) = answer { return publishFailed(status) }
      isPublished = true
      log(
        .info,
        "published {Name:\(settings.name) ClientURLs:[\(urls.joined(separator: " "))]} to cluster \(clusterID.hex)"
      )
      becomeReady()
    }
    guard isLeader, machine.roster.version == nil, machine.roster.members.count == 1 else { return }
    log(.info, "setting up the initial cluster version to \(etcdClusterVersion.dropLast(2))")
    put(path: RosterPath.version, value: etcdClusterVersion) { [unowned self] answer in
      if case .failed = answer { return }
      let version = etcdClusterVersion.dropLast(2)
      log.named("etcdserver/membership")(.notice, "set the initial cluster version to \(version)")
      log.named("etcdserver/api")(.info, "enabled capabilities for version \(version)")
    }
  }

  private func publishFailed(_ status: RPCStatus) {
    guard !isStopping else { return }
    log(.warning, "failed to publish local member to cluster: \(status.message); trying again")
  }

  func put(path: String, value: String, _ done: @escaping (Answer) -> Void) {
    let requestID = nextRequestID()
    let request = V2Request(id: requestID, method: "PUT", path: path, val: value)
    do throws(RPCStatus) { try propose(request.encoded(), id: requestID, .member(done)) } catch {
      done(.failed(error))
    }
  }

  private func becomeReady() {
    guard !isReady else { return }
    isReady = true
    log.named("embed")(.info, "ready to serve client requests")
    front.start()
    for url in settings.listenClientURLs {
      let text = "serving \(url.scheme.isSecure ? "" : "insecure ")client requests on \(url.authority)"
      log.named("embed")(.notice, url.scheme.isSecure ? text : text + ", this is strongly discouraged!")
    }
    Notify.ready()
    ProgramPages.release()
  }
}
