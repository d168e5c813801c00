// TLS: OpenSSL, driven through memory. Bytes in, bytes out; the socket is somebody else's.
//
// A `TLSContext` holds what sessions share: certificate and key (read again when their files change), trusted
// certificates, cipher suites, the rules for the peer's certificate. A `TLSSession` is one connection.
//
// May touch: OpenSSL, and the files named in its settings. OpenSSL itself reads the clock to judge certificates.
// Must never: touch a socket, look up a name (the caller does, see `PeerCertificate.check`), or keep a key in a
// Swift value.
