"""Bootstrap by DNS: Debian's dnsmasq as the name server, members of ours and of Go, in a network namespace of their own.

Members and tools are here, front ends in srv_fronts.py.

usage: srv.py [part ...]
"""
import functools, re
from zones import *
from srv_fronts import FRONT_PARTS

score = Score("srv")


def listed(server):
    client = Client(server.endpoint)
    try:
        return sorted((m.name, m.ID, list(m.peerURLs)) for m in client.call("Cluster/MemberList").members)
    finally:
        client.close()


def together(title, members):
    """All are healthy, know each other by their own names, and share what is written."""
    for member in members:
        member.wait_ready(60)
    end, lists = time.time() + 20, []
    while time.time() < end:
        lists = [listed(member) for member in members]
        if all(each == lists[0] and [m[0] for m in each] == sorted(m.name for m in members) for each in lists):
            break
        time.sleep(0.1)
    score.check(title + ": all know all by name", [m[0] for m in lists[0]] == sorted(m.name for m in members)
                and all(each == lists[0] for each in lists), str(lists))
    client = Client(members[0].endpoint)
    client.call("KV/Put", key=b"k", value=title.encode())
    client.close()
    for member in members:
        client = Client(member.endpoint)
        kvs = client.call("KV/Range", key=b"k").kvs
        score.check("%s: %s reads what was written" % (title, member.name), [kv.value for kv in kvs] == [title.encode()])
        client.close()


def stop(members):
    for member in members:
        member.kill()


def peer_files(place, with_ca=True):
    files = ["--peer-cert-file", place + "/peer.pem", "--peer-key-file", place + "/peer-key.pem"]
    return files + (["--peer-trusted-ca-file", place + "/ca.pem", "--peer-client-cert-auth"] if with_ca else [])


def part_http():
    names = Names(*hosts("http.test"), *services("etcd-server", "http.test"))
    members = [Member(OURS, host, "http.test") for host in ("n1", "n2", "n3")]
    together("DSC-14, 15 http alone", members)
    # A proxy need not stand in DNS.
    proxy = Member(OURS, "n4", "http.test", flags=["--proxy", "on"], advertise="http://10.77.0.4:2380")
    proxy.wait_ready(30)
    score.check("a proxy by DNS", len(listed(proxy)) == 3, proxy.tail())
    proxy.kill()
    score.check("names and numbers are logged", "N | embed: got bootstrap from DNS for etcd-server at s-n1=http://n1.http.test:2380"
                in members[0].text() and "at 0=http://n2.http.test:2380" in members[0].text(), members[0].tail())
    # The records are for the first start only.
    names.set(*hosts("http.test"))
    members[1].stop()
    members[1].start()
    score.check("a restart asks for no records", names.asked("_etcd-server._tcp.http.test") == 0
                and "restarting member" in members[1].text())
    stop(members)
    names.kill()


def part_https():
    place = certificates([HOSTS[h][0] for h in ("n1", "n2", "n3")] + ["%s.ssl.test" % h for h in ("n1", "n2", "n3")])
    names = Names(*hosts("ssl.test"), *services("etcd-server-ssl", "ssl.test"))
    members = [Member(binary, host, "ssl.test", "https", peer_files(place))
               for binary, host in ((OURS, "n1"), (GO, "n2"), (OURS, "n3"))]
    together("https alone, one of Go's", members)
    stop(members)
    # RSA, and clients that must show a certificate too.
    place = certificates([HOSTS[h][0] for h in ("n1", "n2", "n3")] + ["%s.ssl.test" % h for h in ("n1", "n2", "n3")], "rsa", 2048)
    members = [Member(OURS, host, "ssl.test", "https", peer_files(place)) for host in ("n1", "n2", "n3")]
    together("https with RSA", members)
    stop(members)
    # Without a CA of its own the domain must stand in the certificate; members of 3.4 and ours alike.
    place = certificates([HOSTS[h][0] for h in ("n1", "n2", "n3")] + ["ssl.test"])
    trust = {"SSL_CERT_FILE": place + "/ca.pem"}
    members = [Member(binary, host, "ssl.test", "https", peer_files(place, with_ca=False), env=trust)
               for binary, host in ((OURS, "n1"), (GO, "n2"), (OURS, "n3"))]
    together("DSC-17 https without a CA: the domain's name", members)
    stop(members)
    names.kill()


