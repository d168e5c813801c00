// Wire: this room's page; its rules are written with its first type.
