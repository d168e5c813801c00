"""How the program starts, and what it refuses: PRE, CFG, FILE, ENV and VAL."""
import resource
from table import *

lane = Lane("flags", serves=False)
case = lane.case
PEER = ("--listen-peer-urls", "http://127.0.0.1:PORT2")
URLS = ("--listen-client-urls", "http://127.0.0.1:PORT1", "--advertise-client-urls", "http://127.0.0.1:PORT1") + PEER
FILE_URLS = "listen-client-urls: http://127.0.0.1:PORT1\nadvertise-client-urls: http://127.0.0.1:PORT1\nlisten-peer-urls: http://127.0.0.1:PORT2\n"


def config(text):
    return started(file=text)


# --- Refusals

case("VAL-01 binding to a name", started("--listen-client-urls", "http://example.com:2379", "--advertise-client-urls", "http://example.com:2379"), started("--listen-peer-urls", "http://example.com:2380"), started("--listen-metrics-urls", "http://example.com:1"))
case("VAL-02 advertised addresses without a host", started("--initial-advertise-peer-urls", "http://:2380"), started("--advertise-client-urls", "http://:2379"), started("--advertise-client-urls", "http://a:1,http://:2379"))
case("VAL-03 two ways to bootstrap", started("--initial-cluster", "a=http://a:1", "--discovery", "http://d"), started("--initial-cluster", "a=http://a:1", "--discovery-srv", "d"), started("--discovery-srv", "d", "--discovery", "http://d"))
case("VAL-04 listening without advertising", started("--listen-client-urls", "http://127.0.0.1:PORT1"), started("--listen-client-urls", "http://127.0.0.1:PORT1", keep=lines_with("advertise")), started(env={"ETCD_LISTEN_CLIENT_URLS": "http://127.0.0.1:PORT1"}))
case("VAL-05 times of zero", started("--heartbeat-interval", "0"), started("--election-timeout", "0"), started("--heartbeat-interval", "0", "--election-timeout", "0"))
case("VAL-06, 07 elections too short and too long", started("--heartbeat-interval", "500"), started("--election-timeout", "499"), started("--election-timeout", "60000"), started("--election-timeout", "50001"), started("--heartbeat-interval", "10001", "--election-timeout", "50000"))
case("VAL-08, 09 auto-compaction", started("--auto-compaction-mode", "foo"), started("--auto-compaction-retention", "foo", *URLS), started("--auto-compaction-mode", "revision", "--auto-compaction-retention", "foo", *URLS), started("--auto-compaction-retention", "-1", *URLS),
     started("--auto-compaction-mode", "revision", "--auto-compaction-retention", "-5", *URLS))
case("VAL-09 a time where a count is due", started("--auto-compaction-mode", "revision", "--auto-compaction-retention", "1h", *URLS, until=READY, keep=says("is no count of revisions")), differs="a time as `--auto-compaction-retention` in revision mode", ours={0: (1, [True])})
case("VAL-10 states of a cluster", started("--initial-cluster-state", "foo", keep=lines_with("invalid value")), config("initial-cluster-state: foo\n"), config("initial-cluster-state: NEW\n"))
case("VAL-11, 12, 13 loggers and outputs", started("--logger", "foo"), started("--log-outputs", "a.log"), started("--log-outputs", "stdout,stderr"), started("--logger", "zap", "--log-outputs", "default,stderr"), started("--logger", "zap", "--log-outputs", "systemd/journal,stderr"), started("--logger", "ZAP"), started("--logger", ""))
case("VAL-14 checkpoints that persist need checkpoints", started("--experimental-enable-lease-checkpoint-persist"))
case("VAL-15 a file that is not there", started("--config-file", "nofile"), started("--config-file", "/"), started(env={"ETCD_CONFIG_FILE": "nofile"}))
case("VAL-16 ciphers", started("--cipher-suites", "foo", *URLS), started("--cipher-suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,foo", *URLS))
case("VAL-17, 18, AUTH-24, 25 kinds of tokens", [started("--auth-token", kind, *URLS) for kind in ("jwt", "jwt,sign-method=foo", "jwt,zz", "jwt,sign-method=RS256", "jwt,sign-method=RS256,sign-method=RS256", "jwt,sign-method=RS256,ttl=zz", "jwt,sign-method=HS256")],
     [started("--auth-token", kind, *URLS, keep=lines_with("problem loading", "token type")) for kind in ("foo", "jwt")], started("--auth-token", "foo", *URLS), started("--auth-token", "foo", *URLS, keep=lines_with("token type")))
