"""Running a server as somebody else: Elasticsearch and PostgreSQL refuse to run as root.

Where root starts them, they run as AGORA_SERVER_USER and own their folder. They keep one right of root's, to pass folders that are
closed to others (such as root's own home, where the project may lie); nothing else differs from a start by that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipelines.settings import Settings

# without the last one the question "may I read this?" is answered as if the right were not there
PASS_FOLDERS = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup")


def is_root() -> bool:
    """Whether this process is root, so that the server must be somebody else."""
    return os.geteuid() == 0


def lack_of_user(settings: Settings, title: str) -> str:
    """One line about why the server cannot be run as somebody else; empty if it can, or need not."""
    if not is_root():
        return ""
    if shutil.which("setpriv") is None:
        return f"{title} refuses to run as root and there is no setpriv; install util-linux, or start it as another user"
    try:
        pwd.getpwnam(settings.server_user)
    except KeyError:
        return f"{title} refuses to run as root and there is no user {settings.server_user!r}; set AGORA_SERVER_USER to one that exists"
    return ""


def as_server_user(settings: Settings, command: Sequence[str]) -> list[str]:
    """The command, run as the server's user where this is root."""
    if not is_root():
        return list(command)
    user = pwd.getpwnam(settings.server_user)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *PASS_FOLDERS, "--", *command]


def hand_over(settings: Settings, folder: Path) -> None:
    """Give a folder and all in it to the server's user where this is root."""
    if not is_root():
        return
    user = pwd.getpwnam(settings.server_user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
