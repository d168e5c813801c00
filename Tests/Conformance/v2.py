"""The v2 API: the same requests to Debian's `etcd --enable-v2` and to ours; status, header and body compared.

Rows V2-01..34, 38 of the feature list. Times, ids and the log's index are blanked, everything else must be equal. Watches are held open
on both. Clusters of both kinds are in v2_cluster.py.

usage: v2.py [part of a case's name ...]
"""
import base64, http.client, random, re, socket, ssl, sys, urllib.parse
from lib import *

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")
CASES = []
UNTOLD = ("Date", "Content-Length", "Transfer-Encoding", "Connection")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


def form(**fields):
    """A form body; `_` behind a name is for Python only."""
    return urllib.parse.urlencode({name.rstrip("_"): value for name, value in fields.items()})


def ask(port, method, path, body=None, headers=None, timeout=15):
    """(status, {field: value}, body) of one request on a connection of its own; names of fields as they were sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    if isinstance(body, dict):
        body = form(**body)
    if headers is None:
        headers = FORM if body is not None else {}
    connection.request(method, path, body=body, headers=headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, dict(reply.getheaders()), text


def plain(answer):
    """What two answers must agree on: no dates, no ids, no places in the log."""
    status, fields, body = answer
    fields = {name: value for name, value in fields.items() if name not in UNTOLD}
    for name in ("X-Etcd-Cluster-Id", "X-Raft-Index", "X-Raft-Term"):
        if name in fields:
            assert re.fullmatch("[0-9a-f]+", fields[name]), (name, fields[name])
            fields[name] = "N"
    body = re.sub(rb'"expiration":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"', b'"expiration":"TIME"', body)
    # Seconds that are left may pass between two questions.
    body = re.sub(rb'"ttl":-?\d+', b'"ttl":0', body)
    # What is no UTF-8 Go keeps until it writes it; here it is U+FFFD from the beginning.
    return status, fields, sort_nodes(body.replace(b"\\ufffd", b"\xef\xbf\xbd"))


def sort_nodes(body):
    """Go lists directories in no order unless asked to sort; ours are always sorted."""
    def sort(value):
        if isinstance(value, dict):
            if "nodes" in value:
                value["nodes"] = sorted((sort(n) for n in value["nodes"]), key=lambda n: n["key"])
            for key in ("node", "prevNode"):
                if key in value:
                    sort(value[key])
        return value
    if b'"nodes":[' not in body:
        return body
    tail = b"\n" if body.endswith(b"\n") else b""
    return json.dumps(sort(json.loads(body))).encode() + tail


class Pair:
    """Both programs, each alone, with the same flags."""

    def __init__(self, *flags):
        self.ours = Server(OURS, flags=flags)
        self.theirs = Server(GO, flags=("--enable-v2",) + flags)
        self.members = (self.ours, self.theirs)

    def both(self, method, path, body=None, headers=None):
        return [ask(m.client, method, path, body, headers) for m in self.members]

    def compare(self, score, name, method, path, body=None, headers=None):
        """Asks both; answers ours."""
        ours, theirs = self.both(method, path, body, headers)
        score.equal("%s: %s %s %r" % (name, method, path, body), plain(ours), plain(theirs))
        return ours

    def end(self):
        for member in self.members:
            member.kill()


class Watch:
    """A long poll or stream on one port; bytes as they come."""

    def __init__(self, port, path, headers=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self.socket.sendall(("GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (path, headers)).encode())
        self.file = self.socket.makefile("rb")
        self.status = None

    def head(self):
        """Status and fields, which come before any event does."""
        line = self.file.readline()
        self.status = int(line.split()[1])
        fields = {}
        while True:
            line = self.file.readline().strip().decode()
            if not line:
                break
            name, _, value = line.partition(": ")
            fields[name] = value
        self.fields = fields
        return self.status, fields

    def line(self):
        """One chunk, which is one event; empty at the end of the body."""
        size = int(self.file.readline(), 16)
        text = self.file.read(size)
        assert self.file.readline() == b"\r\n"
        return text

    def rest(self):
        lines = []
        while True:
            line = self.line()
            if not line:
                return lines
            lines.append(line)

    def close(self):
        # Both, or the connection stays open.
        self.file.close()
        self.socket.close()


def value(text):
    return {"value": text}


@case("keys")
def keys(score):
    """V2-01..06, 09..11, 16..21: what is asked of keys, and how it is answered."""
    pair = Pair()
    go = lambda *a, **k: pair.compare(score, *a, **k)
    for path in ("/v2", "/v2/", "/v2/nothing", "/v2/keysx", "/v2/config/local/proxy", "/v2/config", "/v2/speedTest", "/v2/keys", "/v2/keys/",
                 "/v2/keys//a", "/v2/keys/a/../b", "/v2/keys/./a", "/v2/keys/%2e%2e/a", "/v2/keys/a%2fb"):
        for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
            if method in ("GET", "HEAD") or "keys" not in path:
                go("V2-01 places", method, path)
    go("V2-04 PUT", "PUT", "/v2/keys/a", value("1"))
    go("V2-04 again", "PUT", "/v2/keys/a", value("2"))
    go("V2-04 in the query", "PUT", "/v2/keys/a?value=3", None)
    go("V2-04 body before query", "PUT", "/v2/keys/a?value=4", value("5"))
    go("V2-04 no value", "PUT", "/v2/keys/none")
    go("V2-04 other type", "PUT", "/v2/keys/a", "value=6", {"Content-Type": "text/plain"})
    go("V2-04 no type", "PUT", "/v2/keys/a", "value=6", {})
    go("V2-04 type with parameters", "PUT", "/v2/keys/a", "value=6", {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"})
    for wrong in ("application", "a/", "/b", "a b", "application/x-www-form-urlencoded; x", "application/x-www-form-urlencoded;",
                  "application/x-www-form-urlencoded; a=1; a=2", 'application/x-www-form-urlencoded; a="', "application/x-www-form-urlencoded foo", ";"):
        go("V2-04 type %r" % wrong, "PUT", "/v2/keys/type", "value=6", {"Content-Type": wrong})
    go("V2-04 dir", "PUT", "/v2/keys/d", {"dir": "true"})
    go("V2-04 dir again", "PUT", "/v2/keys/d", {"dir": "true"})
    go("V2-04 file over dir", "PUT", "/v2/keys/d", value("x"))
    go("V2-04 dir over file", "PUT", "/v2/keys/a?dir=true")
    go("V2-04 file below file", "PUT", "/v2/keys/a2", value("x"))
    go("V2-04 file below file", "PUT", "/v2/keys/a2/b", value("x"))
    go("V2-04 deep", "PUT", "/v2/keys/x/y/z", value("deep"))
    go("V2-04 root", "PUT", "/v2/keys", value("x"))
    go("V2-04 root", "PUT", "/v2/keys/?dir=true")
    go("V2-04 letters", "PUT", "/v2/keys/l/%C3%A9?value=%C3%A9+%26%3C%3E%22%5C%E2%80%A8")
    go("V2-04 letters of two", "PUT", "/v2/keys/l/e%CC%81?value=e%CC%81")
    go("V2-04 a slash with an accent", "PUT", "/v2/keys/l/%CC%81x", value("x"))
    go("V2-02 both are there", "GET", "/v2/keys/l?sorted=true")
    go("V2-06 other letters are another value", "PUT", "/v2/keys/l/%C3%A9", {"value": "x", "prevValue": "e\u0301 &<>\"\\\u2028"})
    for path in ("/a", "/d", "/x", "/x/y/z", "/nope", "/x/nope", "/x/y/z/nope", "/", "", "/x/"):
        for query in ("", "?recursive=true", "?sorted=true", "?recursive=true&sorted=true", "?quorum=true", "?quorum=true&recursive=true"):
            go("V2-02, 03 GET", "GET", "/v2/keys" + path + query)
        go("V2-16 HEAD", "HEAD", "/v2/keys" + path)
        go("V2-16 HEAD", "HEAD", "/v2/keys" + path + "?quorum=true")
    go("V2-02 hidden", "PUT", "/v2/keys/x/_h", value("h"))
    go("V2-02 hidden", "PUT", "/v2/keys/x/_d/k", value("h"))
    go("V2-02 hidden", "GET", "/v2/keys/x?recursive=true&sorted=true")
    go("V2-02 hidden", "GET", "/v2/keys/x/_h")
    go("V2-02 hidden", "GET", "/v2/keys/x/_d")
    for row, method, path, body in (
            ("05 update", "PUT", "/a", {"value": "7", "prevExist": "true"}), ("05 create", "PUT", "/a", {"value": "8", "prevExist": "false"}),
            ("05 create", "PUT", "/c", {"value": "8", "prevExist": "false"}), ("05 update", "PUT", "/nope", {"value": "8", "prevExist": "true"}),
            ("05 update dir", "PUT", "/d", {"value": "8", "prevExist": "true"}), ("05 update dir", "PUT", "/d", {"prevExist": "true", "dir": "true"}),
            ("05 update dir", "PUT", "/d", {"prevExist": "true", "dir": "true", "ttl": "100"}), ("05 update dir", "PUT", "/d", {"prevExist": "true", "dir": "true", "ttl": ""}),
            ("05 create dir", "PUT", "/d2", {"prevExist": "false", "dir": "true"}), ("05 create dir", "PUT", "/d2", {"prevExist": "false", "dir": "true"}),
            ("05 root", "PUT", "", {"prevExist": "true", "value": "x"}), ("06 value", "PUT", "/a", {"value": "9", "prevValue": "nope"}),
            ("06 value", "PUT", "/a", {"value": "9", "prevValue": "7"}), ("06 index", "PUT", "/a", {"value": "9", "prevIndex": "1"}),
            ("06 both", "PUT", "/a", {"value": "9", "prevIndex": "1", "prevValue": "nope"}), ("06 with exist", "PUT", "/a", {"value": "10", "prevExist": "true", "prevValue": "9"}),
            ("06 with no exist", "PUT", "/a", {"value": "10", "prevExist": "false", "prevValue": "9"}), ("06 dir", "PUT", "/d", {"value": "10", "prevValue": "9"}),
            ("06 empty", "PUT", "/a", {"value": "10", "prevValue": ""}), ("06 index 0", "PUT", "/a", {"value": "11", "prevIndex": "0"}),
            ("06 nothing", "PUT", "/nope", {"value": "10", "prevValue": "9"}), ("06 root", "PUT", "", {"value": "10", "prevValue": "9"}),
            ("09", "PUT", "/n", {"value": "1", "noValueOnSuccess": "true"}), ("09", "PUT", "/n", {"value": "2", "noValueOnSuccess": "true"}),
            ("09", "PUT", "/n", {"value": "3", "noValueOnSuccess": "true", "prevExist": "true"}), ("09", "PUT", "/n", {"value": "4", "noValueOnSuccess": "1", "prevValue": "3"}),
            ("09", "PUT", "/n", {"value": "4", "noValueOnSuccess": "true", "prevValue": "3"}), ("09", "POST", "/n2", {"value": "4", "noValueOnSuccess": "true"}),
            ("09", "GET", "/n?noValueOnSuccess=true", None), ("09", "DELETE", "/n?noValueOnSuccess=true", None),
            ("10", "POST", "/q", value("1")), ("10", "POST", "/q", value("2")), ("10", "POST", "/q?dir=true", None), ("10", "POST", "", value("3")),
            ("10", "POST", "/a", value("3")), ("10", "POST", "/q", {"value": "4", "ttl": "50"}), ("10", "GET", "/q?recursive=true&sorted=true", None),
            ("11", "DELETE", "/x", None), ("11", "DELETE", "/x?dir=true", None), ("11", "DELETE", "/x?recursive=true", None), ("11", "DELETE", "/x", None),
            ("11", "DELETE", "/d2?dir=true", None), ("11", "DELETE", "/a?dir=true", None), ("11", "DELETE", "/a", None), ("11", "DELETE", "", None),
            ("11", "DELETE", "?recursive=true", None), ("11", "DELETE", "/c?prevValue=nope", None), ("11", "DELETE", "/c?prevIndex=1", None),
            ("11", "DELETE", "/c?prevIndex=1&prevValue=nope", None), ("11", "DELETE", "/c?prevValue=", None), ("11", "DELETE", "/c?prevValue=8", None),
            ("11", "DELETE", "/d?prevValue=8", None), ("11", "DELETE", "/d?prevValue=8&recursive=true", None), ("11", "DELETE", "/nope", None),
            ("11 a body does not count", "DELETE", "/q", {"recursive": "true"})):
        go("V2-" + row, method, "/v2/keys" + path, body)
    for method in ("PATCH", "OPTIONS", "CONNECTX", "TRACE"):
        go("V2-17 methods", method, "/v2/keys/a")
    pair.end()


@case("fields")
def fields(score):
    """What cannot be read: V2-06..08, 20..22."""
    pair = Pair()
    go = lambda *a, **k: pair.compare(score, *a, **k)
    for name in ("recursive", "sorted", "wait", "dir", "quorum", "stream", "noValueOnSuccess", "prevExist", "refresh"):
        for text in ("", "yes", "1", "t", "T", "TRUE", "True", "true", "tRue", "0", "f", "F", "false", "False", "FALSE", "2", " true"):
            if name != "wait" or text not in ("1", "t", "T", "TRUE", "True", "true"):
                go("V2-22 flags", "GET", "/v2/keys/?" + form(**{name: text}))
        go("V2-22 without a value", "GET", "/v2/keys/?" + name)
        go("V2-22 in a body", "PUT", "/v2/keys/f", {name: "maybe", "value": "x"})
    for name in ("prevIndex", "waitIndex"):
        for text in ("", "-1", "+1", "1.5", "0x1", "1_0", "18446744073709551615", "18446744073709551616", "9" * 40, " 1", "\u0661"):
            go("V2-22 numbers", "GET", "/v2/keys/?" + form(**{name: text}))
    for text in ("", "-1", "+1", "x", "1.5", "18446744073709551616"):
        go("V2-07 ttl", "PUT", "/v2/keys/f", {"value": "x", "ttl": text})
    for text in ("10", "0100", "100000000"):
        go("V2-07 ttl", "PUT", "/v2/keys/t" + text, {"value": "x", "ttl": text})
        go("V2-07 ttl", "GET", "/v2/keys/t" + text)
    for member in pair.members:
        node = json.loads(ask(member.client, "PUT", "/v2/keys/seconds", {"value": "x", "ttl": "1000"})[2])["node"]
        end = time.mktime(time.strptime(node["expiration"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        score.check("V2-07 seconds that are left", 990 < node["ttl"] <= 1000 and 990 < end - time.time() < 1001, node)
    go("V2-07 removed", "PUT", "/v2/keys/t10", {"value": "x", "ttl": "", "prevExist": "true"})
    go("V2-07 removed", "GET", "/v2/keys/t10")
    go("V2-07 of a directory", "PUT", "/v2/keys/td", {"dir": "true", "ttl": "100"})
    go("V2-07 of a directory", "GET", "/v2/keys/td")
    go("V2-08 refresh", "PUT", "/v2/keys/r", {"value": "x", "ttl": "100"})
    for body in ({"refresh": "true", "ttl": "200", "prevExist": "true"}, {"refresh": "true", "prevExist": "true"}, {"refresh": "true", "prevExist": "true", "ttl": ""},
                 {"refresh": "true", "ttl": "10", "prevExist": "true", "value": "y"}, {"refresh": "true", "ttl": "10", "prevExist": "true", "value": ""},
                 {"refresh": "false", "prevExist": "true", "value": "z"}, {"refresh": "true", "ttl": "50"}, {"refresh": "true", "ttl": "50", "prevValue": "z"},
                 {"refresh": "true", "ttl": "50", "prevExist": "true", "noValueOnSuccess": "true"}):
        go("V2-08 refresh", "PUT", "/v2/keys/r", body)
        go("V2-08 refreshed", "GET", "/v2/keys/r")
    go("V2-08 refresh of nothing", "PUT", "/v2/keys/rn", {"refresh": "true", "ttl": "50"})
    go("V2-08 refresh of nothing", "PUT", "/v2/keys/rn", {"refresh": "true", "ttl": "50", "prevExist": "true"})
    for query in ("value=%zz", "value=%", "%zz=1", "value=%4", "a;b", "value=a;b", "value=1&x=%zz&y=%yy", "x=%zz&a;b", "a;b&x=%zz", "&&&", "=", "=x", "value==", "value=1&value=2",
                  "value", "%76alue=5", "va+lue=5", "value=a+b%2Bc", "unknown=%zz", "value=%E9", "x=%zz%yy"):
        go("V2-21, 22 a query that cannot be read", "PUT", "/v2/keys/form?" + query)
        go("V2-21, 22 a body that cannot be read", "PUT", "/v2/keys/form", query)
    go("both cannot be read", "PUT", "/v2/keys/form?value=%aa%zz", "value=%xx")
    go("V2-12 wait", "PUT", "/v2/keys/f?wait=true", value("x"))
    go("V2-12 wait", "HEAD", "/v2/keys/f?wait=true")
    go("V2-12 wait", "DELETE", "/v2/keys/f?wait=true")
    go("V2-12 order of faults", "PUT", "/v2/keys/f?wait=true&prevIndex=x&recursive=y", value("x"))
    go("V2-18 large value", "PUT", "/v2/keys/large", value("x" * 300000))
    go("V2-18 large value", "GET", "/v2/keys/large")
    go("V2-18 value of escapes", "PUT", "/v2/keys/large", "value=" + "%41" * 400000)
    go("V2-18 value of escapes", "GET", "/v2/keys/large")
    status, fields, body = ask(pair.ours.client, "PUT", "/v2/keys/large", value("x" * 2000000))
    score.equal("a value beyond --max-request-bytes", (status, json.loads(body)["errorCode"], json.loads(body)["cause"]), (500, 300, "etcdserver: request is too large"))
    status, fields, body = ask(pair.ours.client, "PUT", "/v2/keys/large", value("x" * 6000000))
    score.equal("a form beyond any value", (status, json.loads(body)["errorCode"], json.loads(body)["cause"]), (400, 210, "http: POST too large"))
    status, fields, body = ask(pair.ours.client, "PUT", "/v2/keys" + "/d" * 401, value("x"))
    score.equal("a key that lies too deep", (status, json.loads(body)["errorCode"]), (400, 210))
    status, fields, body = ask(pair.ours.client, "PUT", "/v2/keys" + "/d" * 399, value("x"))
    score.equal("a key that lies deep", status, 201)
    pair.end()


def random_request(dice):
    path = dice.choice(["/a", "/a/b", "/a/b/c", "/d", "/d/_h", "/d/e", "/d/e/f", "/q", "", "/a/x", "/d/_h/y"])
    method = dice.choice(["GET", "GET", "PUT", "PUT", "PUT", "PUT", "POST", "DELETE", "DELETE"])
    fields = {}
    def maybe(chance, name, *choices):
        if dice.random() < chance:
            fields[name] = dice.choice(choices)
    maybe(0.8 if method in ("PUT", "POST") else 0, "value", "1", "2", "\u00e9\"\\", "<&>", "")
    maybe(0.15, "dir", "true", "false")
    maybe(0.4 if method == "DELETE" else 0.2, "recursive", "true")
    maybe(0.2, "prevExist", "true", "false")
    maybe(0.1, "prevValue", "1", "2")
    maybe(0.1, "prevIndex", *[str(n) for n in range(5, 60, 3)])
    maybe(0.15, "ttl", "1000", "2000", "")
    maybe(0.1, "refresh", "true", "false")
    maybe(0.3, "quorum", "true")
    maybe(0.1, "noValueOnSuccess", "true")
    fields["sorted"] = "true"
    return method, path, fields


@case("random")
def at_random(score):
    """Requests by dice, each to both; the seed says which."""
    pair = Pair()
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    dice = random.Random(seed)
    differences = 0
    count = int(os.environ.get("REQUESTS", 600))
    for number in range(count):
        method, path, fields = random_request(dice)
        if method in ("PUT", "POST"):
            ours, theirs = pair.both(method, "/v2/keys" + path, fields)
        else:
            ours, theirs = pair.both(method, "/v2/keys" + path + "?" + form(**fields))
        if plain(ours) != plain(theirs):
            differences += 1
            print("seed %d, request %d: %s %s %r\n   ours:   %r\n   theirs: %r" % (seed, number, method, path, fields, plain(ours), plain(theirs)))
            if differences == 3:
                break
    score.check("V2-02 to V2-11: %d random requests (SEED=%d)" % (count, seed), differences == 0)
    pair.end()


@case("watches")
def watches(score):
    """V2-12..14: long polls and streams, of the future and of the past."""
    pair = Pair()

    def both(path):
        return [Watch(m.client, path) for m in pair.members]

    def heads(name, watches):
        score.equal(name, *[plain((w.head()[0], w.fields, b"")) for w in watches])
        for watch in watches:
            score.equal(name + " is chunked", watch.fields.get("Transfer-Encoding"), "chunked")

    def lines(name, watches):
        texts = [plain((0, {}, w.line()))[2] for w in watches]
        return score.equal(name, *texts) and texts[0]

    def do(method, path, body=None):
        pair.compare(score, "a change", method, path, body)

    def poll(name, path, *changes):
        watching = both("/v2/keys" + path)
        heads("V2-12 head of " + name, watching)
        for change in changes:
            do(*change)
        lines("V2-12 " + name, watching)
        score.equal("V2-12 end of " + name, *[w.rest() for w in watching])
        for watch in watching:
            watch.close()

    poll("a key", "/w?wait=true", ("PUT", "/v2/keys/w", value("1")))
    poll("a key that is there", "/w?wait=true", ("PUT", "/v2/keys/other", value("1")), ("PUT", "/v2/keys/w", value("2")))
    poll("below", "/wd?wait=true&recursive=true", ("PUT", "/v2/keys/wd/a/b", value("2")))
    poll("only itself", "/wd?wait=true", ("PUT", "/v2/keys/wd/a/c", value("2")), ("DELETE", "/v2/keys/wd?recursive=true"))
    poll("root", "/?wait=true&recursive=true", ("PUT", "/v2/keys/_hidden", value("2")), ("PUT", "/v2/keys/x/_hidden/y", value("2")), ("PUT", "/v2/keys/x/y", value("2")))
    poll("hidden itself", "/x/_hidden?wait=true&recursive=true", ("PUT", "/v2/keys/x/_hidden/y", value("3")))
    do("PUT", "/v2/keys/p/c/k", value("1"))
    poll("V2-14 parent deleted", "/p/c/k?wait=true", ("DELETE", "/v2/keys/p?recursive=true"))
    poll("V2-08 refresh is not told", "/r?wait=true", ("PUT", "/v2/keys/r2", value("1")), ("PUT", "/v2/keys/r", value("1")))
    do("PUT", "/v2/keys/rf", {"value": "1", "ttl": "100"})
    poll("V2-08 refresh is not told", "/rf?wait=true", ("PUT", "/v2/keys/rf", {"refresh": "true", "prevExist": "true", "ttl": "200"}), ("PUT", "/v2/keys/rf", {"value": "2", "ttl": "200"}))
    poll("swap", "/rf?wait=true", ("PUT", "/v2/keys/rf", {"value": "3", "prevValue": "2"}))
    poll("swapped away", "/rf?wait=true", ("DELETE", "/v2/keys/rf?prevValue=3"))
    poll("in order", "/io?wait=true&recursive=true", ("POST", "/v2/keys/io", value("1")))
    # Answered from history.
    index = int(ask(pair.ours.client, "GET", "/v2/keys/")[1]["X-Etcd-Index"])
    score.equal("V2-18 index of both", index, int(ask(pair.theirs.client, "GET", "/v2/keys/")[1]["X-Etcd-Index"]))
    do("PUT", "/v2/keys/h", value("1"))
    do("PUT", "/v2/keys/h", value("2"))
    for wait_index in (index + 1, index + 2, 1, 2, 3, 4, 5):
        poll("V2-13 from history, %d" % wait_index, "/h?wait=true&waitIndex=%d" % wait_index)
        poll("V2-13 all from history, %d" % wait_index, "/?wait=true&recursive=true&waitIndex=%d" % wait_index)
    poll("a later index", "/h?wait=true&waitIndex=%d" % (index + 4), ("PUT", "/v2/keys/h", value("3")), ("PUT", "/v2/keys/h", value("4")))
    # Streams.
    watching = both("/v2/keys/s?wait=true&stream=true&recursive=true")
    heads("V2-12 head of a stream", watching)
    for number in range(5):
        do("PUT", "/v2/keys/s/%d" % number, value("v%d" % number))
        lines("V2-12 stream, %d" % number, watching)
    do("DELETE", "/v2/keys/s/1")
    lines("V2-12 stream, deletion", watching)
    do("PUT", "/v2/keys/sx", value("v"))
    do("PUT", "/v2/keys/s/2", {"ttl": "0", "value": "gone"})
    lines("V2-12 stream, ttl 0", watching)
    lines("V2-15 stream, expiry", watching)
    for watch in watching:
        watch.close()
    # Ours goes on after what history tells; Go tells one event of it and then nothing.
    stream = Watch(pair.ours.client, "/v2/keys/s?wait=true&stream=true&recursive=true&waitIndex=%d" % (index + 1))
    stream.head()
    past = [json.loads(stream.line())["node"]["key"] for _ in range(8)]
    score.equal("V2-12 a stream's past", past, ["/s/0", "/s/1", "/s/2", "/s/3", "/s/4", "/s/1", "/s/2", "/s/2"])
    do("PUT", "/v2/keys/s/late", value("v"))
    score.equal("V2-12 a stream's future", json.loads(stream.line())["node"]["key"], "/s/late")
    stream.close()
    # Over HTTP/1.0 the end of the connection ends the body.
    replies = []
    for member in pair.members:
        connection = socket.create_connection(("127.0.0.1", member.client), timeout=15)
        connection.sendall(b"GET /v2/keys/old?wait=true HTTP/1.0\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        replies.append((connection, head))
    do("PUT", "/v2/keys/old", value("v"))
    bodies = []
    for connection, head in replies:
        body = head.split(b"\r\n\r\n", 1)[1]
        while True:
            more = connection.recv(4096)
            if not more:
                break
            body += more
        bodies.append((head.split(b"\r\n")[0], body))
        connection.close()
    score.equal("V2-12 by HTTP/1.0", *bodies)
    pair.end()


@case("history")
def history(score):
    """V2-13: a thousand events, and what is older."""
    pair = Pair()
    connections = [http.client.HTTPConnection("127.0.0.1", m.client, timeout=15) for m in pair.members]
    for number in range(1005):
        for connection in connections:
            connection.request("PUT", "/v2/keys/h?value=%d" % number)
            connection.getresponse().read()
    for wait_index in (1, 5, 8, 9, 10, 500):
        pair.compare(score, "V2-13", "GET", "/v2/keys/h?wait=true&waitIndex=%d" % wait_index)
        pair.compare(score, "V2-13", "GET", "/v2/keys/other?wait=true&waitIndex=%d&recursive=true" % wait_index) if wait_index < 9 else None
    pair.compare(score, "V2-13", "GET", "/v2/keys/h")
    pair.end()


@case("ttl")
def ttl(score):
    """V2-15: keys and directories that expire, by the leader's SYNC."""
    pair = Pair()
    for path, body in (("/e", {"value": "1", "ttl": "3"}), ("/ed", {"dir": "true", "ttl": "3"}), ("/ed/k", {"value": "1"}), ("/stay", {"value": "1", "ttl": "60"})):
        pair.compare(score, "V2-07", "PUT", "/v2/keys" + path, body)
    watching = [[Watch(m.client, path) for m in pair.members] for path in
                ("/v2/keys/e?wait=true", "/v2/keys/ed/k?wait=true", "/v2/keys/?wait=true&recursive=true&stream=true")]
    for pairs in watching:
        for watch in pairs:
            watch.head()
    for number in (0, 1):
        score.equal("V2-14, 15 expiry", *[re.sub(rb"ndex\":\d+", b"ndex\":N", plain((0, {}, w.line()))[2]) for w in watching[number]])
    texts = [sorted(json.loads(w.line())["node"]["key"] for _ in range(2)) for w in watching[2]]
    score.equal("V2-15 expiries of both", texts, [["/e", "/ed"]] * 2)
    pair.compare(score, "V2-15", "GET", "/v2/keys/e")
    pair.compare(score, "V2-15", "GET", "/v2/keys/ed/k")
    began = time.time()
    pair.compare(score, "V2-15", "PUT", "/v2/keys/soon", {"value": "1", "ttl": "0"})
    while time.time() - began < 15 and any(ask(m.client, "GET", "/v2/keys/soon")[0] != 404 for m in pair.members):
        time.sleep(0.02)
    score.check("V2-15 a time that is over ends with the next SYNC", time.time() - began < 10, time.time() - began)
    # A member alone that has nothing to remove writes nothing to its log.
    pair.compare(score, "V2-15", "DELETE", "/v2/keys/stay")
    time.sleep(1.2)
    def applied():
        return [int(re.search(r"^etcd_server_proposals_applied_total (\S+)$", m.get("/metrics"), re.M).group(1).split("e")[0]) for m in pair.members]
    before = applied()
    time.sleep(1.5)
    score.equal("V2-15 no SYNC without a TTL", applied(), before)
    pair.end()


