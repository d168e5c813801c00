"""The process and its ports: signals, logs, TLS, sockets (OPS-40 to OPS-60)."""
import signal, ssl, stat
from table import *

lane = Lane("process", serves=False)
case = lane.case
PEER = ("--listen-peer-urls", "http://127.0.0.1:PORT2")
URLS = ("--listen-client-urls", "http://127.0.0.1:PORT1", "--advertise-client-urls", "http://127.0.0.1:PORT1") + PEER
SECURE = ("--listen-client-urls", "https://127.0.0.1:PORT1", "--advertise-client-urls", "https://127.0.0.1:PORT1") + PEER
SERVING = READY + ("ready to serve",)


def put_v3(ports, *more, scheme="http"):
    """A put by Debian's etcdctl: its exit code and first line."""
    code, out, err = run([GOCTL, "--endpoints", "%s://127.0.0.1:%s" % (scheme, ports["PORT1"]), "--dial-timeout=3s", "--command-timeout=3s", *more, "put", "a", "1"], env={"ETCDCTL_API": "3"})
    return code, out.strip()


def handshake(port, *more):
    """What openssl meets: protocol, key and name of the certificate, verification of ours."""
    done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%s" % port, "-alpn", "h2,http/1.1", *more], input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
    text = done.stdout.decode("utf-8", "replace")
    return [(re.search(p, text) or [None, None])[1] for p in (r"(?m)^ *Protocol *: (\S+)|^New, (TLSv\S+),", r"(?m)^subject=(.*)$", r"(?m)^ALPN protocol: (\S+)", r"(?m)^Peer signature type: (\S+)")]


def certificate(path):
    out = run(["openssl", "x509", "-in", path, "-noout", "-text"])[1]
    years = re.findall(r"Not (?:Before|After) ?: \w+ +\d+ [\d:]+ (\d+)", out)
    facts = [(re.search(pattern, out) or [None, None])[1] for pattern in (r"Subject: *([^\n]*)", r"Alternative Name:[^\n]*\n *([^\n]*)", r"ASN1 OID: (\S+)", r"Signature Algorithm: (\S+)", r"X509v3 Extended Key Usage:[^\n]*\n *([^\n]*)", r"X509v3 Key Usage:[^\n]*\n *([^\n]*)")]
    return facts, int(years[1]) - int(years[0])


def automatic(text, place, ports):
    made = os.path.join(place, "d", "fixtures", "client")
    return sorted(os.listdir(made)), [oct(stat.S_IMODE(os.stat(os.path.join(made, f)).st_mode)) for f in sorted(os.listdir(made))], certificate(os.path.join(made, "cert.pem")), handshake(ports["PORT1"], "-tls1_3")[:3], put_v3(ports, "--insecure-transport=false", "--insecure-skip-tls-verify", scheme="https")


case("OPS-40, CFG-45 certificates that make themselves", started("--auto-tls", "--data-dir", "CWD/d", *SECURE, until=SERVING, keep=automatic))
case("OPS-41 versions of TLS", started("--cert-file", "CERT", "--key-file", "KEY", *SECURE, until=SERVING, keep=lambda text, place, ports: [handshake(ports["PORT1"], version) for version in ("-tls1_1", "-tls1_2", "-tls1_3")]))
case("CFG-53 ciphers without the one that HTTP/2 asks for", started("--cert-file", "CERT", "--key-file", "KEY", "--cipher-suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", *SECURE, until=SERVING, keep=lambda text, place, ports: put_v3(ports, "--cacert", pair()[0], scheme="https")),
     differs="`--cipher-suites` without `TLS_ECDHE_…_AES_128_GCM_SHA256`", ours={0: (-15, (0, "OK"))})
