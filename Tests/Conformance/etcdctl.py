"""The same etcdctl commands, three ways: Debian's etcdctl against Go etcd is the truth; Debian's against ours and
ours against Go must print the same (ids, times and sizes normalised).

usage: etcdctl.py [server|tool]   only one of the two comparisons
"""
import re, sys
from lib import *

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
need(OURS, "our etcd")
V3 = {"ETCDCTL_API": "3"}

# Each line: arguments, or (arguments, standard input). {f} is a scratch file, {lease} the last lease granted.
SCRIPT = [
    "version", "put a 1", "put a 2 --prev-kv", "get a", "get a -w json", "get a -w fields", "get a -w protobuf",
    "get a -w table", "get a -w nonsense", "put b 1", "put c 1", "put ab 7", "put abc 8", "get a c", "get a --prefix",
    "get a --from-key", "get '' --from-key", "get '' --prefix --keys-only", "get a --prefix --limit 1",
    "get a --prefix --limit=1 -w json", "get a --prefix --order=DESCEND", "get a --prefix --sort-by=CREATE",
    "get a --prefix --sort-by=MODIFY --order DESCEND", "get a --prefix --sort-by=VALUE", "get a --prefix --sort-by=KEY",
    "get a --prefix --order=SIDEWAYS", "get a --prefix --sort-by=COLOUR", "get a --print-value-only",
    "get a --prefix --print-value-only", "get a --print-value-only -w json", "get a --rev=2", "get a --rev=2 -w json",
    "get a --rev=100000", "get a --consistency=s", "get a --consistency=l", "get a --consistency=x", "get nothing",
    "get nothing -w json", "get nothing -w fields", "get", "get a b c", "get a b --prefix", "get a --prefix --from-key",
    "put", "put a", ("put fromstdin", "text from stdin"), "put a b c", "put -- -dash value", "get -- -dash",
    "put a 3 --ignore-value", "put a --ignore-value", "put a 3 --ignore-lease", "put nokey --ignore-value",
    "put a 9 --lease=zz", "put a 9 --lease=1234", "put x 1 --prev-kv -w json", "put x 2 --prev-kv -w json",
    "put x 2 --prev-kv -w fields", "--hex get x", "get x --hex", "put x 3 -w json",
    "del nothing", "del x", "del x --prev-kv", "put x 1", "del x --prev-kv", "put x 1", "del x --prev-kv -w json",
    "put y1 1", "put y2 2", "put y3 3", "del y1 y3 --prev-kv", "del y --prefix", "del", "del a b c", "del y --prefix --from-key",
    "put z1 1", "put z2 2", "del z1 --from-key -w fields",
    ("txn", 'value("a") = "2"\n\nput t 1\nget t\n\nput t 2\n\n'),
    ("txn", 'value("a") = "nope"\n\nput t 1\n\nget t\ndel t\n\n'),
    ("txn", 'mod("a") > "0"\nversion("a") > "1"\ncreate("a") < "100"\n\nget a\n\n\n'),
    ("txn -w json", 'mod("a") > "0"\n\nput u 1\nget u\ndel u\n\n\n'),
    ("txn -w fields", 'version("none") = "0"\n\nput u 1\n\n\n'),
    ("txn", 'bad\n\nput t 1\n\n\n'), ("txn", 'value("a") ! "2"\n\nput t 1\n\n\n'), ("txn", '\nput\n\n\n'),
    ("txn", '\nnonsense a\n\n\n'), ("txn", 'lease("a") = "0"\n\nget a\n\n\n'), ("txn x", ""),
    ("txn", '\nput a 1\nput a 2\n\n\n'), ("txn", '\nget a --rev=999999\n\n\n'),
    "compaction 3", "compaction 3", "compaction 999999", "compaction", "compaction x", "compact 4 --physical", "get a --rev=2",
    "compaction 5 -w json",
    "lease grant 1000", "lease grant", "lease grant x", "lease grant -w json 1000", "lease timetolive {lease}",
    "put leased 1 --lease={lease}", "lease timetolive {lease} --keys", "lease timetolive {lease} --keys -w json",
    "lease timetolive {lease} -w fields", "lease timetolive 123456", "lease timetolive zz", "lease timetolive",
    "lease keep-alive --once {lease}", "lease keep-alive --once 123456", "lease keep-alive --once {lease} -w json", "lease keep-alive zz",
    "lease list -w json", "lease revoke {lease}", "get leased", "lease revoke {lease}", "lease revoke", "lease revoke zz",
    "lease", "lease nonsense",
    "alarm list", "alarm disarm", "alarm list -w json", "alarm list x", "alarm",
    "defrag", "defrag x", "endpoint health", "endpoint status", "endpoint status -w json", "endpoint status -w table",
    "endpoint status -w fields", "endpoint health -w json", "endpoint health -w table", "endpoint hashkv", "endpoint hashkv -w json", "endpoint hashkv --rev=6",
    "endpoint hashkv -w table", "endpoint hashkv -w fields", "endpoint", "endpoint nonsense", "endpoint hashkv --rev=99999999",
    "member list", "member list -w json", "member list -w table", "member list -w fields", "member list x",
    "snapshot save {f}", "snapshot status {f}", "snapshot status {f} -w json", "snapshot status {f} -w table",
    "snapshot status {f} -w fields", "snapshot status /nowhere/file", "snapshot status", "snapshot save", "snapshot save /nowhere/file",
    "snapshot restore", "snapshot restore /nowhere/file", "snapshot restore {f} --data-dir {f}.d", "snapshot restore {f} --data-dir {f}.d",
    "nonsense", "put --nonsense a b", "get --rev=x a", "--write-out=json get a", "mem li", "--dial-timeout=zz get a",
    "get a --command-timeout=5s", "get a --endpoints=127.0.0.1:1 --command-timeout=300ms --dial-timeout=300ms",
    "endpoint health --endpoints=127.0.0.1:1 --command-timeout=300ms --dial-timeout=300ms",
    "move-leader zz", "put big {big}", "auth disable", "user list", "role list",
]


