// Base: what every room stands on. Bytes, numbers with names, checks, limits, letters.
//
// Base imports nothing of ours. It opens no file and no socket, reads no clock and draws no
// chance: a clock reading arrives as an `Instant`, chance as seeded `Dice`.

/// Bytes that own their storage. Parsers take spans; this is what outlives the read.
package typealias Bytes = [UInt8]

/// The release of etcd whose behaviour we carry; what `/version` and Status report.
package let etcdVersion = "3.4.45"
/// Major and minor only, as the cluster agrees on it.
package let etcdClusterVersion = "3.4.0"
/// Oldest cluster version this member can live in (as every 3.4 server).
package let etcdMinClusterVersion = "3.0.0"
/// Our own version, a line of its own in `--version`.
package let projectVersion = "0.1.0"
