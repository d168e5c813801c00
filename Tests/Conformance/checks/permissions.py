"""The errors of users and roles, and what they mean to watches and leases. Everything else of authentication: auth.py."""
from table import *

lane = Lane("users", "--bcrypt-cost", "4")


def case(name, *steps, **more):
    lane.case(name, *steps, fresh=False, **more)


def auth(method, by=None, **fields):
    return call("Auth/" + method, metadata=by and token(by), **fields)


def token(name):
    """The token that `login` kept."""
    return (("token", noted("token of " + name)),)


def login(name, password="p"):
    return note("token of " + name, auth("Authenticate", name=name, password=password), lambda reply: reply.token)


def may(kind, key, end=""):
    return {"permType": kind, "key": key, "range_end": end}


READ, WRITE, BOTH = range(3)
case("ERR-24, 25, AUTH-01 no root, and a root without its role", auth("AuthEnable"), auth("UserAdd", name="root", password="p"), auth("AuthEnable"), auth("AuthDisable"))
case("ERR-26, 27, 28, AUTH-05, 06 users", auth("UserAdd", name="root", password="x"), auth("UserAdd", name="", password="x"), auth("UserAdd", name="plain", password="p"), auth("UserAdd", name="other", password="p"), [auth(m, name="none") for m in ("UserGet", "UserDelete")], auth("UserChangePassword", name="none", password="x"), auth("UserGet", name=""), auth("UserList"))
case("ERR-29, 32, 33, AUTH-08 roles", auth("RoleAdd", name="r"), auth("RoleAdd", name="r"), auth("RoleAdd", name=""), auth("RoleGet", role="none"), auth("RoleDelete", role="none"), auth("RoleGet", role=""), auth("RoleList"))
case("ERR-28, 32, 36, AUTH-07 roles of users", auth("UserGrantRole", user="none", role="r"), auth("UserGrantRole", user="plain", role="none"), auth("UserRevokeRole", name="none", role="r"), auth("UserRevokeRole", name="plain", role="r"), auth("UserGrantRole", user="plain", role="r"), auth("UserGrantRole", user="plain", role="r"), auth("UserGrantRole", user="root", role="root"), auth("UserGet", name="plain"))
case("ERR-32, 37, AUTH-09, 10 permissions of roles", auth("RoleGrantPermission", name="none", perm=may(READ, "a")), auth("RoleRevokePermission", role="none", key="a"), auth("RoleRevokePermission", role="r", key="a"), auth("RoleGrantPermission", name="r", perm=may(READ, "a", "c")), auth("RoleRevokePermission", role="r", key="a"), auth("RoleRevokePermission", role="r", key="a", range_end="b"), auth("RoleGrantPermission", name="r", perm=may(BOTH, "b")), auth("RoleGet", role="r"))
case("ERR-38, AUTH-04 authenticating while it is off", auth("Authenticate", name="root", password="p"), auth("Authenticate", name="none", password="p"))
case("GRPC-12, WATCH-15 a token while it is off", create("a", metadata=(("token", "zz"),)), get("a", metadata=(("token", "zz"),)), get("a", metadata=(("authorization", "zz"),)), differs="a token while authentication is off", ours={0: header(0, created=True), 1: header(0), 2: header(0)})
case("AUTH-01 on, and on again", put("a", "1"), put("b", "1"), put("c", "1"), call("Lease/LeaseGrant", ID=5, TTL=500), put("c", "2", lease=5), auth("AuthEnable"), login("root"), auth("AuthEnable", by="root"))
case("ERR-34 wrong names and passwords", auth("Authenticate", name="root", password="x"), auth("Authenticate", name="none", password="p"), auth("Authenticate", name="", password=""), auth("Authenticate", name="plain", password=""))
case("ERR-27, ERR-39, AUTH-15 nobody's call, a token that is none", get("a"), put("a"), delete("a"), txn(), get("a", metadata=(("token", "zz"),)), put("a", metadata=(("authorization", "zz"),)), get("a", metadata=(("token", ""),)), auth("UserList"), auth("RoleAdd", name="x"))
NOBODY = ("error", 3, "etcdserver: user name is empty")
case("ERR-27, FIX-20 calls that only later versions keep from nobody", compact(1), call("Lease/LeaseGrant", ID=99, TTL=9), call("Cluster/MemberList"), differs="Compact, LeaseGrant, MemberList while authentication is on", ours={0: NOBODY, 1: NOBODY, 2: NOBODY})
case("MAINT-14 nobody's Status", call("Maintenance/Status"), differs="Status", ours={0: NOBODY})
case("MAINT-14 nobody's HashKV", call("Maintenance/HashKV"), call("Maintenance/Defragment"), differs="refusals of Defragment, Hash, HashKV, Snapshot", ours={0: NOBODY, 1: NOBODY})
case("ERR-35, AUTH-11, 14 what a user may not", login("plain"), [step for by in ("plain",) for step in (get("a", metadata=token(by)), get("a", "c", metadata=token(by)), get("a", "d", metadata=token(by)), get("c", metadata=token(by)), put("a", metadata=token(by)), put("b", "2", metadata=token(by)), put("b", "3", prev_kv=True, metadata=token(by)), delete("b", metadata=token(by)), delete("a", metadata=token(by)), delete("a", "c", metadata=token(by)))],
     auth("UserList", by="plain"), auth("RoleAdd", by="plain", name="x"), auth("UserGet", by="plain", name="plain"), auth("UserGet", by="plain", name="root"), auth("RoleGet", by="plain", role="r"), auth("AuthDisable", by="plain"))
case("WATCH-15 watches that may not be", create("a", metadata=token("plain"), on="may"), create("c", metadata=token("plain"), on="c"), create("a", "d", metadata=token("plain"), on="range"), create("a", on="nobody"), create("a", metadata=(("token", "zz"),), on="wrong"), create("c", watch_id=7, metadata=token("plain"), on="seven"),
     put("a", "9", metadata=token("root")), take(on="may"), quiet("c"))
case("WATCH-15, FIX-22 a watch on all that follows a key", create("a", "\0", metadata=token("plain"), on="onward"), differs="watch \"from this key on\"", ours={0: header(0, created=True, canceled=True, watch_id=-1, cancel_reason="rpc error: code = PermissionDenied desc = etcdserver: permission denied")})
case("LEASE-11 leases with keys that may not be written", call("Lease/LeaseRevoke", ID=5, metadata=token("plain")), call("Lease/LeaseGrant", ID=6, TTL=500, metadata=token("plain")), put("b", "4", lease=6, metadata=token("plain")), put("b", "4", lease=5, metadata=token("plain")), call("Lease/LeaseRevoke", ID=6, metadata=token("plain")), call("Lease/LeaseRevoke", ID=404, metadata=token("plain")), call("Lease/LeaseRevoke", ID=5, metadata=token("root")), get("c", metadata=token("root")))
case("ERR-41, AUTH-16 a token from before a change of rights", login("other"), auth("UserAdd", by="root", name="new", password="p"), get("a", metadata=token("other")), put("a", metadata=token("other")), login("other"), get("a", metadata=token("other")))
case("ERR-40 root stays", login("root"), auth("UserDelete", by="root", name="root"), login("root"), auth("RoleDelete", by="root", role="root"), auth("UserRevokeRole", by="root", name="root", role="root"))
case("MAINT-02, 14 what is everyone's", login("plain"), call("Maintenance/Status", metadata=token("plain")), call("Cluster/MemberRemove", ID=5), call("Cluster/MemberRemove", ID=5, metadata=token("plain")))
case("AUTH-02 off again", login("root"), auth("AuthDisable", by="root"), get("a"))
