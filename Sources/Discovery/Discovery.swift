// Discovery: finding the members of a cluster that nobody wrote down.
//
// Two ways: a token at a discovery service, by URL, and SRV records in DNS. What is decided (the protocol's next question,
// what an answer of a name server means, which record is this member's own) is decided by values that can be tested
// alone: `DiscoveryProtocol`, `DNSAnswer`, `SRVPlan`. What touches the world (libcurl, glibc's resolver) stands beside
// them and blocks its thread, which is never the loop's.
//
// It knows nothing of Raft or of the proxies, writes no file, and never starts anything.
