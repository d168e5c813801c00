// Bounds of the network rooms: Event, TLS, HTTP.
extension Limits {
  /// Received body bytes of one stream its handler has not consumed: the HTTP/2 stream window.
  package static let streamWindowBytes: Int32 = 256 * 1024
  /// HTTP/2 window of a whole connection; given back at once, so that one slow handler does not hold the others.
  package static let connectionWindowBytes: Int32 = 4 * 1024 * 1024
  /// Unconsumed body bytes of all streams of a connection above which its window is held back after all.
  package static let connectionUnreadBytes = 16 * 1024 * 1024
  /// Output waiting for one stream's window above which its producer must wait.
  package static let streamOutputHighWaterBytes = 256 * 1024
  /// Output of a stream below which its producer goes on.
  package static let streamOutputLowWaterBytes = 64 * 1024
  /// Answers to SETTINGS and PING frames that may wait for a peer that does not read; then it is dropped.
  package static let waitingAcknowledgements = 1_000
  /// HTTP/2 frames that do no work (empty DATA, PRIORITY, PING, SETTINGS) in a burst, and per second.
  package static let idleFrameBurst = 2_000
  package static let idleFramesPerSecond = 200
  /// Streams a peer may reset in a burst, and per second after it (rapid reset, CVE-2023-44487).
  package static let resetBurst = 2_000
  package static let resetsPerSecond = 500
  /// CONTINUATION frames after one HEADERS frame (CVE-2024-28182).
  package static let continuationFrames = 8
  /// Objects of finished requests kept for the next ones, per loop.
  package static let pooledExchanges = 1_024
  /// The same for calls that were made, per connection.
  package static let pooledCalls = 64
  /// Header memory a finished request may keep for the next one.
  package static let pooledHeaderBytes = 4 * 1024
  /// An HTTP/1.1 request body left unread by its handler: up to this much is skipped, beyond the connection ends.
  /// As Go: net/http, maxPostHandlerReadBytes.
  package static let skippedBodyBytes = 256 * 1024
  /// Bytes of a chunk's size line, and of all trailer fields after the last chunk.
  package static let chunkLineBytes = 256
  /// Pipelined HTTP/1.1 input kept while an earlier request is answered; then the socket is not read.
  package static let pipelinedBytes = 64 * 1024
  /// Connections accepted in one go before other events get their turn.
  package static let acceptBatch = 64
  /// Backlog of a listening socket, as Go (net.core.somaxconn of current kernels).
  package static let listenBacklog: Int32 = 4096
  /// Pause after the system refused another descriptor.
  package static let acceptPause = TimeSpan.milliseconds(100)
  /// Name look-ups waiting for the resolver's thread; more are refused at once.
  package static let waitingLookups = 1_024
  /// Addresses of hosts that are kept, and how long: whoever dials again and again (a member whose certificate is refused, a
  /// front end with many clients) asks for a name once in that time.
  package static let keptAddresses = 1_024
  package static let keptAddressTime = TimeSpan.seconds(1)
  /// A host's last good addresses serve on where no name server answers in this time, or at all: for so long at one go, before
  /// they are asked again, and for no longer than this altogether. As RFC 8767.
  package static let lookupPatience = TimeSpan.seconds(1)
  package static let standInTime = TimeSpan.seconds(5)
  package static let oldAddressTime = TimeSpan.seconds(24 * 3600)
  /// Answers about names of callers that are kept, and how long: one that lets a caller in, and one that does not, which may
  /// be out of date sooner than its owner likes.
  package static let keptLookups = 1_024
  package static let keptLookupTime = TimeSpan.seconds(60)
  package static let keptRefusalTime = TimeSpan.seconds(10)
  /// A certificate, key or revocation list larger than this is none.
  package static let certificateFileBytes = 16 * 1024 * 1024
  /// Longest secret of tokens with a common key.
  package static let tokenSecretBytes = 64 * 1024
}