def blank(member, text):
    """A body without this member's own ids, ports and times."""
    text = text.decode()
    text = text.replace(str(member.client), "CLIENT").replace(str(member.peer), "PEER")
    for found in set(re.findall(r'"(?:id|leader)":"([0-9a-f]{8,16})"', text)):
        text = text.replace(found, "ID")
    text = re.sub(r'"(startTime|uptime)":"[^"]*"', r'"\1":"TIME"', text)
    return text


@case("members")
def members(score):
    """V2-23..29: members and statistics."""
    pair = Pair()

    def go(name, method, path, body=None, headers=None):
        answers = []
        for member in pair.members:
            status, fields, text = ask(member.client, method, path, body, headers)
            answers.append(plain((status, fields, blank(member, text).encode())))
        score.equal("%s: %s %s %r" % (name, method, path, body), *answers)
        return answers[0]

    for path in ("/v2/machines", "/v2/machines/", "/v2/members", "/v2/members/", "/v2/members/leader", "/v2/members/leader/", "/v2/members/x", "/v2/members//leader",
                 "/v2/stats/self", "/v2/stats/leader", "/v2/stats", "/v2/stats/", "/v2/stats/nothing", "/v2/membersx", "/v2/members?a=%zz"):
        for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"):
            if path.startswith("/v2/members") and method in ("PUT", "POST"):
                continue
            go("V2-23, 24, 27, 28", method, path)
    for type in (None, "text/plain", "application/json; charset=utf-8", "Application/JSON", "Application/JSON;", "application/x-www-form-urlencoded"):
        for method in ("POST", "PUT"):
            go("V2-25 type", method, "/v2/members/1" if method == "PUT" else "/v2/members", "{", {} if type is None else {"Content-Type": type})
    bodies = ("", "{", "[]", "null", "{}", "1", '"x"', "true", '{"peerURLs":null}', '{"peerURLs":[]}', '{"peerURLs":"http://a:1"}', '{"peerURLs":[1]}', '{"peerURLs":[null]}', '{"peerURLs":{}}',
              '{"peerURLs":["a"]}', '{"peerURLs":["http://a"]}', '{"peerURLs":["http://a:1/b"]}', '{"peerURLs":["ftp://a:1"]}', '{"peerURLs":["http://a:b"]}', '{"peerURLs":["http://a:1"]} x',
              '{"peerURLs":["http://127.0.0.1:1",]}', '{"x":1 "y"}')
    for body in bodies:
        go("V2-25 body", "POST", "/v2/members", body, JSON)
        go("V2-26 body", "PUT", "/v2/members/1", body, JSON)
    for path in ("", "/", "/x", "/0x1", "/-1", "/+1", "/11111111111111111", "/1", "/ABCDEF", "/a/b"):
        go("V2-26", "DELETE", "/v2/members" + path)
        go("V2-26", "PUT", "/v2/members" + path, '{"peerURLs":["http://127.0.0.1:1"]}', JSON)
    # A member's own URL is taken.
    for member in pair.members:
        status, fields, text = ask(member.client, "POST", "/v2/members", '{"peerURLs":["http://127.0.0.1:%d"]}' % member.peer, JSON)
        score.equal("V2-25 conflict", (status, fields["Content-Type"], text), (409, "application/json", b'{"message":"membership: peerURL exists"}'))
    # Update one's own URLs, and back.
    for urls in ('["http://localhost:PEER"]', '["http://localhost:PEER","http://127.0.0.1:PEER"]', '["http://127.0.0.1:PEER"]'):
        answers = []
        for member in pair.members:
            own = json.loads(ask(member.client, "GET", "/v2/members")[2])["members"][0]["id"]
            status, fields, text = ask(member.client, "PUT", "/v2/members/" + own, '{"peerURLs":%s}' % urls.replace("PEER", str(member.peer)), JSON)
            answers.append((plain((status, fields, text)), blank(member, ask(member.client, "GET", "/v2/members/leader")[2])))
        score.equal("V2-26 update to " + urls, *answers)
    # What is counted. Ours does not count the member's own looks at whether authentication is on.
    def counters():
        return [json.loads(ask(m.client, "GET", "/v2/stats/store")[2]) for m in pair.members]
    before = counters()
    for member in pair.members:
        for method, path, body in (("PUT", "/a", value("1")), ("PUT", "/a", {"value": "2", "prevExist": "true"}), ("PUT", "/a", {"value": "3", "prevValue": "2"}), ("POST", "/q", value("1")), ("GET", "/a", None),
                                   ("PUT", "/b", {"value": "2", "prevExist": "true"}), ("PUT", "/a", {"value": "3", "prevValue": "nope"}), ("DELETE", "/a?prevValue=3", None), ("DELETE", "/q?recursive=true", None),
                                   ("DELETE", "/q", None), ("PUT", "/q", {"value": "1", "prevExist": "false"}), ("PUT", "/q", {"value": "1", "prevExist": "false"}), ("GET", "/a?quorum=true", None)):
            ask(member.client, method, "/v2/keys" + path, body)
    after = counters()
    score.equal("V2-29 names in order", list(after[0]), list(after[1]))
    score.equal("V2-29 counters", *[{name: count - then[name] for name, count in now.items() if name != "getsFail"} for now, then in zip(after, before)])
    score.equal("V2-29 head", *[plain((a[0], a[1], b"")) for a in pair.both("GET", "/v2/stats/store")])
    own = [json.loads(ask(m.client, "GET", "/v2/stats/self")[2]) for m in pair.members]
    score.equal("V2-27 names in order", list(own[0]), list(own[1]))
    # Added and removed; the cluster is then of one that works, again.
    for member in pair.members:
        port = free_port()
        status, fields, text = ask(member.client, "POST", "/v2/members", '{"peerURLs":["http://127.0.0.1:%d"]}' % port, JSON)
        added = json.loads(text)
        score.equal("V2-25 added", (status, fields["Content-Type"], list(added), added["name"], added["peerURLs"], added["clientURLs"]),
                    (201, "application/json", ["id", "name", "peerURLs", "clientURLs"], "", ["http://127.0.0.1:%d" % port], []))
        score.check("V2-25 line", text.endswith(b"}\n"))
    pair.end()


