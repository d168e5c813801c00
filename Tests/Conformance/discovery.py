"""Bootstrap by a token: Debian's discovery service in front of a Debian etcd; members of ours, of Go, mixed.

usage: discovery.py [part ...]
"""
import http.client, http.server, re, socketserver, threading, urllib.error, urllib.parse
from lib import *
from lib import _running

SERVICE = os.environ.get("GO_DISCOVERY", "/usr/bin/discovery.etcd.io")
score = Score("discovery")


class Process:
    """Anything that listens on a port and is no member."""

    def __init__(self, arguments, port):
        self.log = scratch("service.log")
        out = open(self.log, "ab")
        self.process = subprocess.Popen(arguments, stdout=out, stderr=out)
        _running.append(self)
        end = time.time() + 20
        while time.time() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("%s does not listen on %d" % (arguments[0], port))

    def kill(self):
        if self in _running:
            _running.remove(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class GoService:
    """Debian's program in front of a Debian etcd."""
    name = "Debian's"

    def __init__(self):
        self.store = Server(GO, flags=["--enable-v2"])
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        self.start()

    def start(self):
        self.process = Process([SERVICE, "-a", "127.0.0.1:%d" % self.port, "-e", self.store.url, "-h", self.url], self.port)

    def token(self, size):
        with urllib.request.urlopen("%s/new?size=%s" % (self.url, size), timeout=10) as reply:
            return reply.read().decode().strip()

    def raw_token(self, size):
        """A size that the service would not take itself."""
        token = "%032x" % random.SystemRandom().randrange(1 << 128)
        request = urllib.request.Request(
            "%s/v2/keys/_etcd/registry/%s/_config/size" % (self.store.url, token), method="PUT",
            data=urllib.parse.urlencode({"value": size}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"})
        urllib.request.urlopen(request, timeout=10).read()
        return "%s/%s" % (self.url, token)

    def close(self):
        self.process.kill()
        self.store.kill()


class OwnService:
    """A member of ours, started with --serve-discovery."""
    name = "our own"

    def __init__(self):
        self.store = Server(OURS, flags=["--serve-discovery"])
        self.url = self.store.url

    token = GoService.token

    def close(self):
        self.store.kill()


class Seeker(Server):
    """A member that is given a token in place of a list of members."""

    def __init__(self, binary, url, name, flags=(), wait=False, data=None, env=None, peer=None):
        self.discovery = url
        self.binary, self.name, self.flags, self.env = binary, name, list(flags), env
        self.data = data or scratch("data")
        self.client, self.peer = free_port(), peer or free_port()
        self.log, self.process = scratch("log"), None
        self.start(wait)

    def arguments(self):
        peer = "http://127.0.0.1:%d" % self.peer
        return [self.binary, "--name", self.name, "--data-dir", self.data,
                "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--discovery", self.discovery] + self.flags

    def text(self):
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def wait_text(self, words, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            if words in self.text():
                return True
            if self.process.poll() is not None:
                return words in self.text()
            time.sleep(0.02)
        return False

    def ending(self, seconds=40):
        """(exit code, what it said at last)."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return "still runs", self.tail()
        self.kill()
        return code, verdict(self.text(), self.discovery, self.data)

    @property
    def has_member_directory(self):
        return os.path.exists(os.path.join(self.data, "member"))


def verdict(text, *varying):
    """The lines of the package etcdmain that tell of an end, without times, and without what we add in brackets."""
    lines = []
    for line in text.splitlines():
        found = re.match(r"\S+ \S+ ([CEIN]) \| etcdmain: (.*)", line)
        if not found or not re.search("discovery|previously|duplicated|data dir path|please|But etcd", found.group(2)):
            continue
        words = found.group(2)
        for place, value in enumerate(varying):
            words = words.replace(value, "<%d>" % place)
        words = re.sub(r"(size key is bad|bad discovery endpoint|invalid URL) \(.*\)\)", r"\1)", words)
        words = re.sub(r"\[\d+\]", "[n]", words)
        words = re.sub(r"\(/_etcd/registry/\w+\)", "(key)", words)
        lines.append(found.group(1) + " " + words)
    return lines


def members(server):
    client = Client(server.endpoint)
    try:
        return sorted((m.name, m.ID, list(m.peerURLs)) for m in client.call("Cluster/MemberList").members)
    finally:
        client.close()


def settled(servers):
    for server in servers:
        server.wait_ready(60)
    end = time.time() + 20
    while time.time() < end:
        lists = [members(server) for server in servers]
        if all(each == lists[0] and all(name for name, _, _ in each) for each in lists):
            return lists[0]
        time.sleep(0.1)
    return lists[0] if all(each == lists[0] for each in lists) else lists


def bootstrap(service, binaries, title, flags=()):
    url = service.token(len(binaries))
    seekers = [Seeker(binary, url, "d%d" % number, flags) for number, binary in enumerate(binaries)]
    listed = settled(seekers)
    score.check("%s: all know all" % title, [m[0] for m in listed] == [s.name for s in seekers], str(listed))
    client = Client(seekers[0].endpoint)
    client.call("KV/Put", key=b"k", value=title.encode())
    client.close()
    for seeker in seekers:
        client = Client(seeker.endpoint)
        kvs = client.call("KV/Range", key=b"k").kvs
        score.check("%s: %s reads what was written" % (title, seeker.name), [kv.value for kv in kvs] == [title.encode()])
        client.close()
    return url, seekers


def part_own():
    """DSC-12 a service of our own: the same paths, the same cluster."""
    service, original = OwnService(), GoService()
    for binaries in ([OURS, OURS, OURS], [GO, OURS, GO]):
        url, seekers = bootstrap(service, binaries, "our service, %d of ours" % binaries.count(OURS))
        late = Seeker(GO, url, "late", ["--discovery-fallback", "exit"])
        score.check("our service: full", late.ending()[1][:1] == ["E failed to join discovery cluster (discovery: cluster is full)"])
        for seeker in seekers:
            seeker.kill()

    def ask(base, method, path, data=None):
        request = urllib.request.Request(base + path, method=method, data=data)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                status, body = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        try:
            body = json.loads(body)
            for node in [body.get("node") or {}] + (body.get("node") or {}).get("nodes", []):
                node.pop("modifiedIndex", None), node.pop("createdIndex", None)
            body.pop("index", None)
        except ValueError:
            body = len(body) > 0
        return status, json.dumps(body, sort_keys=True)

    tokens = [re.sub(".*/", "/", each.token(2)) for each in (service, original)]
    for method, path, data in (("GET", "", None), ("GET", "/_config/size", None), ("PUT", "/1?prevExist=false", b"value=a"),
                               ("PUT", "/1?prevExist=false", b"value=b"), ("GET", "/1", None), ("GET", "/2", None),
                               ("GET", "/1?wait=true&waitIndex=1", None)):
        asked = [ask(each.url, method, token + path, data) for each, token in zip((service, original), tokens)]
        score.equal("our service: %s TOKEN%s" % (method, path), *[(status, body.replace(token, "/TOKEN"))
                                                                  for (status, body), token in zip(asked, tokens)])
    for method in ("GET", "PUT", "POST"):
        asked = [ask(each.url, method, "/new?size=2")[0] for each in (service, original)]
        score.equal("our service: %s /new" % method, *asked)
    for path in ("/new?size=x", "/" + "0" * 32, "/nothing", "/" + "0" * 31):
        score.equal("our service: GET " + path, *[ask(each.url, "GET", path)[0] for each in (service, original)])
    for size in ("0", "-1", "9999"):
        score.check("our service: no token for %s members" % size, ask(service.url, "GET", "/new?size=" + size)[0] == 400)
    # Made by a command, at either.
    for store in (service.store, original.store):
        code, out, err = run([OURS, "discovery-token", "--size", "1", "--endpoints", "http://127.0.0.1:1,%s" % store.url])
        score.check("discovery-token", code == 0 and re.fullmatch("%s/v2/keys/_etcd/registry/[0-9a-f]{32}\n" % store.url, out), out + err)
        alone = Seeker(OURS, out.strip(), "alone")
        alone.wait_ready(30)
        score.check("a member by it", [m[0] for m in members(alone)] == ["alone"])
        alone.kill()
    for words in (["--size", "0"], ["--size=x"], ["--nosuch"], ["--size"], ["--endpoints", "ftp://x:1"]):
        code, out, err = run([OURS, "discovery-token"] + words)
        score.check("discovery-token " + " ".join(words), code == 2 and out == "" and "Usage" in err, err)
    code, out, err = run([OURS, "discovery-token", "--endpoints", "http://127.0.0.1:1"])
    score.check("discovery-token without a service", code == 1 and "no endpoint took the token" in err, err)
    code, out, err = run([OURS, "--serve-discovery", "--enable-v2=false", "--data-dir", scratch("data")])
    score.check("--serve-discovery needs the v2 API", code == 1 and "--serve-discovery keeps its tokens" in err, err)
    service.close()
    original.close()


def part_bootstrap():
    service = GoService()
    url, seekers = bootstrap(service, [OURS, OURS, OURS], "DSC-01, 10 three of ours")
    # A fourth, which is told to end.
    endings = {}
    for title, binary in (("ours", OURS), ("theirs", GO)):
        fourth = Seeker(binary, url, "d3", ["--discovery-fallback", "exit"])
        endings[title] = fourth.ending()
        if binary == OURS:
            score.check("full, exit: no member directory", not fourth.has_member_directory)
    score.equal("DSC-09 full, exit", endings["ours"], endings["theirs"])
    score.check("full, exit: the words", endings["ours"][0] == 1 and endings["ours"][1][0]
                == "E failed to join discovery cluster (discovery: cluster is full)", str(endings["ours"]))
    # A fourth, which stands in front of the others then; also when it starts again, without the service.
    fourth = Seeker(OURS, url, "d4")
    fourth.wait_ready(30)
    score.check("DSC-08 full: becomes a proxy", "N | etcdmain: discovery cluster full, falling back to proxy" in fourth.text()
                and not fourth.has_member_directory and os.path.exists(fourth.data + "/proxy/cluster"), fourth.tail())
    client = Client(fourth.endpoint)
    client.call("KV/Put", key=b"through", value=b"proxy")
    client.close()
    fourth.kill()
    service.process.kill()
    fourth.start(wait=False)
    fourth.wait_ready(30)
    client = Client(fourth.endpoint)
    kvs = client.call("KV/Range", key=b"through").kvs
    score.check("PX-21 full: a proxy at the next start, too", [kv.value for kv in kvs] == [b"proxy"])
    client.close()
    fourth.kill()
    service.start()
    # A proxy by its flag takes the token as well, and registers nowhere.
    fifth = Seeker(OURS, url, "d5", ["--proxy", "on"])
    fifth.wait_ready(30)
    score.check("a proxy with a token", len(members(fifth)) == 3, fifth.tail())
    fifth.kill()
    # A member that lost its data is known by its id.
    lost = seekers[1]
    lost.kill()
    shutil.rmtree(lost.data)
    endings = {}
    for title, binary in (("ours", OURS), ("theirs", GO)):
        again = Seeker(binary, url, lost.name, peer=lost.peer)
        endings[title] = again.ending()
        if binary == OURS:
            score.check("duplicate id: no member directory", not again.has_member_directory)
    score.equal("DSC-06 duplicate id", endings["ours"], endings["theirs"])
    score.check("duplicate id: the words", any("previously registered" in line for line in endings["ours"][1]))
    # A restart does not look at the service any more.
    service.process.kill()
    first = seekers[0]
    first.stop()
    first.start()
    wal = os.path.join(first.data, "member", "wal")
    score.check("restart: the token is passed over with 3.4's warning",
                'W | etcdserver: discovery token ignored since a cluster has already been initialized. Valid log found at "%s"'
                % wal in first.text(), first.tail())
    for seeker in seekers:
        seeker.kill()
    service.close()


def part_mixed():
    service = GoService()
    for binaries in ([GO, OURS, OURS], [OURS, GO, GO]):
        title = "mixed, %d of ours" % binaries.count(OURS)
        _, seekers = bootstrap(service, binaries, title)
        for seeker in seekers:
            seeker.kill()
    url = service.token(1)
    alone = Seeker(OURS, url, "one")
    alone.wait_ready(30)
    score.check("a cluster of one", [m[0] for m in members(alone)] == ["one"])
    alone.kill()
    # Any directory of a v2 API will do.
    request = urllib.request.Request(
        service.store.url + "/v2/keys/some/dir/_config/size", method="PUT", data=b"value=2",
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    urllib.request.urlopen(request, timeout=10).read()
    url = service.store.url + "/v2/keys/some/dir"
    seekers = [Seeker(OURS, url, "v0"), Seeker(GO, url, "v1")]
    score.check("DSC-13 a directory of a v2 API", [m[0] for m in settled(seekers)] == ["v0", "v1"])
    for seeker in seekers:
        seeker.kill()
    service.close()


class Recorder(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A plain HTTP proxy that keeps the lines it passed on."""
    daemon_threads = True

    def __init__(self):
        self.lines, self.connections = [], set()
        super().__init__(("127.0.0.1", 0), Passing)
        self.url = "127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        target = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = target.path + ("?" + target.query if target.query else "")
        self.server.lines.append((self.command, path, body.decode(), self.headers.get("Content-Type"),
                                  self.client_address[1]))
        try:
            connection = http.client.HTTPConnection(target.hostname, target.port, timeout=120)
            connection.request(self.command, path, body or None, {k: v for k, v in self.headers.items() if k != "Host"})
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = forward

    def log_message(self, *_):
        pass


def part_proxy():
    """What is asked, seen by `--discovery-proxy`: the same as Go's, line by line."""
    service = GoService()
    seen = {}
    for title, binary in (("ours", OURS), ("theirs", GO)):
        recorder = Recorder()
        url = service.token(2)
        seeker = Seeker(binary, url, "p1", ["--discovery-proxy", recorder.url])
        score.check("%s waits for the second" % title, seeker.wait_text("found 1 peer(s), waiting for 1 more"), seeker.tail())
        second = Seeker(binary, url, "p2")
        settled([seeker, second])
        token = url.rsplit("/", 1)[1]
        me = "%x" % next(m[1] for m in members(seeker) if m[0] == "p1")
        lines = []
        for method, path, body, kind, _ in recorder.lines:
            path = path.replace(token, "TOKEN").replace(me, "ME")
            path = re.sub(r"waitIndex=\d+", "waitIndex=N", path)
            lines.append((method, path, re.sub(r"127\.0\.0\.1%3A\d+", "PEER", body), kind))
        seen[title] = lines
        if binary == OURS:
            score.check("one connection", len({line[4] for line in recorder.lines}) == 1, str(recorder.lines))
        recorder.shutdown()
        for server in (seeker, second):
            server.kill()
    score.equal("DSC-02, 11 the questions of a member", seen["ours"], seen["theirs"])
    score.check("there were seven", len(seen["ours"]) == 7, str(seen["ours"]))
    bad = Seeker(OURS, service.token(1), "p3", ["--discovery-proxy", "http://"])
    code, _ = bad.ending()
    score.check("a proxy that is none", code == 1 and 'invalid proxy address "http://"' in bad.text(), bad.tail())
    service.close()


def part_bad():
    """Tokens and services that are none: code and words of both."""
    service = GoService()
    cases = [("a token never made", lambda: service.url + "/" + "0" * 32)]
    cases += [("size %s" % size, lambda size=size: service.raw_token(size)) for size in ("x", "-1")]
    cases.append(("a page that is no JSON", lambda: service.url + "/nothing/here"))
    for title, make in cases:
        endings = {}
        for whose, binary in (("ours", OURS), ("theirs", GO)):
            seeker = Seeker(binary, make(), "b1")
            endings[whose] = seeker.ending()
            if binary == OURS:
                score.check(title + ": no member directory", not seeker.has_member_directory)
        score.equal("DSC-05 " + title, endings["ours"], endings["theirs"])
        score.check(title + ": ends with 1", endings["ours"][0] == 1, str(endings["ours"]))
    # Where Go panics or waits for ever.
    for size in ("0", "9999", "99999999999999999999"):
        seeker = Seeker(OURS, service.raw_token(size), "b1")
        code, lines = seeker.ending()
        score.check("size %s" % size, code == 1 and "E failed to join discovery cluster (discovery: size key is bad)" in lines,
                    seeker.tail())
        score.check("size %s: says what would be right" % size, '"%s" is no number from 1 to 64' % size in seeker.text())
    for url, words in (("http://127.0.0.1", "has no token"), ("127.0.0.1/x", "does not begin with http:// or https://")):
        seeker = Seeker(OURS, url, "b1")
        code, _ = seeker.ending()
        score.check("URL %s" % url, code == 1 and words in seeker.text() and not seeker.has_member_directory, seeker.tail())
    service.close()


def part_name():
    service = GoService()
    endings = {}
    for whose, binary in (("ours", OURS), ("theirs", GO)):
        url = service.token(2)
        twins = [Seeker(binary, url, "twin"), Seeker(binary, url, "twin")]
        endings[whose] = [twin.ending() for twin in twins]
        if binary == OURS:
            score.check("one name twice: no member directory", not any(twin.has_member_directory for twin in twins))
    score.equal("DSC-07 one name twice", endings["ours"], endings["theirs"])
    score.check("one name twice: the words", all(
        code == 1 and any("duplicated name" in line for line in lines) for code, lines in endings["ours"]))
    service.close()


def part_dead():
    """A service that is not there yet is asked again after 2, 4 ... seconds; one that goes while a member waits, too."""
    service = GoService()
    url = service.token(2)
    service.process.kill()
    seeker = Seeker(OURS, url, "x1")
    words = "cluster status check: error connecting to %s, retrying in " % service.url
    for pause in ("2s", "4s"):
        score.check("DSC-03 a dead service: again in " + pause, seeker.wait_text(words + pause), seeker.tail())
    score.check("a dead service: no member directory", not seeker.has_member_directory)
    service.start()
    score.check("found when it is there", seeker.wait_text("found 1 peer(s), waiting for 1 more"), seeker.tail())
    service.process.kill()
    score.check("a wait that breaks off", seeker.wait_text("waiting for other nodes: error connecting to "), seeker.tail())
    service.start()
    second = Seeker(OURS, url, "x2")
    settled([seeker, second])
    score.check("both are one cluster", [m[0] for m in members(second)] == ["x1", "x2"])
    for server in (seeker, second):
        server.kill()
    waiting = Seeker(OURS, service.token(2), "x3")
    waiting.wait_text("waiting for 1 more")
    began = time.time()
    score.check("a wait ends with SIGTERM", waiting.stop() == -signal.SIGTERM and time.time() - began < 10)
    service.close()


def told(seeker, *blank):
    """What the JSON log says of discovery: level, message and fields of each line, without what differs from run to run, and
    without what we add in brackets."""
    lines = []
    for line in seeker.text().splitlines():
        if not line.startswith("{"):
            continue
        said = json.loads(line)
        # The original names file and line, we the package.
        if not re.match(r"(v2discovery/discovery|etcdmain/etcd|etcdmain|discovery)\b", said.pop("caller", "")):
            continue
        said.pop("ts")
        text = json.dumps(said, sort_keys=True)
        for place, value in enumerate(blank):
            text = text.replace(value, "<%d>" % place)
        text = re.sub(r'"(self|peer)": "\w+"', r'"\1": "ID"', text)
        # Why a connection failed curl words otherwise.
        text = re.sub(r'error #0: .*?\\n', "error #0: WHY", text)
        text = re.sub(r"(size key is bad|bad discovery endpoint) \(.*?\)\)", r"\1)", text)
        lines.append(re.sub(r"\(/_etcd[^)]*\) \[\d+\]", "(key) [n]", text))
    return lines


def part_zap():
    """The same failures with `--logger zap`: messages and fields, line by line."""
    service = GoService()
    zap = ["--logger", "zap", "--log-outputs", "stderr"]

    def compare(title, experiment):
        both = [experiment(binary) for binary in (OURS, GO)]
        score.equal("zap: " + title, *both)
        score.check("zap: %s: something was said" % title, both[1], both)

    def ended(make, *flags):
        def experiment(binary):
            seeker = Seeker(binary, make(), "b1", zap + list(flags))
            seeker.ending()
            return told(seeker, seeker.discovery, service.url, seeker.data)
        return experiment
    compare("a token never made", ended(lambda: service.url + "/" + "0" * 32))
    compare("a size that is none", ended(lambda: service.raw_token("x")))
    compare("a page that is no JSON", ended(lambda: service.url + "/nothing/here"))

    def full():
        url = service.token(1)
        Seeker(GO, url, "first").wait_ready(30)
        return url
    compare("full", ended(full, "--discovery-fallback", "exit"))

    def twins(binary):
        url = service.token(2)
        pair = [Seeker(binary, url, "twin", zap) for _ in range(2)]
        for each in pair:
            each.ending()
        # Either may be the first to register: the end is the same.
        return told(pair[0], url, service.url)[-5:]
    compare("one name twice", twins)

    def again(binary):
        url = service.token(2)
        seeker = Seeker(binary, url, "x1", zap)
        score.check("zap: it waits", seeker.wait_text("waiting for more"), seeker.tail())
        lines = told(seeker, url, service.url)
        seeker.kill()
        second = Seeker(binary, url, "x1", zap, peer=seeker.peer)
        second.ending()
        return lines + told(second, url, service.url, second.data)
    compare("waiting, then registered already", again)

    def alone(binary):
        seeker = Seeker(binary, service.token(1), "x1", zap)
        seeker.wait_ready(30)
        lines = told(seeker, seeker.discovery, service.url)
        seeker.kill()
        return lines
    compare("a cluster of one", alone)

    def by_proxy(binary):
        seeker = Seeker(binary, service.token(1), "x1", zap + ["--discovery-proxy", "127.0.0.1:1"])
        score.check("zap: it tries again", seeker.wait_text("retry connecting"), seeker.tail())
        lines = told(seeker, seeker.discovery, service.url, seeker.discovery[seeker.discovery.rindex("/"):])
        seeker.kill()
        return lines
    compare("a proxy that is not there", by_proxy)
    service.process.kill()

    def dead(binary):
        seeker = Seeker(binary, service.url + "/t", "x1", zap)
        seeker.wait_text('"backoff":"4s"')
        lines = told(seeker, service.url)
        seeker.kill()
        return lines
    compare("a service that is not there", dead)
    service.close()


def part_flags():
    for flags in (["--discovery", "http://h/t", "--initial-cluster", "a=http://127.0.0.1:1"],
                  ["--discovery", "http://h/t", "--discovery-srv", "h"],
                  ["--discovery-srv", "h", "--initial-cluster", "a=http://127.0.0.1:1"]):
        endings = []
        for binary in (OURS, GO):
            code, out, err = run([binary, "--data-dir", scratch("data")] + flags)
            endings.append((code, [line.split(" | ", 1)[-1] for line in err.splitlines() if "multiple" in line]))
        score.equal("two ways to bootstrap: " + " ".join(flags), *endings)
        score.check("two ways to bootstrap are refused", endings[0][0] == 1 and len(endings[0][1]) == 1, str(endings[0]))
    endings = []
    for binary in (OURS, GO):
        seeker = Seeker(binary, "http://127.0.0.1:1/t", "e1", ["--initial-cluster-state", "existing"])
        code, _ = seeker.ending()
        endings.append((code, [line.split(" | ", 1)[-1] for line in seeker.text().splitlines() if "discovery URL should" in line]))
    score.equal("VAL-25 a token where a cluster is joined", *endings)
    score.check("it is refused", endings[0][0] == 1 and len(endings[0][1]) == 1, str(endings[0]))


PARTS = {"bootstrap": part_bootstrap, "own": part_own, "mixed": part_mixed, "proxy": part_proxy, "bad": part_bad, "name": part_name,
         "dead": part_dead, "zap": part_zap, "flags": part_flags}

if __name__ == "__main__":
    need(SERVICE, "Debian's etcd-discovery")
    need(GO, "Debian's etcd")
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
    score.close()
