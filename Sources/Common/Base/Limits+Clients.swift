// Bounds that keep one bad client from hurting the others: what a connection may hold, and how long it may wait.
extension Limits {
  /// Bytes that all connections of a process may hold together: replies that wait, requests that are not complete, and
  /// what an open stream costs. Beyond, the connection that holds most is dropped.
  package static let heldBytes = 256 * 1024 * 1024
  /// Held bytes above which producers for connections that hold more than their share must wait.
  package static let tightHeldBytes = 128 * 1024 * 1024
  /// The share of one connection in such times.
  package static let tightPendingBytes = 256 * 1024
  /// Reply bytes waiting in all streams of one connection above which its producers must wait.
  package static let connectionPendingBytes = 1024 * 1024
  /// Bytes in waiting replies and incomplete requests of one connection above which it is dropped, unless one reply is
  /// most of them: what was asked for once is sent, however large.
  package static let connectionDropBytes = 64 * 1024 * 1024
  /// Room for the large requests of one connection that are coming in at once; further ones wait in their windows.
  package static let connectionRequestBytes = 16 * 1024 * 1024
  /// Fields of one head beyond `headerListBytes` that are decoded in order to answer 431; more end the connection.
  package static let headerBombBytes = 1024 * 1024
  /// What an open stream counts for: its objects here and in nghttp2.
  package static let streamCostBytes = 1024
  /// Time for a request's body to come, and a second more for so many bytes. As Go has none; slow links still manage.
  package static let bodyTime = TimeSpan.seconds(30)
  package static let bodyBytesPerSecond = 1024
  /// Streams of one connection looked at in one go for bodies that do not come.
  package static let sweptStreams = 256
  /// HTTP/1.1 connections without a request for so long are closed; clients pool them for minutes at most.
  package static let idleHTTP1Time = TimeSpan.seconds(10 * 60)
  /// HTTP/2 connections without a stream and without a byte for so long are sent away in good order. A watch is a stream.
  package static let idleHTTP2Time = TimeSpan.seconds(30 * 60)
  /// A peer that has output waiting and takes none of it for so long is dropped; a debugger's pause is shorter.
  package static let stalledOutputTime = TimeSpan.seconds(5 * 60)
  /// Time for the last bytes of a connection that is to be closed.
  package static let farewellTime = TimeSpan.seconds(5)
  /// WINDOW_UPDATE frames in a burst, and per second, beyond those that answer our DATA frames or come with a new stream.
  package static let windowUpdateBurst = 10_000
  package static let windowUpdatesPerSecond = 1_000
  /// Such frames that one DATA frame may be answered with, or a new stream come with: two are usual, for the stream and the
  /// connection.
  package static let windowUpdatesPerData = 4
  /// Requests that one read of a connection may begin in one turn of the loop, and messages on streams that have begun
  /// already, looked at after each piece of so many bytes: two to three hundred microseconds of work. What is left of the
  /// read waits for the next turn, so that other connections get theirs.
  package static let turnRequests = 64
  package static let turnPieceBytes = 2 * 1024
  /// Share of the connections in use above which the log says so once. As etcd 3.4: etcdserver/metrics.go,
  /// monitorFileDescriptor.
  package static let connectionsWarningPercent = 80
  /// Connections of the peer port and of the metrics port, out of those descriptors that clients leave.
  package static let reservedConnections = 100
}
