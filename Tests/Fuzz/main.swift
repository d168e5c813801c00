print("no target yet")