@case("auth")
def auth(score):
    """V2-30..34: users and roles, and what they may."""
    pair = Pair()

    def go(name, method, path, body=None, user=None, headers=None):
        headers = dict(headers or (JSON if body is not None else {}))
        if user is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
        if isinstance(body, dict) and path.startswith("/v2/auth"):
            body = json.dumps(body)
        answers = []
        for member in pair.members:
            # A password of Go's takes its time at each request.
            status, fields, text = ask(member.client, method, path, body, headers, timeout=30)
            answers.append(plain((status, fields, text)))
        score.equal("%s: %s %s %r by %r" % (name, method, path, body, user), *answers)
        return answers[0]

    def look(user=None):
        for path in ("/enable", "/users", "/roles", "/users/", "/roles/", "/users/root", "/users/u", "/users/nobody", "/roles/root", "/roles/guest", "/roles/r", "/roles/nothing"):
            go("V2-30, 31, 32 look", "GET", "/v2/auth" + path, user=user)

    look()
    for path in ("/v2/auth", "/v2/auth/", "/v2/auth/nothing", "/v2/auth/users/a/b", "/v2/auth/roles/a/b", "/v2/auth/enable/", "/v2/auth/users/a/", "/v2/auth/roles/a/"):
        go("V2-31 places", "GET", path)
    for path in ("/enable", "/users", "/roles", "/users/", "/users/a", "/roles/a", "/users/a/b"):
        for method in ("HEAD", "POST", "PATCH", "OPTIONS") + (("PUT", "DELETE") if path in ("/users", "/roles", "/users/") else ()):
            go("V2-30 to 32 methods", method, "/v2/auth" + path)
    go("V2-30 no root", "PUT", "/v2/auth/enable")
    go("V2-30 off already", "DELETE", "/v2/auth/enable")
    for body in ("", "{", "[]", "null", "1", '{"user":1}', '{"user":"u","roles":"x"}', '{"user":"u","roles":[1]}', '{"user":"other","password":"p"}', '{"user":"u"}', '{"user":"u","password":""}',
                 '{"user":"u","grant":["r"]}', '{"user":"u","roles":["r"],"grant":["r"]}', '{"user":"u","password":null}'):
        go("V2-31 body", "PUT", "/v2/auth/users/u", body, headers=JSON)
    for body in ("", "{", "[]", "null", '{"role":1}', '{"role":"other"}', '{"role":"r","permissions":1}', '{"role":"r","permissions":{"kv":[]}}', '{"role":"r","permissions":{"kv":{"read":"x"}}}',
                 '{"role":"r","grant":{"kv":{"read":["/a"]}}}', '{"role":"r","permissions":{"kv":{"read":["/x"]}},"grant":{"kv":{"read":["/a"]}}}', '{"role":"root"}'):
        go("V2-32 body", "PUT", "/v2/auth/roles/r", body, headers=JSON)
    go("V2-32 root", "PUT", "/v2/auth/roles/root", {"role": "root"})
    go("V2-32 root", "PUT", "/v2/auth/roles/root", {"role": "root", "grant": {"kv": {"read": ["/a"]}}})
    go("V2-32 root", "DELETE", "/v2/auth/roles/root")
    look()
    go("V2-32 create", "PUT", "/v2/auth/roles/r", {"role": "r", "permissions": {"kv": {"read": ["/r/*"], "write": ["/w/*", "/one"]}}})
    go("V2-32 again", "PUT", "/v2/auth/roles/r", {"role": "r"})
    go("V2-32 nothing in it", "PUT", "/v2/auth/roles/empty", {"role": "empty", "grant": {}, "revoke": {"kv": {}}})
    go("V2-32 names in any case", "PUT", "/v2/auth/roles/Case", '{"ROLE":"Case","Permissions":{"KV":{"READ":["/b","/a"]}}} and more')
    go("V2-31 create", "PUT", "/v2/auth/users/u", {"user": "u", "password": "p"})
    go("V2-31 with roles", "PUT", "/v2/auth/users/v", {"user": "v", "password": "p", "roles": ["r", "gone"]})
    go("V2-31 with roles, again", "PUT", "/v2/auth/users/v", {"user": "v", "password": "p", "roles": ["r"]})
    go("V2-31 the same", "PUT", "/v2/auth/users/u", {"user": "u"})
    go("V2-31 the same", "PUT", "/v2/auth/users/u", {"user": "u"})
    go("V2-31 password", "PUT", "/v2/auth/users/u", {"user": "u", "password": "q"})
    go("V2-31 grant", "PUT", "/v2/auth/users/u", {"user": "u", "grant": ["r", "a"]})
    go("V2-31 grant twice", "PUT", "/v2/auth/users/u", {"user": "u", "grant": ["r"]})
    go("V2-31 revoke", "PUT", "/v2/auth/users/u", {"user": "u", "revoke": ["a"]})
    go("V2-31 revoke twice", "PUT", "/v2/auth/users/u", {"user": "u", "revoke": ["a"]})
    go("V2-31 both", "PUT", "/v2/auth/users/u", {"user": "u", "revoke": ["r"], "grant": ["s"], "password": "p"})
    go("V2-31 back", "PUT", "/v2/auth/users/u", {"user": "u", "revoke": ["s"], "grant": ["r"]})
    go("V2-32 grant", "PUT", "/v2/auth/roles/r", {"role": "r", "grant": {"kv": {"read": ["/a", "/A"], "write": []}}})
    go("V2-32 grant twice", "PUT", "/v2/auth/roles/r", {"role": "r", "grant": {"kv": {"read": ["/a"]}}})
    go("V2-32 grant twice", "PUT", "/v2/auth/roles/r", {"role": "r", "grant": {"kv": {"write": ["/one"]}}})
    go("V2-32 revoke", "PUT", "/v2/auth/roles/r", {"role": "r", "revoke": {"kv": {"read": ["/A"]}}})
    go("V2-32 revoke what is not there", "PUT", "/v2/auth/roles/r", {"role": "r", "revoke": {"kv": {"read": ["/A"]}}})
    go("V2-32 of nothing", "PUT", "/v2/auth/roles/none", {"role": "none", "grant": {"kv": {"read": ["/A"]}}})
    look()
    go("V2-31 a role is gone", "GET", "/v2/auth/users/v")
    for path in ("/users/none", "/roles/none", "/roles/empty", "/roles/empty", "/users/v", "/users/v"):
        go("V2-31, 32 delete", "DELETE", "/v2/auth" + path)
    go("V2-31 root without a password", "PUT", "/v2/auth/users/root", {"user": "root"})
    go("V2-31 root", "PUT", "/v2/auth/users/root", {"user": "root", "password": "secret"})
    go("V2-31 root's role", "PUT", "/v2/auth/users/root", {"user": "root", "revoke": ["root"]})
    for path in ("/r/x", "/w/x", "/one", "/a", "/other"):
        pair.compare(score, "V2-33 before", "PUT", "/v2/keys" + path, value("1"))
    go("V2-30 on", "PUT", "/v2/auth/enable")
    go("V2-30 on already", "PUT", "/v2/auth/enable", user="root:secret")
    for user in (None, "root:secret", "root:wrong", "u:p", "nobody:x", "root", ""):
        go("V2-30 as %r" % user, "GET", "/v2/auth/enable", user=user)
        go("V2-31 as %r" % user, "GET", "/v2/auth/users", user=user)
        go("V2-32 as %r" % user, "GET", "/v2/auth/roles/r", user=user)
        go("V2-26 as %r" % user, "DELETE", "/v2/members/1", user=user)
        go("V2-24 as %r" % user, "GET", "/v2/members/x", user=user)
    go("V2-33 wrong scheme", "GET", "/v2/auth/users", headers={"Authorization": "Bearer x"})
    go("V2-33 wrong scheme", "GET", "/v2/auth/users", headers={"Authorization": "basic " + base64.b64encode(b"root:secret").decode()})
    go("V2-33 no base64", "GET", "/v2/auth/users", headers={"Authorization": "Basic !!!"})
    keys = ("/r/x", "/w/x", "/one", "/one/more", "")
    def reach(user, keys=keys):
        for path in keys:
            go("V2-33 read", "GET", "/v2/keys" + path + "?sorted=true", user=user)
            go("V2-33 read below", "GET", "/v2/keys" + path + "?recursive=true&sorted=true", user=user) if user is not None else None
            go("V2-33 write", "PUT", "/v2/keys" + path + "?value=2", user=user)
            go("V2-33 delete", "DELETE", "/v2/keys" + path + "/none", user=user)
        go("V2-33 head", "HEAD", "/v2/keys" + path, user=user)
    reach(None)
    reach("u:p")
    # Each request with a password costs Go a tenth of a second of a processor.
    reach("u:wrong", keys[:1])
    reach("root:secret", keys[1:3])
    go("V2-33 guests may read below one key", "PUT", "/v2/auth/roles/guest", {"role": "guest", "revoke": {"kv": {"read": ["/*"], "write": ["/*"]}}, "grant": {"kv": {"read": ["/a", "/r*"]}}}, user="root:secret")
    reach(None)
    go("V2-33 no guests", "DELETE", "/v2/auth/roles/guest", user="root:secret")
    reach(None)
    go("V2-31 root stays", "DELETE", "/v2/auth/users/root", user="root:secret")
    go("V2-31 a new password counts at once", "PUT", "/v2/auth/users/u", {"user": "u", "password": "new"}, user="root:secret")
    go("V2-31 a new password counts at once", "GET", "/v2/keys/a", user="u:p")
    go("V2-31 a new password counts at once", "GET", "/v2/keys/a", user="u:new")
    look("root:secret")
    go("V2-30 off", "DELETE", "/v2/auth/enable", user="u:new")
    go("V2-30 off", "DELETE", "/v2/auth/enable", user="root:secret")
    reach(None)
    go("V2-31 root goes", "DELETE", "/v2/auth/users/root")
    look()
    # V2-34: the v3 API knows nothing of all this.
    client = Client(pair.ours.endpoint)
    score.equal("V2-34 separate worlds", (client.call("KV/Range", key=b"/a").count, client.attempt("KV/Put", key=b"k", value=b"v")[0], ask(pair.ours.client, "GET", "/v2/keys/k")[0]), (0, "ok", 404))
    client.close()
    pair.end()