def normalise(text):
    text = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", text)
    text = re.sub(r"took = [0-9.a-zµ]+", "took = TIME", text)
    text = re.sub(r"\"took\":\"[^\"]+\"", '"took":"TIME"', text)
    text = re.sub(r"[0-9.]+ [kMG]?B\b", "SIZE", text)
    text = re.sub(r"/tmp/[^ ,\"]+", "FILE", text)
    text = re.sub(r"\"(dbSize|dbSizeInUse|totalSize|raftIndex|raftAppliedIndex|raftTerm|raft_term|hash|DBSize|member_id|cluster_id|leader|ID|id|lease|total-size)\":\"?-?\d+\"?", r'"\1":N', text)
    text = re.sub(r"\"(ClusterID|MemberID|RaftTerm|Leader|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse|ID|Lease|Hash|TotalSize|Size)\" : -?\w+", r'"\1" : N', text)
    text = re.sub(r"\b[0-9a-f]{15,16}\b", "ID", text)
    text = re.sub(r"3\.4\.\d+", "3.4.V", text)
    text = re.sub(r"-[A-Za-z0-9+/=-]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"\{\"level\":\"warn\".*\n?", "", text)
    text = re.sub(r"\{\"level\":\"info\".*\n?", "", text)
    text = re.sub(r"^\d{4}-\d\d-\d\d[T ][0-9:.]+.*\n", "", text, flags=re.M)
    text = re.sub(r"remaining\(\d+s\)", "remaining(Ns)", text)
    text = re.sub(r"\"ttl\":\d+", '"ttl":N', text)
    text = re.sub(r"\"TTL\" : \d+", '"TTL" : N', text)
    text = re.sub(r"panic: ([^\n]*)\n(.|\n)*", r"panic: \1", text)
    text = re.sub(r"\b[0-9.]+(ms|µs|s)\b", "TIME", text)
    text = re.sub(r" +", " ", text)
    text = re.sub(r"[-+]{5,}", "-----", text)
    return text


def tables_without_volatile(arguments, text):
    """Columns that hold indexes, sizes and hashes are compared for their presence only."""
    if arguments.startswith(("endpoint status", "endpoint hashkv", "snapshot status")):
        text = re.sub(r"\b\d+\b", "N", text)
        text = re.sub(r"\b[0-9a-f]{5,8}\b", "N", text)
    return text


def play(ctl, server, only=None):
    import shlex
    lease, results = "0", []
    file = scratch("snap")
    for step in SCRIPT:
        text, given = step if isinstance(step, tuple) else (step, None)
        arguments = shlex.split(text.replace("{lease}", lease).replace("{f}", file).replace("{big}", "B" * 100000))
        if "--endpoints" not in text:
            arguments = ["--endpoints", server.endpoint] + arguments
        code, out, err = run([ctl] + arguments, input=given if given is not None else "", env=V3)
        granted = re.search(r"lease ([0-9a-f]+) granted", out)
        if granted:
            lease = granted.group(1)
        if "protobuf" in text:
            out = "bytes" if out else "nothing"
        results.append((text, given, code, tables_without_volatile(text, normalise(out)), normalise(err)))
    return results


def compare(score, title, ours, truth):
    for (text, given, code, out, err), (_, _, code2, out2, err2) in zip(ours, truth):
        if err2.startswith("panic:") and not err.startswith("panic:"):
            score.check("%s: %r is refused, not a crash" % (title, given), code != 0 and err != "", err)
            continue
        name = "%s: %s%s" % (title, text, " < %r" % given if given else "")
        score.check(name, (code, out, err) == (code2, out2, err2),
                    "\n   ours:   %r\n   theirs: %r" % ((code, out, err), (code2, out2, err2)))


def main():
    which = sys.argv[1] if len(sys.argv) > 1 else "both"
    score = Score("etcdctl")
    go = Server(GO)
    truth = play(GOCTL, go)
    go.kill()
    if which in ("both", "server"):
        ours = Server(OURS)
        compare(score, "Debian's etcdctl on our member", play(GOCTL, ours), truth)
        ours.kill()
    if which in ("both", "tool") and os.path.exists(OURCTL):
        go = Server(GO)
        compare(score, "our etcdctl on Go's member", play(OURCTL, go), truth)
        go.kill()
    score.close()


main()
