"""Run mypy, and prove that it checks: it must read every source file and must fail on a planted error."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLANTED = "def planted() -> int:\n    return 'not a number'\n"


def main() -> None:
    """Exit with 0 only when mypy is content, complete and awake."""
    sources = [*ROOT.glob("src/**/*.py"), *ROOT.glob("tools/*.py")]
    checked = _mypy()
    print(checked.stdout, end="")
    if checked.returncode:
        sys.exit(checked.returncode)
    count = re.search(r"in (\d+) source files", checked.stdout)
    if not count or int(count[1]) != len(sources):
        sys.exit(f"mypy read {count[1] if count else 'no'} files, but there are {len(sources)}.")
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.py"
        canary.write_text(PLANTED)
        if _mypy(str(canary)).returncode == 0:
            sys.exit("mypy did not see a planted error.")


def _mypy(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


if __name__ == "__main__":
    main()
