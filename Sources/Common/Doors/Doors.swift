// Doors: what every program with ports is made of, member or proxy.
//
// It joins the sockets of Event, the secrets of TLS and the sense of HTTP: accepted connections on one side, calls to
// others on the other; and the log, the metrics' text and the word to systemd. It finds the page for a path; of its own it
// has only those about the process (`Pages/ProfilePages`). It knows no store.
