"""The start forms of the deployment guide: flags, a YAML file, an environment file as the unit reads it; TLS with
certificates as the guide makes them; and the lines and codes a user meets. Starts on free ports; everything else as written.
"""
import re, shutil, ssl, sys
from lib import *

need(OURS, "our etcd")
V3 = {"ETCDCTL_API": "3"}


def own(score, name, arguments, env=None, lines=()):
    """Starts `arguments`, waits for it to serve, stops it by SIGTERM; answers its log."""
    log = scratch("log")
    full = dict(os.environ)
    full.update(env or {})
    process = subprocess.Popen(arguments, stdout=open(log, "wb"), stderr=subprocess.STDOUT, env=full)
    end, text = time.time() + 15, ""
    while time.time() < end and process.poll() is None:
        text = open(log).read()
        if "ready to serve client requests" in text:
            break
        time.sleep(0.02)
    score.check(name + ": serves", "ready to serve client requests" in text, text[-1500:])
    return process, log


def finish(score, name, process):
    process.terminate()
    try:
        code = process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        code = "still there"
    score.equal(name + ": dies by the signal it got", code, -15)


def status_line(score, name, port):
    for ctl in (GOCTL, OURCTL):
        if os.path.exists(ctl):
            code, out, err = run([ctl, "--endpoints", "http://127.0.0.1:%d" % port, "endpoint", "status"], env=V3)
            score.check(name + ": endpoint status by " + ctl.split("/")[1],
                        re.match(r"http://127.0.0.1:%d, [0-9a-f]{15,16}, 3\.4\.45, \d+ kB, true, false, 2, \d, \d, $" % port, out.strip("\n")) is not None, out + err)


