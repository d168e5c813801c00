// Event: the loop and what waits on it. The only room that knows libevent.
//
// An `EventLoop` belongs to one thread, and so does everything made on it: sockets, listeners, timers.
// Objects call their delegate (or the closure stored in them once); nothing is allocated per event.
// Only `Wake` may be used from another thread.
//
// May touch: sockets, timers, signals, clocks, and the resolver's own thread.
// Must never: know what the bytes mean, or decide what to do about an error beyond reporting it.
