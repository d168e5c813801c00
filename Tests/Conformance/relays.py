"""Clusters whose members reach each other through relays, which count and look at what passes."""
from clusters import *


class Relay:
    """Passes connections on to a port, and counts them."""

    def __init__(self, port, target):
        self.target, self.count = target, 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                front, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            try:
                back = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                front.close()
                continue
            back.settimeout(None)
            for one, other in ((front, back), (back, front)):
                threading.Thread(target=self.pump, args=(one, other, self.count, one is back), daemon=True).start()

    def passed(self, piece, connection, is_reply):
        """Bytes went through, of the connection with that number."""

    def pump(self, one, other, connection, is_reply):
        try:
            while True:
                piece = one.recv(65536)
                if not piece:
                    break
                other.sendall(piece)
                self.passed(piece, connection, is_reply)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


class RelayedCluster(Cluster):
    """A cluster whose members reach each other through relays."""

    kind = Relay

    def __init__(self, binaries, flags=()):
        self.flags, self.peer_scheme = list(flags), "http"
        self.members = [ClusterMember(self, "m%d" % i, binary) for i, binary in enumerate(binaries)]
        self.made = len(self.members)
        self.relays = []
        for member in self.members:
            hidden = free_port()
            self.relays.append(self.kind(member.peer, hidden))
            member.flags = ["--listen-peer-urls", "http://127.0.0.1:%d" % hidden]
        for member in self.members:
            member.start(wait=False)
        for member in self.members:
            member.wait_ready(40)

    def kill(self):
        super().kill()
        for relay in self.relays:
            relay.close()
