// swift-tools-version: 6.2
import PackageDescription

// The house: four folders, each holding a few small targets. An import that is not
// declared here fails the build (`--explicit-target-dependency-import-check error`),
// so this file is the one place where an arrow between rooms can be drawn.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  // Rooms are small modules; without this the walls between them would cost inlining and specialisation.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
  // Two accesses to one variable at a time are found by debug builds, which all unit tests are; a request makes hundreds.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func room(_ name: String, _ path: String, uses: [String] = [], exclude: [String] = []) -> Target {
  .target(
    name: name, dependencies: uses.map { .init(stringLiteral: $0) }, path: "Sources/\(path)",
    exclude: exclude, swiftSettings: settings)
}

func program(_ name: String, _ path: String, uses: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: uses.map { .init(stringLiteral: $0) }, path: "Sources/\(path)",
    swiftSettings: settings)
}

func tests(_ name: String, uses: [String]) -> Target {
  .testTarget(
    name: name, dependencies: uses.map { .init(stringLiteral: $0) }, path: "Tests/\(name)",
    swiftSettings: settings)
}

/// `pkgConfig` stays nil where the headers lie in the usual place and a program should only be linked with the library
/// once a room of it uses it.
func system(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Common/System/\(name)", pkgConfig: pkgConfig,
    providers: [.apt([apt])])
}

let package = Package(
  name: "etcd-swift",
  products: [
    .executable(name: "etcd", targets: ["etcd"]),
    .executable(name: "etcdctl", targets: ["etcdctl"]),
  ],
  targets: [
    system("CLibevent", pkgConfig: "libevent_core", apt: "libevent-dev"),
    system("CNghttp2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    system("CLMDB", pkgConfig: "lmdb", apt: "liblmdb-dev"),
    system("CLibyaml", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CCrypt", apt: "libcrypt-dev"),
    // Loads libcurl at run time, when the first fetch needs it.
    .target(name: "CLibcurl", path: "Sources/Common/System/CLibcurl"),
    .target(name: "CShim", path: "Sources/Common/System/CShim", cSettings: [.define("_GNU_SOURCE")]),

    room("Base", "Common/Base", uses: ["CShim"]),
    room("Wire", "Common/Wire", uses: ["Base"], exclude: ["Protos"]),
    room("Config", "Common/Config", uses: ["Base", "CLibyaml"]),
    room("Event", "Common/Event", uses: ["Base", "CShim", "CLibevent"]),
    room("TLS", "Common/TLS", uses: ["Base", "CShim", "COpenSSL"]),
    room("HTTP", "Common/HTTP", uses: ["Base", "CNghttp2"]),
    room("Client", "Common/Client", uses: ["Base", "Wire", "Event", "TLS", "HTTP"]),
    room("Doors", "Common/Doors", uses: ["Base", "CShim", "Config", "Event", "TLS", "HTTP"]),
    room("Discovery", "Discovery", uses: ["Base", "Config", "CShim", "CLibcurl"]),
    room("Raft", "Member/Raft", uses: ["Base", "Wire"]),
    room("Storage", "Member/Storage", uses: ["Base", "Wire", "CShim", "CLMDB", "COpenSSL"]),
    room("Machine", "Member/Machine", uses: ["Base", "Wire", "Storage"]),
    room(
      "Server", "Member/Server",
      uses: [
        "Base", "Wire", "Raft", "Storage", "Machine", "Config", "Event", "TLS", "HTTP", "Doors", "Discovery",
        "CShim", "CCrypt",
      ]),
    room(
      "Proxy", "Proxy",
      uses: ["Base", "CShim", "Wire", "Config", "Event", "TLS", "HTTP", "Doors", "Client", "Discovery"]),
    program(
      "etcd", "Member/etcd",
      uses: ["Base", "Config", "Storage", "Doors", "Discovery", "Server", "Proxy"]),
    program(
      "etcdctl", "Common/etcdctl",
      uses: [
        "Base", "Wire", "Config", "Event", "TLS", "HTTP", "Doors", "Client", "Storage", "Machine", "Discovery",
      ]),
    program("wiregen", "Common/wiregen", uses: []),

    tests("BaseTests", uses: ["Base", "CShim"]),
    tests("WireTests", uses: ["Base", "Wire"]),
    tests("ConfigTests", uses: ["Base", "Config"]),
    tests("EventTests", uses: ["Base", "Event"]),
    tests("TLSTests", uses: ["Base", "TLS"]),
    tests("HTTPTests", uses: ["Base", "HTTP"]),
    tests("TransportTests", uses: ["Base", "Event", "TLS", "HTTP"]),
    tests("ClientTests", uses: ["Base", "Wire", "Event", "TLS", "HTTP", "Client", "etcdctl"]),
    tests("DiscoveryTests", uses: ["Base", "Config", "CShim", "Discovery"]),
    .target(name: "Golden", path: "Tests/Support/Golden", swiftSettings: settings),
    tests("RaftTests", uses: ["Base", "Wire", "Raft", "Golden"]),
    tests("StorageTests", uses: ["Base", "Wire", "Storage", "CShim"]),
    tests("MachineTests", uses: ["Base", "Wire", "Storage", "Machine"]),
    tests(
      "ServerTests", uses: ["Base", "Wire", "Raft", "Storage", "Machine", "Config", "HTTP", "Doors", "Server"]),
    tests("ProxyTests", uses: ["Base", "Wire", "HTTP", "Discovery", "Proxy"]),
    tests("HouseTests", uses: []),
    .target(
      name: "FuzzTargets", dependencies: ["Base", "Wire", "Config", "HTTP", "Storage", "Machine", "Discovery"],
      path: "Tests/Fuzz/Targets", swiftSettings: settings),
    .executableTarget(
      name: "fuzz", dependencies: ["Base", "FuzzTargets"], path: "Tests/Fuzz/Program", swiftSettings: settings),
    tests("FuzzTests", uses: ["Base", "FuzzTargets"]),
    .executableTarget(
      name: "simulate", dependencies: ["Base", "Wire", "Raft", "Storage", "Machine"], path: "Tests/Simulate",
      exclude: ["Mutations", "run.sh", "mutants.sh"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