case("VAL-19 the own name is missing", started("--initial-cluster", "a=http://localhost:2380", *URLS), started("--name", "b", "--initial-cluster", "a=http://localhost:2380", *URLS))
case("VAL-20 the own address is another", started("--initial-cluster", "default=http://127.0.0.1:7001", *URLS), started("--initial-advertise-peer-urls", "http://127.0.0.1:7001", "--initial-cluster", "default=http://127.0.0.1:7001,default=http://127.0.0.1:7002", *URLS),
     started("--initial-advertise-peer-urls", "http://127.0.0.1:7001,http://127.0.0.1:7002", "--initial-cluster", "default=http://127.0.0.1:7001", *URLS), started("--initial-advertise-peer-urls", "http://127.0.0.1:7001", *URLS), started("--initial-cluster", "default=http://127.0.0.1:7001", *URLS, keep=lines_with("forgot to")))
case("VAL-21 an address given twice", started("--initial-cluster", "default=http://localhost:2380,b=http://localhost:2380", *URLS))
case("VAL-26 nothing to begin from", started("--initial-cluster", "", *URLS), config("name: a\ninitial-cluster: ''\n" + FILE_URLS))
case("VAL-27 https without a pair", started("--listen-client-urls", "https://127.0.0.1:PORT1", "--advertise-client-urls", "https://127.0.0.1:PORT1", *PEER), started("--listen-metrics-urls", "https://127.0.0.1:PORT3", *URLS),
     started("--cert-file", "CERT", "--listen-client-urls", "https://127.0.0.1:PORT1", "--advertise-client-urls", "https://127.0.0.1:PORT1", *PEER), started("--cert-file", "none", "--key-file", "none", "--listen-client-urls", "https://127.0.0.1:PORT1", "--advertise-client-urls", "https://127.0.0.1:PORT1", *PEER,
             # What ends the original is said while others of its threads still speak.
             keep=lines_with("no such file")))
case("VAL-29 a directory of both kinds", started("--data-dir", "CWD/d", *URLS, files={"d/member/x": "", "d/proxy/x": ""}))
case("VAL-30 few descriptors", started("--data-dir", "CWD/d", *URLS, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))), started("--data-dir", "CWD/d", *URLS, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (150, 150))))
case("VAL-31 bad YAML", config("name: [a\n"), config("a: b: c\n"), config("\tname: a\n"), config("name: 'a\n"), config("- a\n"), config("a\n"), config("{bad\n"))
case("VAL-32, PRE-14, FILE-08 wrong types in a file", config("heartbeat-interval: a\n"), config("name: 5\n"), config("heartbeat-interval: -1\n"), config("backend-batch-interval: 5s\n"), config("auto-compaction-retention: 5\n"), config("log-outputs: stderr\n"), config("enable-v2: 1\n"), config("pre-vote: 'x'\n"), config("snapshot-count: 1.5\n"),
     config("cipher-suites: a\n"), config("client-transport-security: a\n"), config("quota-backend-bytes: 99999999999999999999\n"), config("name: [a]\n"), config("listen-client-urls: [a]\n"), config("peer-transport-security: {cert-file: 5}\n"))
case("VAL-34 a pair for nothing", started("--cert-file", "CERT", "--key-file", "KEY", *URLS, until=READY, keep=lines_with("are presented")), started("--client-cert-auth", *URLS, until=READY, keep=lines_with("are presented", "is enabled")))

# --- Parsing

case("PRE-01 the syntax of flags", started("-name=a", "--version", keep=says("etcd Version: 3.4.")), started("--name", "a", "-version=true", keep=says("etcd Version: 3.4.")), started("--version=false", "--nosuch", keep=lines_with("not defined")), started("--version", "foo", keep=says("etcd Version: 3.4.")), started("--pre-vote", "false", "--nosuch"))
case("PRE-02 flags that are none, values that do not parse", [started(*words, keep=lambda text, place, ports: text.splitlines()[:1]) for words in (["--nosuch"], ["--nosuch=1"], ["-="], ["---x"], ["--heartbeat-interval=zz"], ["--heartbeat-interval=1.5"], ["--proxy", "foo"], ["--discovery-fallback", "foo"], ["--initial-cluster-state", "foo"], ["--listen-peer-urls", "foo"],
     ["--cors", "foo"], ["--name"], ["--pre-vote=maybe"], ["--backend-batch-interval", "5"], ["--max-concurrent-streams", "-1"], ["--snapshot-count=99999999999999999999"])])
