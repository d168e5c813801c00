"""The acceptance list as a table: every row's good case, its edges and its bad inputs, asked of Go etcd and of ours.

The rows' cases stand in `checks/`, a file per group, in the words of `table.py`. Lanes (a pair of servers each) run side by
side. At the end the list of rows in `checks/rows.txt` is held against the names that all conformance scripts use.

usage: checks.py [part of a case's name, or of a lane's ...]
"""
import concurrent.futures, importlib, pprint, re, sys, threading
from table import *

need(GO, "Debian's etcd-server")
need(OURS, "our etcd")
sys.path.insert(0, os.path.join(HERE, "checks"))
GROUPS = ["kv", "txn", "watch", "lease", "maintenance", "cluster", "trio", "transport", "permissions", "process", "validation"]
SAME = os.path.realpath(OURS) == os.path.realpath(GO)
# More lanes at once only make two cores slower.
LANES_AT_ONCE = 6


def answers(case, side):
    """What every step answers; a step that raises answers that."""
    out = []
    try:
        side.begin(case.fresh)
        for step in case.steps:
            try:
                out.append(step(side))
            except Exception as error:
                out.append("raised %r" % error)
    except Exception as error:
        out.append("raised %r" % error)
    finally:
        side.end()
    return out


class Run:
    def __init__(self, score, only):
        self.score, self.only, self.lock, self.rows, self.cases = score, only, threading.Lock(), set(), 0

    def lane(self, lane):
        chosen = [c for c in lane.cases if not self.only or any(part in c.name or part == lane.name for part in self.only)]
        if not chosen:
            return
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            sides = list(pool.map(lane.side, (OURS, GO)))
            for case in chosen:
                mine, theirs = pool.map(lambda side: answers(case, side), sides)
                self.judge(lane, case, mine, theirs)
            for side in sides:
                side.server.kill()

    def judge(self, lane, case, mine, theirs):
        with self.lock:
            self.cases += 1
            self.rows |= rows_in(case.name)
            name = "%s: %s" % (lane.name, case.name)
            if len(mine) != len(theirs):
                self.score.equal(name, mine, theirs)
            for number, (a, b) in enumerate(zip(mine, theirs)):
                step = "%s [%d]" % (name, number)
                if str(a).startswith("raised") or str(b).startswith("raised"):
                    self.score.check(step, False, "\n   ours:   %s\n   theirs: %s" % (a, b))
                elif number not in case.ours:
                    self.equal(step, a, b)
                elif not SAME:
                    self.equal(step + " (differs on purpose)", a, case.ours[number])
                    self.score.check(step, a != b, "answers as Go: the difference is none")

    def equal(self, name, a, b):
        if a == b:
            return self.score.check(name, True)
        self.score.check(name, False, "\n   ours:   %s\n   theirs: %s" % (pprint.pformat(a, width=150), pprint.pformat(b, width=150)))


# --- Coverage

def rows_in(text):
    """The row IDs that a text names: `KV-01..05, 07` is six rows."""
    found = set()
    for match in re.finditer(r"\b([A-Z][A-Z0-9]+)-(\d\d)((?:\.\.(?:[A-Z]+-)?\d\d|, ?(?:[A-Z]+-)?\d\d\b)*)", text):
        group, last = match.group(1), int(match.group(2))
        found.add("%s-%02d" % (group, last))
        for kind, number in re.findall(r"(\.\.|, ?)((?:[A-Z]+-)?\d\d)\b", match.group(3)):
            if "-" in number:
                group, number = number.split("-")
            for between in range(last + 1 if kind == ".." else int(number), int(number) + 1):
                found.add("%s-%02d" % (group, between))
            last = int(number)
    return found


def coverage(score, run):
    """Which script shows which row, and that no row of the list is forgotten."""
    demanded = [line.split() for line in open(os.path.join(HERE, "checks", "rows.txt")) if line[0] != "#"]
    exceptions = importlib.import_module("exceptions").EXCEPTIONS
    shown = {"checks": run.rows}
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".py") and name not in ("checks.py", "table.py", "lib.py", "all.py"):
            shown[name[:-3]] = rows_in(open(os.path.join(HERE, name)).read())
    groups = {}
    for row, tier in demanded:
        by = [name for name, rows in shown.items() if row in rows]
        groups.setdefault(row.split("-")[0], []).append((row, int(tier), by))
    for group, rows in groups.items():
        home = {"GW": "gateway", "HTTP": "pages", "AUTH": "auth", "CONC": "concurrency", "V2": "v2"}.get(group, "checks")
        counts = {}
        for row, tier, by in rows:
            for name in by:
                counts.setdefault(name, []).append(row.split("-")[1])
        there = sum(1 for _, _, by in rows if by)
        print("%-5s %3d of %3d rows shown; %s" % (group, there, len(rows), "; ".join("%s: %s" % (n, " ".join(r)) for n, r in sorted(counts.items()))))
        if home not in shown:
            print("      (%s.py is not there yet: its rows are not demanded)" % home)
            continue
        for row, tier, by in rows:
            if not by and tier < 3:
                score.check("coverage", row in exceptions, "%s is shown by no script and has no reason in checks/exceptions.py" % row)
            if by and row in exceptions:
                print("      (%s is shown by %s: it may leave checks/exceptions.py)" % (row, ", ".join(by)))
    return sum(1 for rows in groups.values() for _, _, by in rows if by)


def differences(score):
    """Each case that differs on purpose names a row of docs/differences.md."""
    page = open(os.path.join(ROOT, "docs", "differences.md")).read()
    listed = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("|")}
    for lane in Lane.all:
        for case in lane.cases:
            if case.differs or case.ours:
                score.check(case.name, case.differs in listed, "names %r, which docs/differences.md does not list" % case.differs)


def main():
    score = Score("checks")
    for group in GROUPS:
        importlib.import_module(group)
    pb()
    run = Run(score, sys.argv[1:])
    with concurrent.futures.ThreadPoolExecutor(LANES_AT_ONCE) as pool:
        for done in [pool.submit(run.lane, lane) for lane in Lane.all]:
            done.result()
    if not run.only:
        differences(score)
        rows = coverage(score, run)
        print("checks: %d cases, %d rows by all scripts, %d by this one" % (run.cases, rows, len(run.rows)))
    score.close()


main()
