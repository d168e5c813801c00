"""Cluster: what a member alone answers."""
from table import *

lane = Lane("cluster")
case = lane.case


def members(side):
    answer = call("Cluster/MemberList")(side)
    for found in side.last.members:
        answer["shape"] = (found.name, found.peerURLs == ["http://127.0.0.1:1"], found.clientURLs == [side.server.url], found.isLearner, found.ID == side.member)
    answer.pop("members", None)
    return answer


case("CLUS-06 the list, its header without a revision", members)


def change(name, number=None, *urls, **more):
    return call("Cluster/Member" + name, **({} if number is None else {"ID": number}), **({"peerURLs": list(urls)} if urls else {}), **more)


OWN, OTHER = "http://127.0.0.1:1", "http://127.0.0.1:7"
case("CLUS-02, 03, ERR-15, ERR-17 addresses that are none, or taken", change("Add"), [change("Add", None, url) for url in ("foo", "", "http://127.0.0.1", "127.0.0.1:1", "ftp://127.0.0.1:1", "http://127.0.0.1:7/x", OWN)], change("Add", None, OTHER, OWN), change("Add", None, OWN, OWN), change("Add", None, OTHER, "x"), change("Add", None, OWN, isLearner=True), change("Add", None, "foo", isLearner=True), members)
case("CLUS-04, 05, 08, ERR-18, ERR-19 members that are not there, or no learners", change("Remove", 5), change("Remove", 0), change("Remove"), change("Update", 5, OTHER), change("Update", 5, OWN), change("Promote", 5), change("Promote"), change("Promote", ME), members)
case("CLUS-12, ERR-16 the only member stays", change("Remove", ME), members, differs="code of `not enough started members`, `too many requests`", ours={0: ("error", 9, "etcdserver: re-configuration failed due to not enough started members")})
case("CLUS-05 a member without an address", change("Update", ME, "foo"), change("Update", ME, OWN), members, differs="peer URLs of `member update`", ours={0: ("error", 3, "etcdserver: given member URLs are invalid")})
case("CLUS-05 another address, before and after a restart", change("Update", ME, OTHER), change("List"), change("Update", ME, OTHER, "http://127.0.0.1:8"), change("List"), again, call("Cluster/MemberList"), change("Update", ME, OWN), members, put("a", "1"))