def part_outside():
    """A member whose certificate is for another place is refused by name and address, and DNS is left in peace."""
    names = Names(*hosts("ssl.test", ("n1", "n2", "n3", "n4")), *services("etcd-server-ssl", "ssl.test"))
    inside = certificates([HOSTS[h][0] for h in ("n1", "n2")] + ["n1.ssl.test", "n2.ssl.test"])
    # The same authority, so that the name is all that is wrong: n3 shows what belongs to n4.
    place = sibling(inside, ["n4.ssl.test"])
    members = [Member(OURS, host, "ssl.test", "https", peer_files(files))
               for host, files in (("n1", inside), ("n2", inside), ("n3", place))]
    for member in members[:2]:
        member.wait_ready(60)
    before = names.questions()
    time.sleep(5)
    asked = names.questions() - before
    # Each member dials the two others by name, of which two are refused, and asks for A and AAAA: at most once a second.
    score.check("refused members do not hammer DNS", asked < 100, "%d questions in 5 s" % asked)
    said = [line for line in members[0].text().splitlines()
            if re.search(r'rejected connection from "10\.77\.0\.\d:\d+".*\["n4\.ssl\.test"\] \(certificate "', line)]
    score.check("the log names certificate and address", said, members[0].tail())
    with open(names.log) as f:
        asked = sum("query[" in line and "n4.ssl.test" in line for line in f)
    # Where the certificate's name leads is remembered; 3.4 asks at each of some twenty attempts a second and member.
    score.check("the certificate's names are not looked up again and again", asked < 40, "%d questions" % asked)
    stop(members)
    names.kill()


def part_mixed():
    place = certificates([HOSTS[h][0] for h in ("n1", "n2", "n3")] + ["%s.mix.test" % h for h in ("n1", "n2", "n3")])
    names = Names(*hosts("mix.test"), *services("etcd-server-ssl", "mix.test", ["n1"]),
                  *services("etcd-server", "mix.test", ["n2", "n3"]))
    members = [Member(OURS, "n1", "mix.test", "https", peer_files(place))] + [
        Member(OURS, host, "mix.test", "http", peer_files(place)) for host in ("n2", "n3")]
    together("https and http", members)
    stop(members)
    names.kill()


def part_name():
    names = Names(*hosts("name.test", ("n1", "n2", "n3")), *services("etcd-server", "name.test", ["n3"]),
                  *services("etcd-server-blue", "name.test", ["n1", "n2"]))
    members = [Member(OURS, host, "name.test", flags=["--discovery-srv-name", "blue"]) for host in ("n1", "n2")]
    together("--discovery-srv-name", members)
    score.check("both names are asked for", names.asked("_etcd-server-ssl-blue._tcp.name.test") >= 1
                and names.asked("_etcd-server-blue._tcp.name.test") >= 1)
    stop(members)
    names.kill()


def part_six():
    names = Names(*hosts("six.test", six=True), *services("etcd-server", "six.test"))
    members = [Member(OURS, host, "six.test", six=True) for host in ("n1", "n2", "n3")]
    together("IPv6", members)
    stop(members)
    # Advertised by address, found by name: both lead to the same place.
    names.set(*hosts("alone.test", ["n1"], six=True), *services("etcd-server", "alone.test", ["n1"]))
    member = Member(OURS, "n1", "alone.test", six=True, advertise="http://[fd77::1]:2380")
    together("an address is advertised, a name stands in DNS", [member])
    stop([member])
    names.kill()


