/// Random requests to `/v2/keys` of Go etcd 3.4.23 and the bodies it answered: a line with method, path and tab-separated
/// parameters, then a line of JSON. The store's index was 3 at the beginning.
enum V2Transcript {
  static let text = #"""
    PUT /d/_h value=é"\	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d","index":3}
    PUT /d dir=true
    {"action":"set","node":{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4}}
    PUT /a value=<&>	prevExist=false
    {"action":"create","node":{"key":"/a","value":"\u003c\u0026\u003e","modifiedIndex":5,"createdIndex":5}}
    GET /b sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/b","index":5}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","value":"\u003c\u0026\u003e","modifiedIndex":5,"createdIndex":5},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4}]}}
    POST /d value=1
    {"action":"create","node":{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6}}
    PUT /d/x value=1	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":6}
    DELETE /d/e/z recursive=true	prevValue=1
    {"errorCode":100,"message":"Key not found","cause":"/d/e","index":6}
    PUT /d/_h value=é"\
    {"action":"set","node":{"key":"/d/_h","value":"é\"\\","modifiedIndex":7,"createdIndex":7}}
    GET /d/_h sorted=true
    {"action":"get","node":{"key":"/d/_h","value":"é\"\\","modifiedIndex":7,"createdIndex":7}}
    PUT /q value=1	prevExist=true	prevIndex=2
    {"errorCode":100,"message":"Key not found","cause":"/q","index":7}
    PUT /d/e/z dir=true
    {"action":"set","node":{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}}
    GET /a sorted=true
    {"action":"get","node":{"key":"/a","value":"\u003c\u0026\u003e","modifiedIndex":5,"createdIndex":5}}
    DELETE /b 
    {"errorCode":100,"message":"Key not found","cause":"/b","index":8}
    PUT /d/_h value=2	prevValue=2
    {"errorCode":101,"message":"Compare failed","cause":"[2 != é\"\\]","index":8}
    GET /b sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/b","index":8}
    PUT /d value=é"\	prevExist=true
    {"errorCode":102,"message":"Not a file","cause":"/d","index":8}
    POST /d value=2
    {"action":"create","node":{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9}}
    GET /a sorted=true	recursive=true
    {"action":"get","node":{"key":"/a","value":"\u003c\u0026\u003e","modifiedIndex":5,"createdIndex":5}}
    DELETE /a recursive=true
    {"action":"delete","node":{"key":"/a","modifiedIndex":10,"createdIndex":5},"prevNode":{"key":"/a","value":"\u003c\u0026\u003e","modifiedIndex":5,"createdIndex":5}}
    PUT /d/e/z value=1
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":10}
    DELETE /d prevValue=<&>
    {"errorCode":102,"message":"Not a file","cause":"/d","index":10}
    PUT /a value=2	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":10}
    GET /a/k sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":10}
    PUT /q value=<&>	prevValue=<&>
    {"errorCode":100,"message":"Key not found","cause":"/q","index":10}
    PUT /d value=<&>	prevValue=<&>
    {"errorCode":102,"message":"Not a file","cause":"/d","index":10}
    POST /q value=2
    {"action":"create","node":{"key":"/q/00000000000000000011","value":"2","modifiedIndex":11,"createdIndex":11}}
    POST /a value=é"\
    {"action":"create","node":{"key":"/a/00000000000000000012","value":"é\"\\","modifiedIndex":12,"createdIndex":12}}
    GET /d/y sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/d/y","index":12}
    PUT /q value=2
    {"errorCode":102,"message":"Not a file","cause":"/q","index":12}
    DELETE /q dir=true
    {"errorCode":108,"message":"Directory not empty","cause":"/q","index":12}
    PUT /a/k value=2	prevExist=false
    {"action":"create","node":{"key":"/a/k","value":"2","modifiedIndex":13,"createdIndex":13}}
    DELETE /d/_h dir=true
    {"action":"delete","node":{"key":"/d/_h","modifiedIndex":14,"createdIndex":7},"prevNode":{"key":"/d/_h","value":"é\"\\","modifiedIndex":7,"createdIndex":7}}
    PUT /d/_h value=é"\	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d/_h","index":14}
    PUT /q value=1
    {"errorCode":102,"message":"Not a file","cause":"/q","index":14}
    POST /d value=<&>
    {"action":"create","node":{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15}}
    PUT /d/y value=1	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d/y","index":15}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":12,"createdIndex":12},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"modifiedIndex":11,"createdIndex":11}]}}
    PUT /d/x value=1	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":15}
    PUT /d/e/z value=<&>	prevValue=1
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":15}
    DELETE /a recursive=true
    {"action":"delete","node":{"key":"/a","dir":true,"modifiedIndex":16,"createdIndex":12},"prevNode":{"key":"/a","dir":true,"modifiedIndex":12,"createdIndex":12}}
    DELETE /a/k recursive=true	dir=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":16}
    GET /a/k sorted=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":16}
    PUT /d/_h value=<&>
    {"action":"set","node":{"key":"/d/_h","value":"\u003c\u0026\u003e","modifiedIndex":17,"createdIndex":17}}
    PUT /d value=é"\	prevValue=1
    {"errorCode":102,"message":"Not a file","cause":"/d","index":17}
    PUT /a value=2	prevIndex=12
    {"errorCode":100,"message":"Key not found","cause":"/a","index":17}
    DELETE /d/e/z 
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":17}
    PUT /d/e/z value=1
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":17}
    PUT /d/e/z dir=true
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":17}
    GET /a sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":17}
    PUT /d/y dir=true	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/d/y","index":17}
    PUT /d/x value=1	prevExist=false
    {"action":"create","node":{"key":"/d/x","value":"1","modifiedIndex":18,"createdIndex":18}}
    DELETE /d/y 
    {"errorCode":100,"message":"Key not found","cause":"/d/y","index":18}
    DELETE /b recursive=true	dir=true
    {"errorCode":100,"message":"Key not found","cause":"/b","index":18}
    PUT /d/y value=1
    {"action":"set","node":{"key":"/d/y","value":"1","modifiedIndex":19,"createdIndex":19}}
    PUT /a dir=true
    {"action":"set","node":{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20}}
    PUT /d/x dir=true
    {"action":"set","node":{"key":"/d/x","dir":true,"modifiedIndex":21,"createdIndex":21},"prevNode":{"key":"/d/x","value":"1","modifiedIndex":18,"createdIndex":18}}
    PUT /q value=<&>
    {"errorCode":102,"message":"Not a file","cause":"/q","index":21}
    DELETE /q dir=true
    {"errorCode":108,"message":"Directory not empty","cause":"/q","index":21}
    PUT /d/e/z value=<&>	prevValue=<&>
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":21}
    DELETE /d/_h 
    {"action":"delete","node":{"key":"/d/_h","modifiedIndex":22,"createdIndex":17},"prevNode":{"key":"/d/_h","value":"\u003c\u0026\u003e","modifiedIndex":17,"createdIndex":17}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/e","dir":true,"nodes":[{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}],"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","dir":true,"modifiedIndex":21,"createdIndex":21},{"key":"/d/y","value":"1","modifiedIndex":19,"createdIndex":19}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000011","value":"2","modifiedIndex":11,"createdIndex":11}],"modifiedIndex":11,"createdIndex":11}]}}
    GET /a sorted=true	recursive=true
    {"action":"get","node":{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20}}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"modifiedIndex":11,"createdIndex":11}]}}
    DELETE /d/x prevValue=1
    {"errorCode":102,"message":"Not a file","cause":"/d/x","index":22}
    DELETE /q recursive=true
    {"action":"delete","node":{"key":"/q","dir":true,"modifiedIndex":23,"createdIndex":11},"prevNode":{"key":"/q","dir":true,"modifiedIndex":11,"createdIndex":11}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/e","dir":true,"nodes":[{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}],"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","dir":true,"modifiedIndex":21,"createdIndex":21},{"key":"/d/y","value":"1","modifiedIndex":19,"createdIndex":19}],"modifiedIndex":4,"createdIndex":4}]}}
    PUT /b value=é"\
    {"action":"set","node":{"key":"/b","value":"é\"\\","modifiedIndex":24,"createdIndex":24}}
    GET /d/e/z sorted=true	recursive=true
    {"action":"get","node":{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}}
    PUT /d/_h value=2	prevValue=2
    {"errorCode":100,"message":"Key not found","cause":"/d/_h","index":24}
    PUT /a/k value=é"\	prevValue=1
    {"errorCode":100,"message":"Key not found","cause":"/a/k","index":24}
    PUT /d/y value=1
    {"action":"set","node":{"key":"/d/y","value":"1","modifiedIndex":25,"createdIndex":25},"prevNode":{"key":"/d/y","value":"1","modifiedIndex":19,"createdIndex":19}}
    PUT /d value=2	prevExist=true	prevIndex=25
    {"errorCode":102,"message":"Not a file","cause":"/d","index":25}
    PUT /q value=<&>
    {"action":"set","node":{"key":"/q","value":"\u003c\u0026\u003e","modifiedIndex":26,"createdIndex":26}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/b","value":"é\"\\","modifiedIndex":24,"createdIndex":24},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/e","dir":true,"nodes":[{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}],"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","dir":true,"modifiedIndex":21,"createdIndex":21},{"key":"/d/y","value":"1","modifiedIndex":25,"createdIndex":25}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","value":"\u003c\u0026\u003e","modifiedIndex":26,"createdIndex":26}]}}
    DELETE /d/x dir=true
    {"action":"delete","node":{"key":"/d/x","dir":true,"modifiedIndex":27,"createdIndex":21},"prevNode":{"key":"/d/x","dir":true,"modifiedIndex":21,"createdIndex":21}}
    PUT /d/x value=é"\	prevExist=false
    {"action":"create","node":{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28}}
    DELETE /d/_h 
    {"errorCode":100,"message":"Key not found","cause":"/d/_h","index":28}
    PUT /d/y value=<&>	prevIndex=24
    {"errorCode":101,"message":"Compare failed","cause":"[24 != 25]","index":28}
    PUT /d value=1	prevExist=true	prevValue=1	prevIndex=25
    {"errorCode":102,"message":"Not a file","cause":"/d","index":28}
    PUT /d/_h dir=true
    {"action":"set","node":{"key":"/d/_h","dir":true,"modifiedIndex":29,"createdIndex":29}}
    PUT /q value=1	prevExist=true	prevValue=2
    {"errorCode":101,"message":"Compare failed","cause":"[2 != \u003c\u0026\u003e]","index":29}
    DELETE /q recursive=true	dir=true
    {"action":"delete","node":{"key":"/q","modifiedIndex":30,"createdIndex":26},"prevNode":{"key":"/q","value":"\u003c\u0026\u003e","modifiedIndex":26,"createdIndex":26}}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/b","value":"é\"\\","modifiedIndex":24,"createdIndex":24},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4}]}}
    DELETE /d/_h 
    {"errorCode":102,"message":"Not a file","cause":"/d/_h","index":30}
    PUT /q value=1	prevExist=true
    {"errorCode":100,"message":"Key not found","cause":"/q","index":30}
    PUT /d dir=true
    {"errorCode":102,"message":"Not a file","cause":"/d","index":30}
    PUT /d/_h value=1
    {"errorCode":102,"message":"Not a file","cause":"/d/_h","index":30}
    PUT /d value=1
    {"errorCode":102,"message":"Not a file","cause":"/d","index":30}
    PUT /d/y dir=true	prevExist=true
    {"action":"update","node":{"key":"/d/y","value":"","modifiedIndex":31,"createdIndex":25},"prevNode":{"key":"/d/y","value":"1","modifiedIndex":25,"createdIndex":25}}
    GET /a/k sorted=true
    {"errorCode":100,"message":"Key not found","cause":"/a/k","index":31}
    PUT /b value=1
    {"action":"set","node":{"key":"/b","value":"1","modifiedIndex":32,"createdIndex":32},"prevNode":{"key":"/b","value":"é\"\\","modifiedIndex":24,"createdIndex":24}}
    GET /d/x sorted=true
    {"action":"get","node":{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28}}
    POST /d value=2
    {"action":"create","node":{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33}}
    PUT /a value=1	prevExist=true
    {"errorCode":102,"message":"Not a file","cause":"/a","index":33}
    PUT /b value=1	prevExist=true
    {"action":"update","node":{"key":"/b","value":"1","modifiedIndex":34,"createdIndex":32},"prevNode":{"key":"/b","value":"1","modifiedIndex":32,"createdIndex":32}}
    GET /d/x sorted=true
    {"action":"get","node":{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28}}
    PUT /d/e/z value=<&>	prevValue=1
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":34}
    PUT /q value=1	prevValue=<&>	prevIndex=32
    {"errorCode":100,"message":"Key not found","cause":"/q","index":34}
    POST /q value=1
    {"action":"create","node":{"key":"/q/00000000000000000035","value":"1","modifiedIndex":35,"createdIndex":35}}
    PUT /q value=1
    {"errorCode":102,"message":"Not a file","cause":"/q","index":35}
    PUT /q value=1
    {"errorCode":102,"message":"Not a file","cause":"/q","index":35}
    DELETE /b 
    {"action":"delete","node":{"key":"/b","modifiedIndex":36,"createdIndex":32},"prevNode":{"key":"/b","value":"1","modifiedIndex":34,"createdIndex":32}}
    PUT /d/y value=1
    {"action":"set","node":{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37},"prevNode":{"key":"/d/y","value":"","modifiedIndex":31,"createdIndex":25}}
    PUT /a value=<&>	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/a","index":37}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/e","dir":true,"nodes":[{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}],"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000035","value":"1","modifiedIndex":35,"createdIndex":35}],"modifiedIndex":35,"createdIndex":35}]}}
    PUT /d/_h value=1	prevIndex=37
    {"errorCode":102,"message":"Not a file","cause":"/d/_h","index":37}
    GET /d sorted=true
    {"action":"get","node":{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/e","dir":true,"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4}}
    PUT /a value=<&>	prevExist=true	prevValue=2	prevIndex=33
    {"errorCode":102,"message":"Not a file","cause":"/a","index":37}
    PUT /d value=1	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/d","index":37}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"modifiedIndex":35,"createdIndex":35}]}}
    PUT /d/x value=<&>	prevExist=true	prevValue=1
    {"errorCode":101,"message":"Compare failed","cause":"[1 != é\"\\]","index":37}
    DELETE /a recursive=true
    {"action":"delete","node":{"key":"/a","dir":true,"modifiedIndex":38,"createdIndex":20},"prevNode":{"key":"/a","dir":true,"modifiedIndex":20,"createdIndex":20}}
    GET /a sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/a","index":38}
    PUT /d/_h value=1	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/d/_h","index":38}
    PUT /d/x value=1
    {"action":"set","node":{"key":"/d/x","value":"1","modifiedIndex":39,"createdIndex":39},"prevNode":{"key":"/d/x","value":"é\"\\","modifiedIndex":28,"createdIndex":28}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/e","dir":true,"nodes":[{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}],"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","value":"1","modifiedIndex":39,"createdIndex":39},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000035","value":"1","modifiedIndex":35,"createdIndex":35}],"modifiedIndex":35,"createdIndex":35}]}}
    DELETE /q recursive=true	dir=true
    {"action":"delete","node":{"key":"/q","dir":true,"modifiedIndex":40,"createdIndex":35},"prevNode":{"key":"/q","dir":true,"modifiedIndex":35,"createdIndex":35}}
    POST /d value=1
    {"action":"create","node":{"key":"/d/00000000000000000041","value":"1","modifiedIndex":41,"createdIndex":41}}
    PUT /q value=é"\	prevExist=true	prevValue=1	prevIndex=37
    {"errorCode":100,"message":"Key not found","cause":"/q","index":41}
    PUT /d value=1	prevExist=false	prevValue=2
    {"errorCode":105,"message":"Key already exists","cause":"/d","index":41}
    PUT /a/k value=<&>
    {"action":"set","node":{"key":"/a/k","value":"\u003c\u0026\u003e","modifiedIndex":42,"createdIndex":42}}
    DELETE /a/k 
    {"action":"delete","node":{"key":"/a/k","modifiedIndex":43,"createdIndex":42},"prevNode":{"key":"/a/k","value":"\u003c\u0026\u003e","modifiedIndex":42,"createdIndex":42}}
    PUT /a value=é"\	prevExist=false	prevIndex=41
    {"errorCode":105,"message":"Key already exists","cause":"/a","index":43}
    PUT /d/e/z value=1	prevExist=false	prevIndex=43
    {"errorCode":105,"message":"Key already exists","cause":"/d/e/z","index":43}
    PUT /d/y value=é"\	prevValue=é"\	prevIndex=43
    {"errorCode":101,"message":"Compare failed","cause":"[é\"\\ != 1] [43 != 37]","index":43}
    PUT /a/k value=1
    {"action":"set","node":{"key":"/a/k","value":"1","modifiedIndex":44,"createdIndex":44}}
    PUT /d/x value=é"\	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/d/x","index":44}
    DELETE /d/_h recursive=true	dir=true
    {"action":"delete","node":{"key":"/d/_h","dir":true,"modifiedIndex":45,"createdIndex":29},"prevNode":{"key":"/d/_h","dir":true,"modifiedIndex":29,"createdIndex":29}}
    POST /q value=1
    {"action":"create","node":{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}}
    PUT /d value=1
    {"errorCode":102,"message":"Not a file","cause":"/d","index":46}
    PUT /d/e/z value=<&>
    {"errorCode":102,"message":"Not a file","cause":"/d/e/z","index":46}
    PUT /b value=2	prevExist=true	prevValue=1
    {"errorCode":100,"message":"Key not found","cause":"/b","index":46}
    PUT /d value=2
    {"errorCode":102,"message":"Not a file","cause":"/d","index":46}
    PUT /a value=1
    {"errorCode":102,"message":"Not a file","cause":"/a","index":46}
    DELETE /d/e/z dir=true
    {"action":"delete","node":{"key":"/d/e/z","dir":true,"modifiedIndex":47,"createdIndex":8},"prevNode":{"key":"/d/e/z","dir":true,"modifiedIndex":8,"createdIndex":8}}
    DELETE /q dir=true
    {"errorCode":108,"message":"Directory not empty","cause":"/q","index":47}
    GET /d/_h sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/d/_h","index":47}
    GET /q sorted=true
    {"action":"get","node":{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}}
    POST /a value=é"\
    {"action":"create","node":{"key":"/a/00000000000000000048","value":"é\"\\","modifiedIndex":48,"createdIndex":48}}
    DELETE /b recursive=true	prevValue=2
    {"errorCode":100,"message":"Key not found","cause":"/b","index":48}
    PUT /q value=1	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/q","index":48}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"nodes":[{"key":"/a/00000000000000000048","value":"é\"\\","modifiedIndex":48,"createdIndex":48},{"key":"/a/k","value":"1","modifiedIndex":44,"createdIndex":44}],"modifiedIndex":42,"createdIndex":42},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/00000000000000000041","value":"1","modifiedIndex":41,"createdIndex":41},{"key":"/d/e","dir":true,"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","value":"1","modifiedIndex":39,"createdIndex":39},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}]}}
    PUT /d/_h value=1
    {"action":"set","node":{"key":"/d/_h","value":"1","modifiedIndex":49,"createdIndex":49}}
    GET /q sorted=true
    {"action":"get","node":{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"nodes":[{"key":"/a/00000000000000000048","value":"é\"\\","modifiedIndex":48,"createdIndex":48},{"key":"/a/k","value":"1","modifiedIndex":44,"createdIndex":44}],"modifiedIndex":42,"createdIndex":42},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/00000000000000000041","value":"1","modifiedIndex":41,"createdIndex":41},{"key":"/d/e","dir":true,"modifiedIndex":8,"createdIndex":8},{"key":"/d/x","value":"1","modifiedIndex":39,"createdIndex":39},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}]}}
    PUT /b value=2	prevIndex=46
    {"errorCode":100,"message":"Key not found","cause":"/b","index":49}
    GET / sorted=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"modifiedIndex":42,"createdIndex":42},{"key":"/d","dir":true,"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"modifiedIndex":46,"createdIndex":46}]}}
    PUT /d value=1
    {"errorCode":102,"message":"Not a file","cause":"/d","index":49}
    DELETE /d/x recursive=true
    {"action":"delete","node":{"key":"/d/x","modifiedIndex":50,"createdIndex":39},"prevNode":{"key":"/d/x","value":"1","modifiedIndex":39,"createdIndex":39}}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"nodes":[{"key":"/a/00000000000000000048","value":"é\"\\","modifiedIndex":48,"createdIndex":48},{"key":"/a/k","value":"1","modifiedIndex":44,"createdIndex":44}],"modifiedIndex":42,"createdIndex":42},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/00000000000000000041","value":"1","modifiedIndex":41,"createdIndex":41},{"key":"/d/e","dir":true,"modifiedIndex":8,"createdIndex":8},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}]}}
    PUT /q value=é"\	prevExist=true
    {"errorCode":102,"message":"Not a file","cause":"/q","index":50}
    POST /a value=<&>
    {"action":"create","node":{"key":"/a/00000000000000000051","value":"\u003c\u0026\u003e","modifiedIndex":51,"createdIndex":51}}
    GET /d/y sorted=true
    {"action":"get","node":{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}}
    PUT /a dir=true	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/a","index":51}
    PUT /a value=<&>
    {"errorCode":102,"message":"Not a file","cause":"/a","index":51}
    DELETE /d/e/z recursive=true	prevValue=2
    {"errorCode":100,"message":"Key not found","cause":"/d/e/z","index":51}
    GET /d/x sorted=true	recursive=true
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":51}
    DELETE /d/x recursive=true	dir=true	prevValue=2
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":51}
    PUT /b value=<&>	prevExist=true	prevIndex=48
    {"errorCode":100,"message":"Key not found","cause":"/b","index":51}
    DELETE /d/x 
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":51}
    PUT /q value=1	prevExist=true
    {"errorCode":102,"message":"Not a file","cause":"/q","index":51}
    GET / sorted=true	recursive=true
    {"action":"get","node":{"dir":true,"nodes":[{"key":"/a","dir":true,"nodes":[{"key":"/a/00000000000000000048","value":"é\"\\","modifiedIndex":48,"createdIndex":48},{"key":"/a/00000000000000000051","value":"\u003c\u0026\u003e","modifiedIndex":51,"createdIndex":51},{"key":"/a/k","value":"1","modifiedIndex":44,"createdIndex":44}],"modifiedIndex":42,"createdIndex":42},{"key":"/d","dir":true,"nodes":[{"key":"/d/00000000000000000006","value":"1","modifiedIndex":6,"createdIndex":6},{"key":"/d/00000000000000000009","value":"2","modifiedIndex":9,"createdIndex":9},{"key":"/d/00000000000000000015","value":"\u003c\u0026\u003e","modifiedIndex":15,"createdIndex":15},{"key":"/d/00000000000000000033","value":"2","modifiedIndex":33,"createdIndex":33},{"key":"/d/00000000000000000041","value":"1","modifiedIndex":41,"createdIndex":41},{"key":"/d/e","dir":true,"modifiedIndex":8,"createdIndex":8},{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}],"modifiedIndex":4,"createdIndex":4},{"key":"/q","dir":true,"nodes":[{"key":"/q/00000000000000000046","value":"1","modifiedIndex":46,"createdIndex":46}],"modifiedIndex":46,"createdIndex":46}]}}
    PUT /d/_h value=1	prevExist=false
    {"errorCode":105,"message":"Key already exists","cause":"/d/_h","index":51}
    PUT /d/y dir=true
    {"action":"set","node":{"key":"/d/y","dir":true,"modifiedIndex":52,"createdIndex":52},"prevNode":{"key":"/d/y","value":"1","modifiedIndex":37,"createdIndex":37}}
    PUT /q value=1	prevValue=1
    {"errorCode":102,"message":"Not a file","cause":"/q","index":52}
    PUT /d value=1	prevExist=true
    {"errorCode":102,"message":"Not a file","cause":"/d","index":52}
    PUT /d/x value=1	prevValue=<&>
    {"errorCode":100,"message":"Key not found","cause":"/d/x","index":52}
    POST /d value=2
    {"action":"create","node":{"key":"/d/00000000000000000053","value":"2","modifiedIndex":53,"createdIndex":53}}
    PUT /b value=2
    {"action":"set","node":{"key":"/b","value":"2","modifiedIndex":54,"createdIndex":54}}
    """#
}
