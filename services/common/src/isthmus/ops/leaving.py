"""The end of a process that used Kafka."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once, with all that was printed.

    The interpreter is not taken down first: threads of librdkafka that are still at work, for an
    answer that nobody waits for any more, would now and then call into what is gone already, and
    the process would end by a segmentation fault whatever it had done.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