def part_unresolvable():
    names = Names(*hosts("gone.test", ["n1", "n2"]), *services("etcd-server", "gone.test"))
    began = time.time()
    member = Member(OURS, "n1", "gone.test", flags=["--discovery-timeout", "3s"])
    code = member.ending()
    score.check("a target that does not resolve ends the start", code == 1 and "n3.gone.test:2380" in member.text()
                and "cannot be resolved" in member.text(), member.tail())
    score.check("not before the time that it is given", time.time() - began > 2)
    score.check("nothing was founded", not os.path.exists(member.data + "/member"))
    # What is corrected in time is taken.
    member = Member(OURS, "n1", "gone.test", flags=["--discovery-timeout", "1m"])
    end = time.time() + 20
    while "n3.gone.test:2380" not in member.text() and time.time() < end:
        time.sleep(0.05)
    names.set(*hosts("gone.test"), *services("etcd-server", "gone.test"))
    members = [member] + [Member(OURS, host, "gone.test") for host in ("n2", "n3")]
    together("corrected in time", members)
    stop(members)
    names.kill()


def part_missing():
    names = Names(*hosts("ssl.test", ["n1", "n2", "n3", "n4"]), *services("etcd-server-ssl", "ssl.test"))
    place = certificates(["n4.ssl.test"])
    said = []
    for binary in (OURS, GO):
        member = Member(binary, "n4", "ssl.test", "https", peer_files(place))
        code = member.ending()
        words = [line.split(" | ", 1)[-1] for line in member.text().splitlines() if "local etcd member" in line]
        said.append((code, [word[word.index("cannot find"):] for word in words[-1:]]))
    score.equal("DSC-16 own URL missing", [said[0][0], said[0][1][0].rstrip(")")], [said[1][0], said[1][1][0].rstrip(")")])
    zap = ["--logger", "zap", "--log-outputs", "stderr"]

    def told(binary, host, domain, flags):
        """Level, message and fields of what the JSON log says of the failure."""
        member = Member(binary, host, domain, flags=zap + flags, advertise="http://%s:2380" % HOSTS[host][0])
        member.ending()
        lines = [json.loads(line) for line in member.text().splitlines() if line.startswith("{")]
        return [(line["level"], line["msg"], re.sub(r" on 127.0.0.1:53| and for _etcd-server .*", "", line["error"])) for line in lines
                if re.match("failed to (start|resolve)|discovery failed", line["msg"])]
    for title, host, domain, count in (("own URL missing", "n4", "ssl.test", 2), ("no records", "n1", "nothing.test", 3)):
        ours, theirs = (told(binary, host, domain, []) for binary in (OURS, GO))
        score.equal("zap: " + title, ours, theirs)
        score.equal("zap: %s: lines" % title, len(theirs), count)
    member = Member(OURS, "n1", "ssl.test", "http")
    score.check("own record under the other scheme", member.ending() == 1
                and "bootstrap at https://n1.ssl.test:2380 from DNS for etcd-server-ssl has scheme mismatch with expected peer"
                " http://n1.ssl.test:2380" in member.text(), member.tail())
    began = time.time()
    member = Member(OURS, "n1", "nothing.test", flags=["--initial-advertise-peer-urls", "http://10.77.0.1:2380"])
    code = member.ending()
    score.check("VAL-33 no records at all", code == 1 and "lookup _etcd-server-ssl._tcp.nothing.test: no such host" in member.text()
                and "lookup _etcd-server._tcp.nothing.test: no such host" in member.text(), member.tail())
    score.check("no records at all: at once", time.time() - began < 15)
    names.kill()


def ctl(binary, words, **more):
    code, out, err = run([binary] + words, env={"ETCDCTL_API": "3"}, **more)
    return code, out, err


