"""Rows of tier 1 and 2 that no script shows, each with its reason."""
CLUSTER = "needs several members; they come with the cluster"
DISCOVERY = "needs discovery, which is not built yet"
AUTH = "needs authentication"
INSIDE = "cannot be brought about from outside; unit tests of the rooms show it"

EXCEPTIONS = {
    "WATCH-20": CLUSTER, "LEASE-05": CLUSTER, "LEASE-12": CLUSTER, "LEASE-13": CLUSTER,
    "CLUS-01": CLUSTER, "CLUS-02": CLUSTER, "CLUS-03": CLUSTER, "CLUS-04": CLUSTER, "CLUS-05": CLUSTER, "CLUS-07": CLUSTER, "CLUS-08": CLUSTER,
    "CLUS-09": CLUSTER, "CLUS-10": CLUSTER, "CLUS-11": CLUSTER, "CLUS-12": CLUSTER, "CLUS-13": CLUSTER, "CLUS-14": CLUSTER, "CLUS-15": CLUSTER,
    "ERR-14": CLUSTER, "ERR-15": CLUSTER, "ERR-16": CLUSTER, "ERR-17": CLUSTER, "ERR-18": CLUSTER, "ERR-19": CLUSTER, "ERR-20": CLUSTER, "ERR-21": CLUSTER,
    "ERR-42": CLUSTER, "ERR-43": CLUSTER, "ERR-44": CLUSTER, "ERR-45": CLUSTER, "ERR-47": CLUSTER, "ERR-48": CLUSTER, "ERR-49": CLUSTER, "ERR-50": CLUSTER, "ERR-51": CLUSTER, "ERR-53": CLUSTER,
    "ERR-23": INSIDE, "ERR-46": INSIDE,
    **{"ERR-%02d" % n: AUTH for n in range(24, 42) if n not in (30, 31)}, "VAL-18": AUTH, "TXN-12": AUTH, "WATCH-15": AUTH, "LEASE-11": AUTH, "MAINT-14": AUTH,
    "HTTP-12": "profiles are not served yet",
    "VAL-22": CLUSTER, "VAL-23": CLUSTER, "VAL-24": DISCOVERY, "VAL-25": DISCOVERY, "VAL-28": CLUSTER, "VAL-33": DISCOVERY,
    "VAL-35": "needs TLS between members; it comes with the cluster",
}
