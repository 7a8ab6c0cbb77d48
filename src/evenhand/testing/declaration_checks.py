"""The checks that every detector and every reader must pass, whatever it looks at: what it declares of itself.

They need no test framework but something like pytest. Inherit `DetectorChecks` or `ImageDetectorChecks` instead.
"""

import functools
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from evenhand.detectors.registry import check_class


class DeclarationChecks:
    """What the checks for texts and those for images have in common.

    Attributes:
        detector_class: What to check.
        options: Keyword arguments for its constructor; they must fit into JSON.
    """

    detector_class: ClassVar[Any]
    options: ClassVar[Mapping[str, object]] = {}

    @property
    def detector(self) -> Any:
        """The detector, loaded once for all checks."""
        return load_once(self.detector_class, json.dumps(self.options))

    def test_the_declaration_is_whole(self) -> None:
        """It has every attribute in the right type, and neither labels nor names of attributes of people."""
        declared = self.detector_class
        check_class(declared, path=declared.__qualname__)
        require(declared.limits.seconds > 0, "limits.seconds is not above 0.")
        require(declared.limits.megabytes > 0, "limits.megabytes is not above 0.")
        self.require_shape()
        require(bool(self.detector.version), "Its version is empty.")
        live = getattr(self.detector, "live_labels", declared.labels)
        require(live <= declared.labels, f"It looks for {sorted(live - declared.labels)}, which it does not declare.")

    def test_the_id_is_its_address(self) -> None:
        """The id is `modality.name`; for a built-in detector it is its file's path."""
        declared = self.detector_class
        modality, _, name = declared.id.partition(".")
        require(modality == declared.modality, f"The id {declared.id} does not begin with {declared.modality}.")
        require(name.replace("_", "").replace(".", "").isalnum(), f"The id {declared.id} is not modality.name.")
        _, is_built_in, path = declared.__module__.partition("evenhand.detectors.")
        require(not is_built_in or path == declared.id, f"The id {declared.id} is not the file's path {path}.")

    def require_shape(self) -> None:
        """Require what only detectors of this kind declare."""
        raise NotImplementedError


@functools.cache
def load_once(detector_class: Any, options: str) -> Any:
    """Return a detector, the same one whenever it is asked for with the same options."""
    return detector_class(**json.loads(options))


def require_memory(declared: Any, program: str, *arguments: str) -> None:
    """Require that a process grows by no more than `declared` promises; `program` prints by how many MiB it grew."""
    probe = [sys.executable, "-c", program, *arguments]
    run = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    require(run.returncode == 0, f"It could not be loaded in a process of its own: {run.stderr}")
    grown, limit = float(run.stdout), declared.limits.megabytes
    require(grown <= limit, f"It takes {grown:.0f} MiB; it promises {limit} MiB.")


def require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads like assert, and works under -O
    """Fail with `message` unless `condition` holds."""
    if not condition:
        raise AssertionError(message)
