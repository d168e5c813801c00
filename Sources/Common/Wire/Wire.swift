// Wire: the messages of etcd and how they are written down. Structs generated from `Protos`, their
// protobuf and JSON forms, the table of RPC methods, and the table of errors with code and text.
//
// It turns bytes into values and values into bytes, and that is all: no socket, no file, no clock, no
// thread, and no opinion about what a request means. Bytes from outside are never trusted: whatever
// they hold, decoding ends with a message or with a `DecodeError`.
//
// `Generated` is written by `swift run wiregen Sources/Common/Wire/Protos Sources/Common/Wire/Generated`
// and never edited by hand.
