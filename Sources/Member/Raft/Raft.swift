// Raft: how members agree on one order of entries.
//
// This room decides; it does nothing. A `Node` takes messages, proposals and ticks and answers with a
// `Ready`: what to write, what to apply, what to send. The page of `Ready` is the contract with its owner.
//
// It may touch nothing but memory: no socket, no file, no clock (time is a tick), no chance of its own
// (the spread of the election timeout comes from seeded `Dice` in its configuration), no thread.
// It must never let a promise leave before what it promises is durable: a vote before the vote is on disk,
// an acknowledgement before the entries are.
//
// Behaviour is that of etcd 3.4's package `raft`, whose own test scripts run here unchanged. Where we
// differ the place says so: reads are acknowledged under numbers of our own (Node+ReadIndex.swift), a
// member with an unapplied snapshot does not campaign (Node+Election.swift), and writing may lag behind
// deciding (Node+Ready.swift).
//
// Ids are the plain numbers of the messages in `Wire`; the room never mixes them with indexes or terms
// in one argument list without a label.
