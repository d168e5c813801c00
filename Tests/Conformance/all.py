"""Runs every conformance script, one after another, and prints one closing line for all.

usage: all.py [name ...]
"""
import os, re, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
# Name, arguments: the share of each that fits into a run of CI.
SCRIPTS = [
    ("guide", []),
    ("etcdctl", []),
    ("etcdctl_cluster", []),
    ("etcdctl_v2", ["server", "tool", "help", "live", "backup"]),
    ("exchange", []),
    ("damage", []),
    ("services", []),
    ("checks", []),
    ("gateway", []),
    ("proxy", []),
    ("gateway_tcp", []),
    ("grpcproxy", []),
    ("costs", []),
    ("cluster", []),
    ("losses", []),
    ("peers", []),
    ("ranges", []),
    ("space", []),
    ("abuse", []),
    ("concurrency", []),
    ("tools", []),
    ("pages", []),
    ("auth", []),
    ("v2", []),
    ("v2_cluster", []),
    ("discovery", []),
    ("srv", []),
    ("workloads", ["1000", "12"]),
    ("crash", ["200"]),
]


def main():
    chosen = sys.argv[1:]
    passed = failed = skipped = 0
    for name, arguments in SCRIPTS:
        path = os.path.join(HERE, name + ".py")
        if chosen and name not in chosen:
            continue
        began = time.time()
        process = subprocess.Popen(["/usr/bin/python3", path] + arguments, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, cwd=HERE)
        out, _ = process.communicate()
        sys.stdout.write(out)
        counts = re.findall(r"^\w+: (\d+) passed, (\d+) failed$", out, re.M)
        if "SKIPPED" in out:
            skipped += out.count("SKIPPED")
        if counts:
            passed += int(counts[-1][0])
            failed += int(counts[-1][1])
        elif process.returncode != 0:
            failed += 1
            print("FAILED %s ended with %d" % (name, process.returncode))
        print("(%s took %.0f s)" % (name, time.time() - began), flush=True)
    print("conformance: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed else 0)


main()