def part_etcdctl():
    """DSC-18 what clients ask for, in every command."""
    names = Names(*hosts("c.test"), *services("etcd-server", "c.test"), *services("etcd-client", "c.test", port=2379))
    members = [Member(OURS, host, "c.test") for host in ("n1", "n2", "n3")]
    together("members for etcdctl", members)
    for words, input in ((["put", "x", "1"], None), (["get", "x"], None), (["del", "x"], None), (["member", "list", "-w", "fields"], None),
                         (["txn"], 'value("x") = "1"\n\nget x\n\n\n\n'), (["user", "list"], None)):
        ours, theirs = (ctl(binary, ["-d", "c.test"] + words, input=input) for binary in (OURCTL, GOCTL))
        blank = [re.sub(r'"(MemberID|ClusterID|RaftTerm|Revision)" :.*', "", each[1]) for each in (ours, theirs)]
        score.equal("etcdctl -d: " + words[0], (ours[0], blank[0]) if words[0] != "del" else ours[0],
                    (theirs[0], blank[1]) if words[0] != "del" else theirs[0])
        score.check("etcdctl -d: %s ends well" % words[0], ours[0] == 0, str(ours))
    code, out, err = ctl(OURCTL, ["--discovery-srv", "c.test", "endpoint", "status"])
    score.check("endpoint status asks DNS too", code == 0 and [line.split(",")[0] for line in out.splitlines()]
                == ["http://n%d.c.test:2379" % n for n in (1, 2, 3)], out + err)
    code, out, err = run([OURCTL, "endpoint", "health"], env={"ETCDCTL_DISCOVERY_SRV": "c.test"})
    score.check("endpoint health, by variable", code == 0 and (out + err).count("is healthy") == 3, out + err)
    code, out, err = ctl(OURCTL, ["-d", "c.test", "endpoint", "hashkv"])
    score.check("endpoint hashkv", code == 0 and out.count("c.test:2379") == 3, out + err)
    code, out, err = ctl(OURCTL, ["-d", "nothing.test", "get", "x"])
    score.check("no records", code == 1 and err == "Error: dns lookup errors: lookup _etcd-client-ssl._tcp.nothing.test: no such host"
                " and lookup _etcd-client._tcp.nothing.test: no such host\n", err)
    score.equal("no records: the code", code, ctl(GOCTL, ["-d", "nothing.test", "get", "x"])[0])
    code, out, err = ctl(OURCTL, ["-d", "c.test", "--insecure-discovery=false", "get", "x"])
    score.check("plain http is left out, and nothing takes its place", code == 1
                and err.count("ignoring discovered insecure endpoint") == 3 and "no encrypted endpoint" in err, err)
    names.set(*hosts("c.test"), *services("etcd-client-blue", "c.test", port=2379))
    code, out, err = ctl(OURCTL, ["-d", "c.test", "--discovery-srv-name", "blue", "put", "x", "2"])
    score.check("a name behind the service", code == 0 and out == "OK\n", out + err)
    # The v2 mode has the flags as well. Its members are asked for their own addresses first, which only v2 pages answer: here
    # Go's member answers both tools.
    names.set(*hosts("c.test"), *hosts("v.test", ["n4"]), *services("etcd-client", "v.test", ["n4"], port=2379))
    v2 = Member(GO, "n4", "v.test", flags=["--enable-v2", "--initial-cluster", "s-n4=http://n4.v.test:2380"])
    v2.wait_ready()
    for words in (["-D", "v.test", "--insecure-discovery", "set", "x", "1"], ["-D", "nothing.test", "ls"]):
        ours, theirs = (run([binary] + words, env={"ETCDCTL_API": "2"}) for binary in (OURCTL, GOCTL))
        score.equal("etcdctl v2 -D: " + words[-1], *[(each[0], each[1]) for each in (ours, theirs)])
    v2.kill()
    # An answer that is too large for a datagram comes by TCP; an alias leads on, inside the answer and out of it.
    many = ["srv-host=_etcd-client._tcp.many.test,n1.c.test,2379,%d,0" % n for n in range(1, 80)]
    names.set(*hosts("c.test"), *many)
    code, out, err = ctl(OURCTL, ["-d", "many.test", "endpoint", "status"], timeout=60)
    score.check("an answer of 79 records", code == 0 and len(out.splitlines()) == 79, str(code) + err)
    stop(members)
    names.kill()