case("OPS-41, CFG-53 ciphers that are chosen", started("--cert-file", "CERT", "--key-file", "KEY", "--cipher-suites", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", *SECURE, until=SERVING,
     keep=lambda text, place, ports: [handshake(ports["PORT1"], "-tls1_2", "-cipher", c)[0] for c in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256")]))


def mutual(text, place, ports):
    with_pair = ("--cacert", pair()[0], "--cert", pair()[0], "--key", pair()[1])
    curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", pair()[0], "https://127.0.0.1:%s/health" % ports["PORT1"]]
    return put_v3(ports, *with_pair, scheme="https"), put_v3(ports, "--cacert", pair()[0], scheme="https")[0], run(curl)[:2] == (0, "200"), run(curl + ["--cert", pair()[0], "--key", pair()[1]])[1]


MUTUAL = ("--cert-file", "CERT", "--key-file", "KEY", "--trusted-ca-file", "CERT")
case("OPS-43, CFG-42, 44 clients that have to show who they are", started(*MUTUAL, "--client-cert-auth", *SECURE, until=SERVING, keep=mutual), started(*MUTUAL, *SECURE, until=SERVING, keep=mutual), started("--cert-file", "CERT", "--key-file", "KEY", *SECURE, until=SERVING, keep=lambda text, place, ports: put_v3(ports, "--cacert", pair()[0], scheme="https")))
case("OPS-47, CFG-74 host names of clients", started(*MUTUAL, "--client-cert-allowed-hostname", "localhost", *SECURE, until=SERVING, keep=mutual), started(*MUTUAL, "--client-cert-allowed-hostname", "other.example", *SECURE, until=SERVING, keep=mutual))


def stray(text, place, ports):
    """Bytes that are no handshake, and the line the log gets."""
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello"):
        with socket.create_connection(("127.0.0.1", int(ports["PORT1"]))) as s:
            s.sendall(data)
            s.settimeout(3)
            try:
                s.recv(100)
            except OSError:
                pass
    time.sleep(0.2)
    return [re.sub(r"127.0.0.1:\d+", "HOST", clean_line(line))[:45] for line in open(os.path.join(place, "out"), errors="replace") if "rejected connection" in line]


case("OPS-45 connections that are refused, in the log", started("--cert-file", "CERT", "--key-file", "KEY", *SECURE, until=SERVING, keep=stray))


def slow_neighbours(text, place, ports):
    silent = [socket.create_connection(("127.0.0.1", int(ports["PORT1"]))) for _ in range(20)]
    began = time.time()
    answer = put_v3(ports, "--cacert", pair()[0], scheme="https")
    for s in silent:
        s.close()
    return answer, time.time() - began < 5


case("OPS-48 slow handshakes hold nobody up", started("--cert-file", "CERT", "--key-file", "KEY", *SECURE, until=SERVING, keep=slow_neighbours))


def ending(number):
    """Sends a signal and waits for the end: the code and the lines about it."""
    def run_ending(side):
        server = Twin(side.server.binary)
        client = Client(server.endpoint)
        client.call("KV/Put", key=b"a", value=b"1")
        server.process.send_signal(number)
        code = server.process.wait(10)
        lines = [clean_line(line) for line in open(server.log) if "signal" in line]
        server.kill()
        server.start()
        kept = Client(server.endpoint).call("KV/Range", key=b"a").count
        server.kill()
        return code, lines, kept
    return run_ending


def outlived(number):
    def run_outlived(side):
        server = Twin(side.server.binary)
        server.process.send_signal(number)
        time.sleep(0.3)
        code = server.process.poll()
        server.kill()
        return code
    return run_outlived


case("OPS-51, 52 signals", ending(signal.SIGTERM), ending(signal.SIGINT), lambda side: ending(signal.SIGHUP)(side)[0], [outlived(signal.SIGUSR1), outlived(signal.SIGUSR2)])


def notified(side):
    place = scratch("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(place)
        listener.settimeout(10)
        server = Twin(side.server.binary, env=dict(os.environ, NOTIFY_SOCKET=place))
        said = listener.recv(100)
        server.kill()
    return said


case("OPS-50, ENV-05 systemd is told", notified)


def streams_at_the_end(side):
    """What open streams and later calls hear when a member is ended."""
    server = Twin(side.server.binary)
    inner = Side(server)
    out = [create("a")(inner), keep_alive(5)(inner)]
    server.process.terminate()
    out.append([inner.stream("w").next(5), inner.stream("keep").next(5)])
    code = server.process.wait(10)
    inner.end()
    server.kill()
    return out[:2], [answer[:2] if isinstance(answer, tuple) else answer for answer in out[2]], code


case("GRPC-22, ERR-46 streams when the member ends", streams_at_the_end)
case("OPS-53 levels and packages of the old log", started("--debug", *URLS, until=SERVING, keep=lambda text, place, ports: ["Deprecated '--debug'" in text, re.search(r" D \| ", text) is not None]), started("--log-package-levels", "etcdserver=ERROR,embed=WARNING", *URLS, until=("serving insecure",), seconds=3, keep=says("embed: name", "etcdserver: starting", "Deprecated '--log-package-levels")),
     started("--log-level", "error", *URLS, seconds=3, keep=says("embed: name", "Deprecated")), started("--log-outputs", "stdout", *URLS, until=SERVING, keep=says("embed: name = default")))
case("OPS-54, 55 several outputs of the new log", started("--logger", "zap", "--log-outputs", "stderr,CWD/a.log,CWD/b.log", *URLS, until=SERVING, keep=lambda text, place, ports: [("starting an etcd server" in open(os.path.join(place, f)).read(), all(line.startswith('{"level":"') for line in open(os.path.join(place, f)) if line.strip())) for f in ("a.log", "b.log")] + ["starting an etcd server" in text]),
     started("--logger", "zap", "--log-outputs", "CWD/none/a.log", *URLS, keep=lambda text, place, ports: "no such file or directory" in text), started("--logger", "zap", "--log-level", "error", *URLS, seconds=3, keep=lambda text, place, ports: '"level":"info"' in text), started("--logger", "zap", "--log-level", "debug", *URLS, until=SERVING, keep=lambda text, place, ports: '"level":"info"' in text))


def keepalives(text, place, ports):
    with socket.create_connection(("127.0.0.1", int(ports["PORT1"]))):
        out = run(["ss", "-tno", "state", "established", "sport", "=", ":" + ports["PORT1"]])[1]
        return re.findall(r"timer:\((\w+),(\d+)sec", out)


case("OPS-58 TCP keep-alive", started(*URLS, until=SERVING, keep=lambda *output: {(kind, 20 <= int(seconds) <= 30) for kind, seconds in keepalives(*output)}))
case("GRPC-20 unix sockets", started("--listen-client-urls", "unix://127.0.0.1:PORT1", "--advertise-client-urls", "unix://127.0.0.1:PORT1", *PEER, until=SERVING, keep=lambda text, place, ports: run([GOCTL, "--endpoints", "unix://" + os.path.join(place, "127.0.0.1:" + ports["PORT1"]), "put", "a", "1"], env={"ETCDCTL_API": "3"})[:2]))
case("GRPC-02 calls on the peer port", started(*URLS, until=("enabled capabilities",), keep=lambda text, place, ports: run([GOCTL, "--endpoints", "http://127.0.0.1:" + ports["PORT2"], "put", "a", "1"], env={"ETCDCTL_API": "3"})[:2]))
case("CFG-63, FILE-06 ports for metrics alone", started("--listen-metrics-urls", "http://127.0.0.1:PORT3", *URLS, until=SERVING, keep=lambda text, place, ports: [run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:%s%s" % (ports["PORT3"], page)])[1] for page in ("/metrics", "/health", "/version", "/v3/kv/range", "/")]))
case("CFG-03 a directory of its own for the log", started("--data-dir", "CWD/d", "--wal-dir", "CWD/w", *URLS, until=SERVING, keep=lambda text, place, ports: (sorted(os.listdir(os.path.join(place, "d", "member"))), [f.endswith((".wal", ".tmp")) for f in sorted(os.listdir(os.path.join(place, "w")))])))
case("OPS-57 connections need descriptors", started("--data-dir", "CWD/d", *URLS, until=SERVING, before=lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_NOFILE, (160, 160)), keep=lambda text, place, ports: put_v3(ports)))
