// FuzzTargets: one function per parser of bytes from outside. A target is given any bytes and must come back;
// it fails by a trap or by a broken invariant, so that the program, libFuzzer and the tests can all use it.
//
// Targets touch no file, no socket and no clock; equal bytes give an equal run.
import Base

/// A parser under test.
package struct FuzzTarget: Sendable {
  package let name: String
  /// Longer inputs only make it slow.
  package let longest: Int
  package let run: @Sendable (UnsafeRawBufferPointer) -> Void
  /// Small valid inputs to start from, each with a file name.
  package let seeds: @Sendable () -> [(name: String, bytes: Bytes)]

  package static let all: [FuzzTarget] = [
    FuzzTarget(name: "wal", longest: 8192, run: fuzzWAL, seeds: walSeeds),
    FuzzTarget(name: "snap", longest: 4096, run: fuzzSnap, seeds: snapSeeds),
    FuzzTarget(name: "bolt", longest: 32_768, run: fuzzBolt, seeds: boltSeeds),
    FuzzTarget(name: "http1", longest: 4096, run: fuzzHTTP1, seeds: http1Seeds),
    FuzzTarget(name: "h2", longest: 4096, run: fuzzH2, seeds: h2Seeds),
    FuzzTarget(name: "client", longest: 4096, run: fuzzClient, seeds: clientSeeds),
    FuzzTarget(name: "grpc", longest: 4096, run: fuzzGRPC, seeds: grpcSeeds),
    FuzzTarget(name: "messages", longest: 4096, run: fuzzMessages, seeds: messageSeeds),
    FuzzTarget(name: "json", longest: 4096, run: fuzzJSON, seeds: jsonSeeds),
    FuzzTarget(name: "gateway", longest: 4096, run: fuzzGateway, seeds: gatewaySeeds),
    FuzzTarget(name: "websocket", longest: 4096, run: fuzzWebSocket, seeds: webSocketSeeds),
    FuzzTarget(name: "yaml", longest: 4096, run: fuzzYAML, seeds: yamlSeeds),
    FuzzTarget(name: "flags", longest: 2048, run: fuzzFlags, seeds: flagSeeds),
    FuzzTarget(name: "token", longest: 2048, run: fuzzToken, seeds: tokenSeeds),
    FuzzTarget(name: "v2json", longest: 8192, run: fuzzV2, seeds: v2Seeds),
    FuzzTarget(name: "v2form", longest: 4096, run: fuzzV2Form, seeds: v2FormSeeds),
    FuzzTarget(name: "index", longest: 1024, run: fuzzIndex, seeds: indexSeeds),
    FuzzTarget(name: "dns", longest: 2048, run: fuzzDNS, seeds: dnsSeeds),
    FuzzTarget(name: "discovery", longest: 4096, run: fuzzDiscovery, seeds: discoverySeeds),
    FuzzTarget(name: "apply", longest: 1024, run: fuzzApply, seeds: applySeeds),
  ]

  package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
