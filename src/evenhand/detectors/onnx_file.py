"""Model files that other packages carry: found without importing the package, checked, and run on one thread.

Some of these packages fetch things or install others when they are imported; their files do nothing of the kind. A
file is used only when it is, byte for byte, the one that was measured.
"""

import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from evenhand.core.errors import ConfigurationError

#: Digits of a hash that a version shows.
_SHOWN: Final = 12

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file inside an installed package.

    Args:
        package: Name of the module that holds it.
        path: Where it lies below the module's folder.
        sha256: Hash of the one file that is accepted, in hex.
    """

    package: str
    path: str
    sha256: str

    @property
    def digest(self) -> str:
        """Beginning of the hash, for a version."""
        return self.sha256[:_SHOWN]

    def find(self, *, field: str) -> Path:
        """Return where the file is; `field` names the detector that needs it.

        Raises:
            ConfigurationError: `model.missing`.
        """
        spec = importlib.util.find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(folder, self.path)).is_file():
                return path
        raise _unusable("missing", f"No installed package has the file {self.package}/{self.path}.", field)

    def read(self, *, field: str) -> bytes:
        """Return the file's bytes, which are those that were measured.

        Raises:
            ConfigurationError: `model.missing` or `model.damaged`.
        """
        path = self.find(field=field)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _unusable("damaged", f"{path} cannot be read: {error.strerror}.", field) from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise _unusable("damaged", f"{path} is not the file that this version of evenhand was made for.", field)
        return data


class Network:
    """A network that is opened when it is first needed, once, whichever thread comes first. Safe to share.

    Args:
        file: Where it is; it must be there from the start.
        field: The detector that needs it, for errors.
    """

    def __init__(self, file: PackagedFile, *, field: str) -> None:
        file.find(field=field)
        self._file = file
        self._field = field
        self._lock = threading.Lock()
        self._session: Any = None

    @property
    def session(self) -> Any:
        """The open network.

        Raises:
            ConfigurationError: `model.missing` or `model.damaged`.
        """
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def run(self, values: FloatArray) -> FloatArray:
        """Return the first output for `values`, the only input."""
        session = self.session
        (first, *_) = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(values, np.float32)})
        return np.asarray(first, np.float32)

    def _open(self) -> Any:
        import onnxruntime

        data = self._file.read(field=self._field)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has an exception of its own for each kind of damage
            message = f"{self._file.package}/{self._file.path} cannot be run: {type(error).__name__}."
            raise _unusable("damaged", message, self._field) from error


def _unusable(kind: str, message: str, field: str) -> ConfigurationError:
    remedy = "Install it anew, in the version that evenhand pins: pip install --force-reinstall 'evenhand[images]'"
    return ConfigurationError(f"model.{kind}", message, field=field, remedy=remedy)
