"""The packages that must never come in, with reasons, as denied.tsv lists them."""

import re
from pathlib import Path

LIST = Path(__file__).parent / "architecture" / "denied.tsv"
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def plain_name(requirement):
    """Return the package that a requirement names, as registries compare names."""
    return re.sub(r"[-_.]+", "-", _PACKAGE.match(requirement.strip())[0]).lower()


def _rows():
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [line.split("\t") for line in lines[1:]]


#: Package -> why it is denied.
DENIED = {plain_name(package): reason for package, _, reason in _rows()}
#: What these are imported as, in lower case, and their names as an import would write them.
DENIED_IMPORTS = frozenset(
    name.lower() for package, imports, _ in _rows() for name in (package.replace("-", "_"), *imports.split())
)