case("PRE-03 stray words", started("foo"), started("--name", "a", "foo"), started("foo", "--name", "a"), started("-"))
case("PRE-04, 05 help and version", started("-h", keep=says("--listen-client-urls", "--name", "Member:")), started("--help", keep=says("--listen-client-urls")), started("--version", keep=lambda text, place, ports: [line.split(":")[0] for line in text.splitlines()[:1]]))
case("PRE-06, 07 variables", started(env={"ETCD_NAME": "", "ETCD_HEARTBEAT_INTERVAL": "0"}), started(env={"ETCD_PROXY": "zz"}), started(env={"ETCD_BCRYPT_COST": "x"}))
case("PRE-08 flag and variable together", started("--name", "b", env={"ETCD_NAME": "a"}), started("--name", "default", *URLS, env={"ETCD_NAME": ""}, keep=says("shadowed"), until=READY), started("--heartbeat-interval", "100", env={"ETCD_HEARTBEAT_INTERVAL": "100"}))
case("PRE-09 variables that do not parse", started(env={"ETCD_HEARTBEAT_INTERVAL": "zz"}), started(env={"ETCD_LISTEN_CLIENT_URLS": "foo"}), started(env={"ETCD_PRE_VOTE": "x"}))
case("PRE-10, 11 variables in the log", started(*URLS, env={"ETCD_FOO": "a", "ETCD_SNAPSHOT_COUNT": "500"}, until=READY, keep=lines_with("ETCD_")), started(*URLS, env={"ETCDCTL_API": "3"}, until=READY, keep=lines_with("ETCDCTL")))
case("PRE-12 a file alone decides", started("--name", "x", "--heartbeat-interval", "0", file="name: fromfile\ninitial-cluster: fromfile=http://localhost:2380\n" + FILE_URLS, until=READY, keep=lines_with("Loading server", "name = ")),
     started(env={"ETCD_CONFIG_FILE": "CWD/etcd.yml2", "ETCD_NAME": "y"}, files={"etcd.yml2": "name: fromfile\ninitial-cluster: fromfile=http://localhost:2380\n" + FILE_URLS}, until=READY, keep=lines_with("Loading server", "name = ")))
case("PRE-13 the syntax of files", started(file='{"name": "json", "initial-cluster": "json=http://localhost:2380", "listen-client-urls": "http://127.0.0.1:PORT1", "listen-peer-urls": "http://127.0.0.1:PORT2"}', until=READY, keep=lines_with("name = ")),
     started(file="NAME: upper\ninitial-cluster: upper=http://localhost:2380\nfoo: bar\n" + FILE_URLS, until=READY, keep=lines_with("name = ")), config("name: a\nname: b\nheartbeat-interval: 0\n"))
case("PRE-15 a file need not advertise", started(file="listen-client-urls: http://127.0.0.1:PORT1\nlisten-peer-urls: http://127.0.0.1:PORT2\n", until=READY, keep=lines_with("advertise client URLs")))
case("PRE-17, 18 proxies and addresses in a file", config("proxy: zz\n"), config("discovery-fallback: zz\n"), config("listen-client-urls: foo\n"), config("advertise-client-urls: foo\n"), config("listen-peer-urls: foo\n"), config("initial-advertise-peer-urls: foo\n"), config("listen-metrics-urls: foo\n"))
case("PRE-18 bad origins in a file", config("cors: foo\n"), differs="bad `cors` in a file", ours={0: (1, ["unexpected error setting up cors: URL scheme must be http, https, unix, or unixs: foo"])})
case("PRE-19 lists of addresses", [started("--listen-peer-urls", urls, keep=lambda text, place, ports: text.splitlines()[:1]) for urls in ("http://1.1.1.1", "ftp://1.1.1.1:1", "http://1.1.1.1:1/path", "http://1.1.1.1:1,", "1.1.1.1:1", "http://a:b", "unix:///tmp/x:1", "http://[::1:80")])
case("PRE-20, 22 only a name", started("--name", "abc", "--initial-advertise-peer-urls", "http://127.0.0.1:PORT2", *URLS, until=READY, keep=lambda text, place, ports: (sorted(n for n in os.listdir(place) if n != "out"), lines_with("No data-dir", "name = ", "initial cluster = ")(text, place, ports))))
case("PRE-24 a start from old data does not ask how the cluster began", started("--data-dir", "CWD/d", *URLS, until=READY, keep=says("already initialized")))

