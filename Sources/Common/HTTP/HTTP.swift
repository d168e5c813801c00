// HTTP: the protocols without the sockets.
//
// Bytes of one connection come in, bytes go out, and a handler hears what happened in between. HTTP/1.1 and
// HTTP/2 share one `Exchange` (server side) and one `Call` (client side), so the rooms above do not care which
// version a peer speaks. gRPC's framing and the bytes of its headers live here too; its messages do not.
//
// May touch: memory and libnghttp2, which only `H2Session`, its extensions and `H2FieldRules` know.
// Must never: open a socket, read a clock (instants are given in), draw chance, start a thread, or import Wire.
//
// A connection is used by one thread. Handlers are called from `receive`, `flush`, `tick` and `connectionLost`
// and may answer at once or at any later time; whatever they write leaves at the next `flush`.