def part_etcdctl_tls():
    place = certificates([HOSTS["n1"][0], "n1.t.test"])
    names = Names(*hosts("t.test"), *services("etcd-client-ssl", "t.test", ["n1"], port=2379))
    files = ["--cert-file", place + "/peer.pem", "--key-file", place + "/peer-key.pem"]

    class Alone(Member):
        @property
        def url(self):
            return "https://%s:2379" % self.address

    alone = ["--initial-cluster", "s-n1=http://n1.t.test:2380"]
    member = Alone(OURS, "n1", "t.test", flags=files + alone)
    asked = ["-d", "t.test", "--cacert", place + "/ca.pem"]
    end = time.time() + 30
    while ctl(OURCTL, asked + ["get", "x"])[0] != 0 and time.time() < end:
        time.sleep(0.2)
    for binary in (OURCTL, GOCTL):
        code, out, err = ctl(binary, asked + ["put", "x", "1"])
        score.check("https: the host's name counts", (code, out) == (0, "OK\n"), err)
        code, out, err = ctl(binary, asked + ["--insecure-discovery=false", "--command-timeout=2s", "put", "x", "1"])
        score.check("https, DNS not trusted: the domain must stand in the certificate", code != 0, out + err)
    member.kill()
    place = certificates([HOSTS["n1"][0], "t.test"])
    member = Alone(OURS, "n1", "t.test", flags=["--cert-file", place + "/peer.pem", "--key-file", place + "/peer-key.pem"] + alone)
    asked = ["-d", "t.test", "--cacert", place + "/ca.pem", "--insecure-discovery=false"]
    end = time.time() + 30
    while ctl(OURCTL, asked + ["get", "x"])[0] != 0 and time.time() < end:
        time.sleep(0.2)
    for binary in (OURCTL, GOCTL):
        code, out, err = ctl(binary, asked + ["put", "x", "1"])
        score.check("the domain stands in the certificate", (code, out) == (0, "OK\n"), err)
    member.kill()
    names.kill()


def part_page():
    """The sections of docs/bootstrap.md, step by step in an empty directory."""
    page = open(os.path.join(ROOT, "docs", "bootstrap.md")).read()
    steps = re.findall(r"<!-- run: ([a-z ]+) -->\n```sh\n(.*?)```", page, re.S)
    place = scratch("bin")
    os.mkdir(place)
    os.symlink(OURS, place + "/etcd")
    os.symlink(OURCTL, place + "/etcdctl")
    for section, words in (("token", "http://127.0.0.1:32380"), ("dns", "http://n2.example.test:2379"), ("tls", "greeting\nhello")):
        text = "".join(body for kinds, body in steps if section in kinds.split())
        work = scratch("page")
        os.mkdir(work)
        out = open(work + "/out", "w+")
        shell = subprocess.Popen(["bash", "-eu", "-c", text + "\ntouch done\n"], cwd=work, stdout=out, stderr=subprocess.STDOUT,
                                 start_new_session=True,
                                 env=dict(os.environ, PATH=place + ":" + os.environ["PATH"], CONFIGS=os.path.join(ROOT, "configs")))
        try:
            shell.wait(90)
        except subprocess.TimeoutExpired:
            pass
        # Everything that the page started is in the shell's session, and nothing else is.
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
        said = open(work + "/out").read()
        score.check("the page, section %s" % section, os.path.exists(work + "/done") and words in said, said[-1500:])


PARTS = {"page": part_page, "etcdctl": part_etcdctl, "etcdctl_tls": part_etcdctl_tls, "http": part_http, "https": part_https, "outside": part_outside, "mixed": part_mixed, "name": part_name, "six": part_six,
         "unresolvable": part_unresolvable, "missing": part_missing}
PARTS.update({name: functools.partial(part, score) for name, part in FRONT_PARTS.items()})


if __name__ == "__main__":
    if not os.environ.get("INSIDE"):
        sys.exit(within())
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
    score.close()