def metric(member, name):
    found = re.search(r"^%s (\S+)$" % re.escape(name), member.get("/metrics"), re.M)
    return float(found.group(1)) if found else None


@case("crowd")
def crowd(score):
    """Watchers of one key: told together, and none is left behind when clients go."""
    member = Server(OURS)
    name = "etcd_debugging_store_watchers"
    count = 1200
    crowd = [Watch(member.client, "/v2/keys/crowd?wait=true") for _ in range(count)]
    for watch in crowd:
        watch.head()
    score.equal("V2-29 watchers are counted", (metric(member, name), json.loads(ask(member.client, "GET", "/v2/stats/store")[2])["watchers"]), (count, count))
    for watch in crowd[::2]:
        watch.close()
    end = time.time() + 20
    while time.time() < end and metric(member, name) != count / 2:
        time.sleep(0.05)
    score.equal("V2-12 clients that go take their watchers along", metric(member, name), count / 2)
    ask(member.client, "PUT", "/v2/keys/crowd", value("now"))
    lines = {watch.line() for watch in crowd[1::2]}
    score.check("V2-12 a crowd is told the same", len(lines) == 1 and b'"value":"now"' in lines.pop(), lines)
    score.equal("V2-12 a crowd's ends", {len(watch.rest()) for watch in crowd[1::2]}, {0})
    score.equal("V2-12 nobody is left", metric(member, name), 0)
    for watch in crowd[1::2]:
        watch.close()
    # A stream whose client does not read ends; the store and the others do not wait for it.
    slow = Watch(member.client, "/v2/keys/slow?wait=true&stream=true&recursive=true")
    quick = Watch(member.client, "/v2/keys/slow?wait=true&stream=true&recursive=true")
    slow.head(), quick.head()
    connection = http.client.HTTPConnection("127.0.0.1", member.client, timeout=15)
    text = "x" * 100000
    written = 0
    while metric(member, name) == 2 and written < 600:
        for _ in range(20):
            connection.request("PUT", "/v2/keys/slow/%d" % written, body=form(value=text), headers=FORM)
            connection.getresponse().read()
            written += 1
            quick.line()
    score.check("V2-12 a stream that is not read ends", metric(member, name) == 1 and written < 600, (metric(member, name), written))
    keys = [json.loads(line)["node"]["key"] for line in slow.rest()]
    score.check("V2-12 it was told without a gap up to then", 100 < len(keys) < written and keys == ["/slow/%d" % n for n in range(len(keys))], (len(keys), written))
    member.kill()


