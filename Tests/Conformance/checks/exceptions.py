"""Rows of tier 1 and 2 that no script shows, each with its reason."""
CLUSTER = "needs several members; they come with the cluster"
INSIDE = "cannot be brought about from outside; unit tests of the rooms show it"

EXCEPTIONS = {
    "WATCH-20": CLUSTER, "LEASE-12": CLUSTER, "LEASE-13": CLUSTER,
    "CLUS-13": CLUSTER, "CLUS-15": CLUSTER,
    "ERR-14": CLUSTER, 
    "ERR-44": CLUSTER, "ERR-45": CLUSTER, "ERR-48": CLUSTER, "ERR-49": CLUSTER, "ERR-50": CLUSTER, "ERR-53": CLUSTER,
    "ERR-23": INSIDE,
    "HTTP-12": "profiles are not served yet",
    "VAL-22": CLUSTER, "VAL-23": CLUSTER, "VAL-24": CLUSTER, "VAL-28": CLUSTER,
    "V2-37": "the v2 API over v3 keys is not built yet",
    "VAL-35": "needs TLS between members; it comes with the cluster",
    "DSC-04": INSIDE,
}
