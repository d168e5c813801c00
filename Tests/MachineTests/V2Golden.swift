/// The data of a `.snap` file that Go etcd 3.4.23 wrote: three members, the cluster's version, user keys of which one has
/// a TTL, and eleven events of history.
enum V2Golden {
  static let snapshot = head + String(repeating: ",null", count: 989) + tail

  private static let head =
    #"""
    {"Root":{"Path":"/","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Child\#
    ren":{"0":{"Path":"/0","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Ch\#
    ildren":{"members":{"Path":"/0/members","CreatedIndex":1,"ModifiedIndex":1,"ExpireTime":"0001-01-01T00:00:00\#
    Z","Value":"","Children":{"6945ef485cb44bfc":{"Path":"/0/members/6945ef485cb44bfc","CreatedIndex":1,"Modifie\#
    dIndex":1,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{"attributes":{"Path":"/0/members/6945ef\#
    485cb44bfc/attributes","CreatedIndex":4,"ModifiedIndex":4,"ExpireTime":"0001-01-01T00:00:00Z","Value":"{\"na\#
    me\":\"m1\",\"clientURLs\":[\"http://127.0.0.1:42171\"]}","Children":null},"raftAttributes":{"Path":"/0/memb\#
    ers/6945ef485cb44bfc/raftAttributes","CreatedIndex":1,"ModifiedIndex":1,"ExpireTime":"0001-01-01T00:00:00Z",\#
    "Value":"{\"peerURLs\":[\"http://127.0.0.1:42191\"]}","Children":null}}},"9b179123b67580be":{"Path":"/0/memb\#
    ers/9b179123b67580be","CreatedIndex":2,"ModifiedIndex":2,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Chi\#
    ldren":{"attributes":{"Path":"/0/members/9b179123b67580be/attributes","CreatedIndex":5,"ModifiedIndex":5,"Ex\#
    pireTime":"0001-01-01T00:00:00Z","Value":"{\"name\":\"m3\",\"clientURLs\":[\"http://127.0.0.1:42173\"]}","Ch\#
    ildren":null},"raftAttributes":{"Path":"/0/members/9b179123b67580be/raftAttributes","CreatedIndex":2,"Modifi\#
    edIndex":2,"ExpireTime":"0001-01-01T00:00:00Z","Value":"{\"peerURLs\":[\"http://127.0.0.1:42193\"]}","Childr\#
    en":null}}},"ef682e59c713f921":{"Path":"/0/members/ef682e59c713f921","CreatedIndex":3,"ModifiedIndex":3,"Exp\#
    ireTime":"0001-01-01T00:00:00Z","Value":"","Children":{"attributes":{"Path":"/0/members/ef682e59c713f921/att\#
    ributes","CreatedIndex":6,"ModifiedIndex":6,"ExpireTime":"0001-01-01T00:00:00Z","Value":"{\"name\":\"m2\",\"\#
    clientURLs\":[\"http://127.0.0.1:42172\"]}","Children":null},"raftAttributes":{"Path":"/0/members/ef682e59c7\#
    13f921/raftAttributes","CreatedIndex":3,"ModifiedIndex":3,"ExpireTime":"0001-01-01T00:00:00Z","Value":"{\"pe\#
    erURLs\":[\"http://127.0.0.1:42192\"]}","Children":null}}}}},"version":{"Path":"/0/version","CreatedIndex":7\#
    ,"ModifiedIndex":7,"ExpireTime":"0001-01-01T00:00:00Z","Value":"3.4.0","Children":null}}},"1":{"Path":"/1","\#
    CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{"v2dir":{"Path"\#
    :"/1/v2dir","CreatedIndex":8,"ModifiedIndex":8,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{"k\#
    2":{"Path":"/1/v2dir/k2","CreatedIndex":11,"ModifiedIndex":11,"ExpireTime":"0001-01-01T00:00:00Z","Value":"h\#
    ey","Children":null}}},"v2ttl":{"Path":"/1/v2ttl","CreatedIndex":9,"ModifiedIndex":9,"ExpireTime":"2026-11-2\#
    3T09:34:34.452084115Z","Value":"t","Children":null}}}}},"WatcherHub":{"EventHistory":{"Queue":{"Events":[{"a\#
    ction":"create","node":{"key":"/0/members/6945ef485cb44bfc/raftAttributes","value":"{\"peerURLs\":[\"http://\#
    127.0.0.1:42191\"]}","modifiedIndex":1,"createdIndex":1}},{"action":"create","node":{"key":"/0/members/9b179\#
    123b67580be/raftAttributes","value":"{\"peerURLs\":[\"http://127.0.0.1:42193\"]}","modifiedIndex":2,"created\#
    Index":2}},{"action":"create","node":{"key":"/0/members/ef682e59c713f921/raftAttributes","value":"{\"peerURL\#
    s\":[\"http://127.0.0.1:42192\"]}","modifiedIndex":3,"createdIndex":3}},{"action":"set","node":{"key":"/0/me\#
    mbers/6945ef485cb44bfc/attributes","value":"{\"name\":\"m1\",\"clientURLs\":[\"http://127.0.0.1:42171\"]}","\#
    modifiedIndex":4,"createdIndex":4}},{"action":"set","node":{"key":"/0/members/9b179123b67580be/attributes","\#
    value":"{\"name\":\"m3\",\"clientURLs\":[\"http://127.0.0.1:42173\"]}","modifiedIndex":5,"createdIndex":5}},\#
    {"action":"set","node":{"key":"/0/members/ef682e59c713f921/attributes","value":"{\"name\":\"m2\",\"clientURL\#
    s\":[\"http://127.0.0.1:42172\"]}","modifiedIndex":6,"createdIndex":6}},{"action":"set","node":{"key":"/0/ve\#
    rsion","value":"3.4.0","modifiedIndex":7,"createdIndex":7}},{"action":"set","node":{"key":"/1/v2dir/k1","val\#
    ue":"hello","modifiedIndex":8,"createdIndex":8}},{"action":"set","node":{"key":"/1/v2ttl","value":"t","expir\#
    ation":"2026-11-23T09:34:34.452084115Z","ttl":500,"modifiedIndex":9,"createdIndex":9}},{"action":"delete","n\#
    ode":{"key":"/1/v2dir/k1","modifiedIndex":10,"createdIndex":8},"prevNode":{"key":"/1/v2dir/k1","value":"hell\#
    o","modifiedIndex":8,"createdIndex":8}},{"action":"create","node":{"key":"/1/v2dir/k2","value":"hey","modifi\#
    edIndex":11,"createdIndex":11}}
    """#

  private static let tail =
    #"""
    ],"Size":11,"Front":0,"Back":11,"Capacity":1000},"StartIndex":1,"LastIndex":11}},"CurrentIndex":11,"Stats":{\#
    "getsSuccess":5,"getsFail":7,"setsSuccess":6,"setsFail":0,"deleteSuccess":1,"deleteFail":0,"updateSuccess":0\#
    ,"updateFail":0,"createSuccess":4,"createFail":0,"compareAndSwapSuccess":0,"compareAndSwapFail":0,"compareAn\#
    dDeleteSuccess":0,"compareAndDeleteFail":0,"expireCount":0,"watchers":0},"CurrentVersion":2}
    """#
}
