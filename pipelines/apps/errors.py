"""How the command line ends: what a user sees of an error, and the exit codes.

0 done; 1 a check failed, or a fault of the program (with its traceback); 2 the user can mend it (one red line);
130 and 143 stopped by Ctrl-C or kill.
"""

from __future__ import annotations

import sys
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell gets."""

    DONE = 0
    FAILED = 1
    USER_ERROR = 2
    INTERRUPTED = 130
    TERMINATED = 143


class UserError(Exception):
    """Something that the user can mend.

    Parameters
    ----------
    message : the value and the rule that it breaks.
    next_step : what to do now; left out where the message says it.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message}; {next_step}" if next_step else message)
        self.message = message
        self.next_step = next_step


def show_error(error: BaseException) -> None:
    """Print an error as one red line on standard error."""
    from rich.console import Console

    from pipelines.redaction import redacted

    text = redacted(" ".join(str(error).split())) or type(error).__name__
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"error: {text}", style="red", markup=False)
    sys.stderr.flush()
