"""Front ends as processes: what the scripts about the gateway and the gRPC proxy share."""
from lib import *
from lib import _running
import urllib.error


class FrontProcess:
    """A front end of either kind, started and waited for."""

    def __init__(self, arguments, port, env=None, wait=True):
        self.port, self.log = port, scratch("log")
        out = open(self.log, "ab")
        self.process = subprocess.Popen(arguments, stdout=out, stderr=out, env=env)
        _running.append(self)
        if wait:
            self.wait_open()

    @property
    def endpoint(self):
        return "127.0.0.1:%d" % self.port

    def wait_open(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError("ended with %s at start:\n%s" % (self.process.returncode, self.tail()))
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("port %d is not open:\n%s" % (self.port, self.tail()))

    def tail(self, lines=25):
        with open(self.log, "rb") as f:
            return b"\n".join(f.read().splitlines()[-lines:]).decode("utf-8", "replace")

    def resident(self):
        """Resident memory in MiB."""
        with open("/proc/%d/status" % self.process.pid) as f:
            return int([l for l in f if l.startswith("VmRSS")][0].split()[1]) / 1024

    def cpu(self):
        """Seconds of processor time so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        if self in _running:
            _running.remove(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def fetch(url, timeout=5):
    """(status, body) of a page."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
