"""A PostgreSQL server of one's own, in a folder that goes away with it. Standard library only: `tools/` uses it too."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class PostgresServer:
    """A server that only a unix socket leads to. Start it with `with`; `stop` and `start` it in between.

    PostgreSQL refuses to run as root, so root hands it to the user `postgres`.
    """

    def __init__(self) -> None:
        self._bin = _newest_bin()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path()

    @property
    def url(self) -> str:
        """Where its database `postgres` is, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres@/postgres?host={self._folder}"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="evenhand-pg-", dir="/tmp"))  # a socket's path must be short
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        try:
            self._call(
                "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--no-instructions"
            )
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._call("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        """Stop it at once, connections or not, unless it is stopped already."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._call("pg_ctl", "stop", "--wait", "--silent", "--mode=fast")

    def _call(self, program: str, *arguments: str) -> None:
        command = [self._bin / program, f"--pgdata={self._folder / 'data'}", *arguments]
        output = self._folder / "output"
        with output.open("w") as file:  # not a pipe: the server would keep it open
            done = subprocess.run(command, user=self._user, cwd="/", stdout=file, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{output.read_text()}")


def _newest_bin() -> Path:
    """Return the folder of PostgreSQL's programs: Debian keeps them out of PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if newest := max(debian, key=lambda file: int(file.parts[-3]), default=None):
        return newest.parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
