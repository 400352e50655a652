"""The demos: range tests on real digits, each in a framework of its own."""
