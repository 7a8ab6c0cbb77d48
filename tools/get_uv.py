"""Install uv into a folder of the project, with nothing but the Python that runs this: `get_uv.py FOLDER`."""

import subprocess
import sys
import venv
from pathlib import Path

UV = "uv==0.13.9"


def main() -> None:
    """Put an executable at FOLDER/bin/uv, or say what is missing."""
    if sys.version_info < (3, 11):
        sys.exit(f"evenhand needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    folder = Path(sys.argv[1])
    attempts = (_with_venv, _with_pip)
    for attempt in attempts:
        try:
            attempt(folder)
        except (subprocess.CalledProcessError, OSError, SystemExit):
            continue
        return
    sys.exit("This Python has neither venv nor pip, and there is no uv: install one of them and run this again.")


def _with_venv(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    _pip(folder / "bin" / "python")


def _with_pip(folder: Path) -> None:
    _pip(Path(sys.executable), "--target", str(folder))


def _pip(python: Path, *options: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, UV]
    subprocess.run(command, check=True)  # noqa: S603 -- our own command line


if __name__ == "__main__":
    main()
