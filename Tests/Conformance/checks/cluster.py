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
