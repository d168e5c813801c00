import Base

private let notServed = "the member does not serve it yet"

extension Flag {
  static let memberFlags: [Flag] = [
    Flag(
      "name", .text(\.name), "default", .member,
      "Name of this member for people; it must stand in --initial-cluster."),
    Flag(
      "data-dir", .text(\.dataDirectory), "", .member,
      "Directory of everything the member keeps; empty means ${name}.etcd in the working directory."),
    Flag(
      "wal-dir", .text(\.walDirectory), "", .member,
      "Directory of the write-ahead log alone, best on a disk of its own; empty keeps it in the data directory."
    ),
    Flag(
      "snapshot-count", .count(\.snapshotCount, goType: "uint64"), "100000", .member,
      "Applied entries after which the log is cut by a snapshot."),
    Flag(
      "heartbeat-interval", .span(\.heartbeatInterval, unit: .milliseconds(1)), "100", .member,
      "Milliseconds between two heartbeats of the leader to its followers; about one round trip between members."
    ),
    Flag(
      "election-timeout", .span(\.electionTimeout, unit: .milliseconds(1)), "1000", .member,
      "Milliseconds without a leader until a follower stands for election; at least five heartbeats, at most 50000."
    ),
    Flag(
      "initial-election-tick-advance", .flag(\.advancesInitialElectionTicks), "true", .member,
      "Shorten the first wait for an election when a member starts; switch off where links between sites are slow."
    ),
    Flag(
      "listen-peer-urls", .urls(\.listenPeerURLs), "http://localhost:2380", .member,
      "URLs, separated by commas, on which other members are heard; numeric addresses or localhost."),
    Flag(
      "listen-client-urls", .urls(\.listenClientURLs), "http://localhost:2379", .member,
      "URLs, separated by commas, on which clients are heard; numeric addresses or localhost."),
    Flag(
      "listen-client-http-urls", .urls(\.listenClientHTTPURLs), "", .member, fate: .notYet(notServed),
      "URLs for HTTP clients alone, which leaves --listen-client-urls to gRPC. Since 3.4.25."),
    Flag(
      "max-snapshots", .count(\.maxSnapshots, goType: "uint"), "5", .member,
      "Snapshot files that are kept; 0 keeps all."),
    Flag(
      "max-wals", .count(\.maxWALs, goType: "uint"), "5", .member,
      "Files of the write-ahead log that are kept; 0 keeps all."),
    Flag(
      "quota-backend-bytes", .integer64(\.quotaBackendBytes), "0", .member,
      "Size of the store at which writing stops and an alarm is raised; 0 means 2 GiB, a negative number no bound."
    ),
    Flag(
      "backend-batch-interval", .duration(\.backendBatchInterval), "0s", .member,
      "Longest time until changes are committed to the store's file; 0 means 100ms."),
    Flag(
      "backend-batch-limit", .integer(\.backendBatchLimit), "0", .member,
      "Changes after which they are committed to the store's file; 0 means 10000."),
    Flag(
      "max-txn-ops", .count(\.maxTxnOps, goType: "uint"), "128", .member,
      "Operations that one transaction may hold."),
    Flag(
      "max-request-bytes", .count(\.maxRequestBytes, goType: "uint"), "1572864", .member,
      "Largest request of a client, in bytes."),
    Flag(
      "max-concurrent-streams", .count32(\.maxConcurrentStreams), "4294967295", .member,
      "Streams that one client connection may hold open at a time."),
    Flag(
      "grpc-keepalive-min-time", .duration(\.keepAliveMinTime), "5s", .member,
      "Shortest pause between two pings of a client; one that pings faster is sent away."),
    Flag(
      "grpc-keepalive-interval", .duration(\.keepAliveInterval), "2h0m0s", .member,
      "Pause after which the server pings a silent client; 0 never pings."),
    Flag(
      "grpc-keepalive-timeout", .duration(\.keepAliveTimeout), "20s", .member,
      "Time a pinged client has to answer before its connection is closed; 0 waits without end."),
  ]

  static let clusteringFlags: [Flag] = [
    Flag(
      "initial-advertise-peer-urls", .urls(\.advertisePeerURLs), "http://localhost:2380", .clustering,
      "URLs under which other members reach this one; host names are allowed."),
    Flag(
      "initial-cluster", .text(\.initialCluster), "default=http://localhost:2380", .clustering,
      "All first members, as name=URL separated by commas; a name with several URLs is repeated."),
    Flag(
      "initial-cluster-state", .choice(\.initialClusterState, ["new", "existing"]), "new", .clustering,
      "'new' founds a cluster, 'existing' joins one that runs."),
    Flag(
      "initial-cluster-token", .text(\.initialClusterToken), "etcd-cluster", .clustering,
      "Word that goes into the ids of cluster and members; give every cluster its own, so that members cannot stray."
    ),
    Flag(
      "advertise-client-urls", .urls(\.advertiseClientURLs), "http://localhost:2379", .clustering,
      "URLs that are told to clients; they must reach the member from where the clients are."),
    Flag(
      "discovery", .text(\.discoveryURL), "", .clustering,
      "URL of a token at a discovery service through which the first members find each other."),
    Flag(
      "discovery-fallback", .choice(\.discoveryFallback, ["proxy", "exit"]), "proxy", .clustering,
      file: .proxy,
      "What a member does that finds the discovered cluster full: 'proxy' (v2 API only) or 'exit'."),
    Flag(
      "discovery-proxy", .text(\.discoveryProxy), "", .clustering,
      "HTTP proxy through which the discovery service is called."),
    Flag(
      "discovery-srv", .text(\.discoveryDomain), "", .clustering,
      "DNS domain whose SRV records name the first members."),
    Flag(
      "discovery-srv-name", .text(\.discoveryServiceName), "", .clustering,
      "Suffix to the name of the SRV records, where one domain holds several clusters."),
    Flag(
      "discovery-timeout", .duration(\.discoveryTimeout), "30s", .clustering,
      "Time that a name in the SRV records may stay unresolvable until the start is given up. Not in 3.4."),
    Flag(
      "serve-discovery", .flag(\.servesDiscovery), "false", .clustering,
      "Be a discovery service for other clusters: /new?size=N makes a token on the client port, for everyone. Not in 3.4."
    ),
    Flag(
      "strict-reconfig-check", .flag(\.strictReconfigCheck), "true", .clustering,
      "Refuse changes of membership that would cost the quorum."),
    Flag(
      "pre-vote", .flag(\.preVote), "true", .clustering,
      "Ask whether an election could be won before calling it, so that a returning member disturbs nobody. Off in 3.4."
    ),
    Flag(
      "auto-compaction-retention", .text(\.autoCompactionRetention), "0", .clustering,
      "What automatic compaction keeps; 0 switches it off."),
    Flag(
      "auto-compaction-mode", .text(\.autoCompactionMode), "periodic", .clustering,
      "How the retention is meant: 'periodic' as a time (hours where no unit stands: '5m', '1'), "
        + "'revision' as a count of revisions."),
    Flag(
      "enable-v2", .flag(\.enableV2), "true", .clustering,
      "Serve the v2 API to clients. Off in 3.4."),
    Flag(
      "next-cluster-version-compatible", .flag(\.joinsNextVersion), "false", .clustering,
      fate: .notYet(notServed),
      "Join a cluster of the following minor version, for a way back from 3.5. Since 3.4.31."),
  ]
}