# --- Values as the log tells them

VALUES = {"name": "n1", "snapshot-count": 777, "heartbeat-interval": 120, "election-timeout": 1300, "max-snapshots": 3, "max-wals": 4, "quota-backend-bytes": 123456789, "initial-cluster": "n1=http://localhost:2380", "initial-cluster-token": "tok", "initial-cluster-state": "new",
          "auto-compaction-mode": "revision", "auto-compaction-retention": "1000", "pre-vote": True, "cors": "http://a.example:1", "strict-reconfig-check": False, "max-txn-ops": 9, "max-request-bytes": 100000}
TELLING = ["go-version", "go-os", "go-arch", "max-cpu-set", "max-cpu-available", "etcd-version", "git-sha"]


def told(text, place, ports):
    """The line `starting an etcd server` as values, without what tells the build and the places."""
    for line in text.splitlines():
        if '"starting an etcd server"' in line:
            found = json.loads(line)
            return {k: clean_line(str(v)) for k, v in found.items() if k not in TELLING + ["ts", "caller", "data-dir"]}
    return text[-600:]


def as_flags(values):
    return [("--%s=%s" % (k, str(v).lower() if isinstance(v, bool) else v)) for k, v in values.items()]


case("CFG-01, 04, 05, 06, 07, 08, 09, 10, 11, 12, 20, 21, 22, 23, 24, 30, 31, 32, 54, 71, OPS-54 values by flags, in the log", started("--logger", "zap", "--log-outputs", "stderr", *as_flags(VALUES), *URLS, until=READY, keep=told))
case("CFG-01..12, PRE-06 the same by variables", started("--logger", "zap", "--log-outputs", "stderr", *URLS, env={"ETCD_" + k.upper().replace("-", "_"): str(v).lower() if isinstance(v, bool) else str(v) for k, v in VALUES.items()}, until=READY, keep=told))
case("CFG-01..12, FILE-07 the same by a file", started(file="logger: zap\nlog-outputs: [stderr]\n" + "".join("%s: %s\n" % (k, json.dumps(v)) for k, v in VALUES.items()) + FILE_URLS, until=READY, keep=told))
case("CFG-01..12 the values nobody gave", started("--logger", "zap", "--log-outputs", "stderr", "--pre-vote=true", *URLS, until=READY, keep=told))
case("CFG-71 members ask before they stand for election", started("--logger", "zap", "--log-outputs", "stderr", *URLS, until=READY, keep=lambda *output: told(*output)["pre-vote"]), differs="`--pre-vote`", ours={0: (-15, "True")})
case("CFG-91, 92 flags of older times", [started("--" + name + "=1", *URLS, until=READY, keep=lines_with("no longer supported")) for name in ("snapshot", "retry-interval")], [started("--" + name, "1", keep=lambda text, place, ports: text.splitlines()[:1]) for name in ("addr", "bind-addr", "peer-addr", "peers", "peers-file")])
case("CFG-13, 14, 15, 16, 87 flags with a number of any size", started("--experimental-compaction-batch-limit=7", "--backend-batch-limit=5", "--backend-batch-interval=10ms", *URLS, until=READY, keep=says("ready to serve")))
case("OPS-60, OPS-53 lines tools wait for", started(*URLS, until=["enabled capabilities"], keep=lambda text, place, ports: [re.search(p, text) is not None for p in (r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} [A-Z] \| ", r"published \{Name:default ClientURLs:\[http://127.0.0.1:\d+\]\} to cluster [0-9a-f]+", r"embed: ready to serve client requests",
     r"set the initial cluster version to 3\.4", r"raft\.node: [0-9a-f]+ elected leader [0-9a-f]+ at term 2")]))
case("OPS-01, 02 the layout of a data directory", started("--data-dir", "CWD/d", *URLS, until=READY, keep=lambda text, place, ports: [(os.path.relpath(d, place), oct(os.stat(d).st_mode), sorted(n for n in files if n.endswith((".wal", ".tmp"))), [oct(os.stat(os.path.join(d, f)).st_mode) for f in sorted(files) if f.endswith(".wal")]) for d, _, files in sorted(os.walk(os.path.join(place, "d")))]))