@case("off")
def off(score):
    """V2-01: without the flag, and what the v2 API counts and logs with it."""
    ours, theirs = Server(OURS, flags=["--enable-v2=false"]), Server(GO)
    for path in ("/v2/keys", "/v2/keys/a", "/v2/members", "/v2/machines", "/v2/stats/self", "/v2/auth/enable", "/v2"):
        for method in ("GET", "PUT"):
            score.equal("V2-01 off: %s %s" % (method, path), *[plain(ask(m.client, method, path)) for m in (ours, theirs)])
    ours.kill(), theirs.kill()
    pair = Pair("--log-level", "debug")
    for method, path, body in (("PUT", "/a", value("1")), ("GET", "/a", None), ("GET", "/a?quorum=true", None), ("GET", "/none", None), ("DELETE", "/none", None), ("PUT", "/a", {"prevValue": "x"}), ("POST", "/q", value("1")),
                               ("HEAD", "/a", None), ("PUT", "/a?recursive=x", None)):
        pair.both(method, "/v2/keys" + path, body)
    for name in ("etcd_http_received_total", "etcd_http_failed_total", "etcd_http_successful_duration_seconds_count"):
        found = [sorted(re.findall(r"^%s\{.*$" % name, m.get("/metrics"), re.M)) for m in pair.members]
        score.equal("V2-18 " + name, *found)
    for member in pair.members:
        lines = re.findall(r"v2http: \[PUT\] /v2/keys/a\?recursive=x remote:127\.0\.0\.1:\d+", member.tail(2000))
        score.equal("V2-38 a line for each request, " + member.binary, len(lines), 1)
    pair.end()


