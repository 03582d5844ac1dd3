from __future__ import annotations

import subprocess
import sys

SAYS_AND_LEAVES = """
import atexit
from isthmus.ops.leaving import leave
atexit.register(print, "torn down")
print("done", end="")
leave(3)
"""


class TestLeave:
    def test_ends_with_the_code_and_all_that_was_said_and_tears_nothing_down(self) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", SAYS_AND_LEAVES], capture_output=True, check=False
        )

        assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"done", b"")
