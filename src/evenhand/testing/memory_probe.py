"""Find out how much memory a detector takes, in a process of its own."""

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

from evenhand.content.text import Text

#: Where Linux tells how large a process is.
STATUS: Final = Path("/proc/self/status")


#: What to run in the new process, with a module, its file, the name of a class and its options in JSON.
PROGRAM: Final = "from evenhand.testing.memory_probe import measure; measure()"


def measure() -> None:
    """Print how many MiB the process grows from before a detector's import until it has read its examples."""
    module, file, name, options = sys.argv[1:]
    _ = Text("What every detector shares is not counted for one of them.").languages
    before = resident()
    detector_class = getattr(_load(module, file), name)
    detector = detector_class(**json.loads(options))
    detector.detect([Text(example.text) for example in detector_class.examples])
    sys.stdout.write(str(resident() - before))


def resident() -> float:
    """Return this process's resident size in MiB."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _load(module: str, file: str) -> ModuleType:
    """Import `module`, or `file` where it is no importable module, as test modules are not."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        spec = importlib.util.spec_from_file_location("probed", file)
        if spec is None or spec.loader is None:
            raise
        loaded = importlib.util.module_from_spec(spec)
        sys.modules["probed"] = loaded
        spec.loader.exec_module(loaded)
        return loaded