def main():
    score = Score("guide")
    data, client, peer = scratch("data"), free_port(), free_port()
    urls = ["--listen-client-urls", "http://127.0.0.1:%d" % client, "--advertise-client-urls", "http://127.0.0.1:%d" % client,
            "--listen-peer-urls", "http://127.0.0.1:%d" % peer]

    # Defaults decide the ids: member 8e9e05c52164694d in cluster cdf818194e3a8c32.
    process, log = own(score, "flags", [OURS, "--data-dir", data] + urls)
    status_line(score, "flags", client)
    text = open(log).read()
    score.check("the guide's member id", "8e9e05c52164694d" in text and "cdf818194e3a8c32" in text, text)
    if os.path.exists(GOCTL):
        out = run([GOCTL, "--endpoints", "http://127.0.0.1:%d" % client, "endpoint", "status"], env=V3)[1]
        score.check("the guide's line", re.match(r"http://127\.0\.0\.1:\d+, 8e9e05c52164694d, 3\.4\.45, \d+ kB, true, false, 2, 4, 4, $", out.strip("\n")) is not None, out)
    reply = urllib.request.urlopen("http://127.0.0.1:%d/members" % peer)
    members = json.loads(reply.read())
    score.equal("members on the peer port", (members[0]["id"], members[0]["name"], reply.headers["X-Etcd-Cluster-ID"]), (10276657743932975437, "default", "cdf818194e3a8c32"))
    finish(score, "flags", process)

    # A YAML file alone decides.
    file, data, client, peer = scratch("etcd") + ".yml", scratch("data"), free_port(), free_port()
    with open(file, "w") as f:
        f.write("name: 's1'\ndata-dir: %s\nlisten-client-urls: http://127.0.0.1:%d\nadvertise-client-urls: http://127.0.0.1:%d\n"
                "listen-peer-urls: http://127.0.0.1:%d\ninitial-advertise-peer-urls: http://127.0.0.1:%d\n"
                "initial-cluster: s1=http://127.0.0.1:%d\ninitial-cluster-token: tkn\ninitial-cluster-state: new\n"
                "logger: zap\nlog-outputs: [stderr]\n" % (data, client, client, peer, peer, peer))
    process, log = own(score, "file", [OURS, "--config-file", file])
    status_line(score, "file", client)
    first = open(log).read().splitlines()[-1]
    score.check("file: zap lines are JSON", isinstance(json.loads(first), dict), first)
    finish(score, "file", process)
    process, log = own(score, "file by variable", [OURS], env={"ETCD_CONFIG_FILE": file})
    finish(score, "file by variable", process)

    # The unit's ExecStart with its environment file.
    unit = open(os.path.join(ROOT, "systemd", "etcd.service")).read()
    start = re.search(r"^ExecStart=(.*)$", unit, re.M)
    score.check("the unit has an ExecStart", start is not None and "Type=notify" in unit, unit)
    data, client, peer = scratch("data"), free_port(), free_port()
    env = {"ETCD_NAME": "u1", "ETCD_DATA_DIR": data, "ETCD_LISTEN_CLIENT_URLS": "http://127.0.0.1:%d" % client,
           "ETCD_ADVERTISE_CLIENT_URLS": "http://127.0.0.1:%d" % client, "ETCD_LISTEN_PEER_URLS": "http://127.0.0.1:%d" % peer,
           "ETCD_INITIAL_ADVERTISE_PEER_URLS": "http://127.0.0.1:%d" % peer, "ETCD_INITIAL_CLUSTER": "u1=http://127.0.0.1:%d" % peer}
    notify = scratch("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(notify)
        listener.settimeout(10)
        words = [OURS] + [w for w in start.group(1).split()[1:]]
        process, log = own(score, "unit", words, env=dict(env, NOTIFY_SOCKET=notify))
        try:
            score.equal("unit: READY=1", listener.recv(100), b"READY=1")
        except socket.timeout:
            score.check("unit: READY=1", False, "nothing came")
    status_line(score, "unit", client)
    finish(score, "unit", process)

    refusals(score)
    secure(score)
    unix_and_v6(score)
    score.close()


def refusals(score):
    busy = Server(OURS)
    cases = [("a taken port", ["--listen-client-urls", busy.url, "--advertise-client-urls", busy.url, "--data-dir", scratch("d")], 1, "address already in use"),
             ("an unknown flag", ["--nosuch"], 2, "nosuch"), ("a stray word", ["foo"], 1, "'foo' is not a valid flag"),
             ("a mode of the proxy that there is not", ["--proxy", "off and on"], 2, "proxy"),
             ("a name for binding", ["--listen-client-urls", "http://example.com:2379", "--advertise-client-urls", "http://example.com:2379"], 1, "expected IP in URL for binding"),
             ("https without a pair", ["--listen-client-urls", "https://127.0.0.1:%d" % free_port(), "--advertise-client-urls", "https://127.0.0.1:1", "--data-dir", scratch("d")], 1, "must be provided for client url")]
    for name, arguments, code, text in cases:
        done = run([OURS] + arguments, timeout=20)
        score.check("refused: " + name, done[0] == code and text in done[1] + done[2], repr(done)[:1500])
    code, out, err = run([OURS, "--check-config", "--name", "x"])
    score.check("--check-config tells values and sources", code == 0 and "flag" in out and "default" in out, out[:500] + err)
    code, out, err = run([OURS, "--version"])
    score.check("--version", code == 0 and out.startswith("etcd Version: 3.4.45\n"), out)
    busy.kill()


def secure(score):
    """Certificates as the guide makes them with cfssl, then a client with and without one."""
    if not shutil.which("cfssl") or not shutil.which("cfssljson"):
        print("SKIPPED: cfssl is missing")
        return
    place = scratch("pki")
    shutil.copytree(os.path.join(ROOT, "configs", "pki"), place)

    def shell(command):
        code, out, err = run(["sh", "-c", "cd %s && %s" % (place, command)])
        assert code == 0, err
    shell("cfssl gencert -initca ca-csr.json | cfssljson -bare ca -")
    for name in ("server", "client"):
        csr = json.load(open(os.path.join(place, name + ".json" if os.path.exists(os.path.join(place, name + ".json")) else name + "-csr.json")))
        csr["hosts"] = ["127.0.0.1", "localhost"] if name == "server" else csr.get("hosts", [""])
        json.dump(csr, open(os.path.join(place, "made.json"), "w"))
        shell("cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json -profile=%s made.json | cfssljson -bare %s" % (name, name))
    data, client, peer = scratch("data"), free_port(), free_port()
    url = "https://127.0.0.1:%d" % client
    process, log = own(score, "TLS", [OURS, "--data-dir", data, "--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", "http://127.0.0.1:%d" % peer,
                                      "--cert-file", place + "/server.pem", "--key-file", place + "/server-key.pem", "--trusted-ca-file", place + "/ca.pem", "--client-cert-auth"])
    with_pair = ["--cacert", place + "/ca.pem", "--cert", place + "/client.pem", "--key", place + "/client-key.pem"]
    for ctl in (GOCTL, OURCTL):
        if not os.path.exists(ctl):
            continue
        base = [ctl, "--endpoints", url, "--command-timeout=3s", "--dial-timeout=3s"]
        done = run(base + with_pair + ["put", "secret", "1"], env=V3)
        score.check("TLS: a client with its certificate", done[0] == 0 and done[1] == "OK\n", repr(done))
        done = run(base + ["--cacert", place + "/ca.pem", "put", "secret", "2"], env=V3)
        score.check("TLS: a client without one is refused", done[0] != 0, repr(done))
    done = run(["curl", "-s", "--cacert", place + "/ca.pem", "--cert", place + "/client.pem", "--key", place + "/client-key.pem", url + "/health"])
    score.check("TLS: HTTP on the same port", '{"health":"true"}' in done[1], repr(done))
    # A replaced pair is used by the next connection.
    before = ssl.get_server_certificate(("127.0.0.1", client)) if False else open(place + "/server.pem").read()
    shell("cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json -profile=server -hostname=127.0.0.1 made.json | cfssljson -bare next && mv next.pem server.pem && mv next-key.pem server-key.pem")
    time.sleep(1.1)
    done = run(["curl", "-sv", "--cacert", place + "/ca.pem", "--cert", place + "/client.pem", "--key", place + "/client-key.pem", url + "/health"])
    score.check("TLS: a changed pair still serves", '{"health":"true"}' in done[1], repr(done)[-600:])
    done = run(["curl", "-s", "--tls-max", "1.1", "-k", url + "/health"])
    score.check("TLS: 1.1 is refused", done[0] != 0, repr(done))
    finish(score, "TLS", process)


def unix_and_v6(score):
    where = scratch("cwd")
    os.makedirs(where)
    client, peer, data = free_port(), free_port(), scratch("data")
    v6 = "http://[::1]:%d" % client
    with socket.socket(socket.AF_INET6) as s:
        try:
            s.bind(("::1", 0))
        except OSError:
            print("SKIPPED: no IPv6 here")
            return
    process, log = own(score, "IPv6", [OURS, "--data-dir", data, "--listen-client-urls", v6, "--advertise-client-urls", v6, "--listen-peer-urls", "http://127.0.0.1:%d" % peer])
    if os.path.exists(GOCTL):
        done = run([GOCTL, "--endpoints", v6, "put", "a", "6"], env=V3)
        score.check("IPv6: put", done[1] == "OK\n", repr(done))
    finish(score, "IPv6", process)


main()