@case("certificates")
def certificates(score):
    """V2-33: the name in a client's certificate is a user, where certificates are asked for."""
    from clusters import certificates as make
    place = make()
    if place is None:
        return
    files = lambda name: (os.path.join(place, name + ".pem"), os.path.join(place, name + "-key.pem"))
    code, out, err = run(["openssl", "x509", "-in", files("client")[0], "-noout", "-subject", "-nameopt", "multiline"])
    name = re.search(r"commonName\s*= (.*)", out).group(1)
    flags = ["--client-cert-auth", "--trusted-ca-file", os.path.join(place, "ca.pem"), "--cert-file", files("peer")[0], "--key-file", files("peer")[1]]
    replies = []
    for binary, more in ((OURS, []), (GO, ["--enable-v2"])):
        member = SecureServer(binary, flags=flags + more, wait=False)
        member.identity = files("client")
        member.wait_ready()

        def go(method, path, body=None, user=None):
            headers = dict(JSON)
            if user:
                headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
            status, fields, text = member.ask(method, path, json.dumps(body) if body is not None else None, headers)
            return status, fields.get("Content-Type"), text

        seen = [go("PUT", "/v2/auth/users/root", {"user": "root", "password": "r"}), go("PUT", "/v2/auth/users/" + name, {"user": name, "password": "unused"}),
                go("PUT", "/v2/auth/roles/r", {"role": "r", "permissions": {"kv": {"read": ["/a*"], "write": ["/a*"]}}}),
                go("PUT", "/v2/auth/users/" + name, {"user": name, "grant": ["r"]}), go("PUT", "/v2/auth/roles/guest", {"role": "guest"}), go("PUT", "/v2/auth/enable")]
        seen += [go("PUT", "/v2/keys/a?value=1")[0], go("PUT", "/v2/keys/b?value=1"), go("GET", "/v2/auth/users"), go("GET", "/v2/auth/enable"), go("DELETE", "/v2/members/1"),
                 go("PUT", "/v2/keys/b?value=1", user="root:r")[0], go("PUT", "/v2/keys/a?value=1", user="root:wrong"), go("DELETE", "/v2/auth/enable", user="root:r")]
        replies.append(seen)
        member.kill()
    for number, (ours, theirs) in enumerate(zip(*replies)):
        score.equal("V2-33 by certificate, step %d" % number, ours, theirs)


class SecureServer(Server):
    """One member whose clients must show a certificate."""
    identity = None

    @property
    def url(self):
        return "https://127.0.0.1:%d" % self.client

    def ask(self, method, path, body=None, headers=None):
        context = ssl._create_unverified_context()
        context.load_cert_chain(*self.identity)
        connection = http.client.HTTPSConnection("127.0.0.1", self.client, timeout=20, context=context)
        connection.request(method, path, body=body, headers=headers or {})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, dict(reply.getheaders()), text

    def wait_ready(self, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("%s is not healthy after %s s:\n%s" % (self.binary, seconds, self.tail()))


def main():
    score = Score("v2")
    wanted = sys.argv[1:]
    for name, function in CASES:
        if wanted and not any(part in name for part in wanted):
            continue
        began = time.time()
        try:
            function(score)
        except Exception as error:
            import traceback
            traceback.print_exc()
            score.check(name, False, error)
        for server in list(_running_servers()):
            server.kill()
        print("(%s took %.1f s)" % (name, time.time() - began), flush=True)
    score.close()


def _running_servers():
    import lib
    return lib._running


if __name__ == "__main__":
    main()
