"""A name server and hosts of one's own: what the scripts about DNS share.

A script of these starts itself again inside of a network namespace that it makes (`within`), where /etc/resolv.conf names
Debian's dnsmasq; without the right to make one everything is skipped.
"""
from lib import *
from lib import _running

DNSMASQ = "/usr/sbin/dnsmasq"
HOSTS = {"n1": ("10.77.0.1", "fd77::1"), "n2": ("10.77.0.2", "fd77::2"), "n3": ("10.77.0.3", "fd77::3"),
         "n4": ("10.77.0.4", "fd77::4")}


class Names:
    """dnsmasq with the records of one part; `set` starts it anew with others."""

    def __init__(self, *lines):
        self.process = None
        self.set(*lines)

    def set(self, *lines):
        self.kill()
        path = scratch("dnsmasq.conf")
        with open(path, "w") as f:
            f.write("\n".join(["no-resolv", "no-hosts", "local=/test/", "bind-interfaces", "listen-address=127.0.0.1",
                               "user=root", "pid-file=", "log-queries", "log-facility=" + path + ".log"] + list(lines)) + "\n")
        self.log = path + ".log"
        self.process = subprocess.Popen([DNSMASQ, "--keep-in-foreground", "--conf-file=" + path],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _running.append(self)
        end = time.time() + 10
        while time.time() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", 53)) == 0:
                    return
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)
        raise AssertionError("dnsmasq does not listen")

    def asked(self, name):
        with open(self.log) as f:
            return sum(("query[SRV] %s " % name) in line for line in f)

    def questions(self):
        """Of every kind, so far."""
        with open(self.log) as f:
            return sum(" query[" in line for line in f)

    def kill(self):
        if self in _running:
            _running.remove(self)
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()


def hosts(domain, names=("n1", "n2", "n3"), six=False):
    return ["host-record=%s.%s,%s" % (name, domain, HOSTS[name][1 if six else 0]) for name in names]


def services(service, domain, names=("n1", "n2", "n3"), port=2380):
    return ["srv-host=_%s._tcp.%s,%s.%s,%d" % (service, domain, name, domain, port) for name in names]


class Member(Server):
    """Found by DNS; its host is one of HOSTS, so that all have the same ports."""

    def __init__(self, binary, host, domain, scheme="http", flags=(), six=False, advertise=None, env=None):
        self.binary, self.name, self.host, self.domain, self.scheme = binary, "s-" + host, host, domain, scheme
        self.address, self.client = "[%s]" % HOSTS[host][1] if six else HOSTS[host][0], 2379
        self.advertise = advertise or "%s://%s.%s:2380" % (scheme, host, domain)
        self.flags, self.env = list(flags), dict(os.environ, **env) if env else None
        self.data, self.log, self.process = scratch("data"), scratch("log"), None
        self.start(wait=False)

    def arguments(self):
        words = [self.binary, "--name", self.name, "--data-dir", self.data, "--listen-client-urls", self.url,
                 "--advertise-client-urls", self.url, "--listen-peer-urls", "%s://%s:2380" % (self.scheme, self.address),
                 "--initial-advertise-peer-urls", self.advertise] + self.flags
        return words if "--initial-cluster" in words else words + ["--discovery-srv", self.domain]

    def text(self):
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def ending(self, seconds=40):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = "still runs"
        self.kill()
        return code


def certificates(names, algorithm="ecdsa", size=256):
    """A CA and a pair for members, good for `names`; by cfssl, from the requests in configs/pki."""
    place = scratch("pki")
    shutil.copytree(os.path.join(ROOT, "configs", "pki"), place)
    with open(os.path.join(place, "peer.json")) as f:
        request = json.load(f)
    request["hosts"], request["key"] = list(names), {"algo": algorithm, "size": size}
    with open(os.path.join(place, "peer.json"), "w") as f:
        json.dump(request, f)
    for step in ("cfssl gencert -initca ca-csr.json | cfssljson -bare ca -",
                 "cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json -profile=peer peer.json"
                 " | cfssljson -bare peer"):
        code, _, err = run(["sh", "-c", "cd %s && %s" % (place, step)])
        assert code == 0, err
    return place


def sibling(place, names):
    """A pair by the same CA as those in `place`, good for other names."""
    made = scratch("pki")
    shutil.copytree(place, made)
    with open(made + "/peer.json") as f:
        request = json.load(f)
    request["hosts"] = list(names)
    with open(made + "/peer.json", "w") as f:
        json.dump(request, f)
    code, _, err = run(["sh", "-c", "cd %s && cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json -profile=peer"
                                    " peer.json | cfssljson -bare peer" % made])
    assert code == 0, err
    return made


def within():
    """Makes the namespace and runs this script in it."""
    need(DNSMASQ, "Debian's dnsmasq")
    need(GO, "Debian's etcd")
    if not shutil.which("cfssl"):
        print("SKIPPED: cfssl is missing")
        return 0
    name = "etcd-srv-%d" % os.getpid()
    code, _, err = run(["ip", "netns", "add", name]) if shutil.which("ip") else (1, "", "ip is missing")
    if code != 0:
        print("SKIPPED: network namespaces are not allowed here (%s)" % err.strip())
        return 0
    place = os.path.join("/etc/netns", name)
    try:
        os.makedirs(place)
        with open(os.path.join(place, "resolv.conf"), "w") as f:
            f.write("nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")
        code, _, err = run(["ip", "netns", "exec", name, "true"])
        if code != 0:
            print("SKIPPED: network namespaces cannot be entered here (%s)" % err.strip())
            return 0
        for words in [["link", "set", "lo", "up"]] + [
                ["addr", "add", address + suffix, "dev", "lo"] + (["nodad"] if ":" in address else [])
                for pair in HOSTS.values() for address, suffix in zip(pair, ("/32", "/128"))]:
            code, _, err = run(["ip", "netns", "exec", name, "ip"] + words)
            assert code == 0, err
        inside = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, os.path.abspath(sys.argv[0])] + sys.argv[1:],
                                  env=dict(os.environ, INSIDE="1"))
        return inside.wait()
    finally:
        shutil.rmtree(place, ignore_errors=True)
        run(["ip", "netns", "del", name])
