"""Read a policy file: YAML in, Policy out, or an error that points to line and column."""

from pathlib import Path

import yaml

from evenhand.core.errors import ConfigurationError
from evenhand.policy.check import check_document
from evenhand.policy.policy import Policy

DEFAULT_POLICY_FILE = Path(__file__).with_name("default.yaml")


def load_policy(path: Path = DEFAULT_POLICY_FILE) -> Policy:
    """Return the policy in the file at `path`.

    Raises:
        ConfigurationError: `policy.unreadable` when there is no such text file, otherwise as `parse_policy`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "policy.unreadable",
            f"The policy file cannot be read: {error}.",
            field="policy_file",
            remedy="Name a readable UTF-8 file, or leave the setting out for the default policy.",
        ) from error
    return parse_policy(text, name=str(path))


def parse_policy(text: str, *, name: str = "policy") -> Policy:
    """Return the policy in the YAML `text`.

    Args:
        text: The file's content.
        name: What to call the file in errors.

    Raises:
        ConfigurationError: `policy.syntax` for what is not YAML, `policy.invalid` for what is not a policy.
    """
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigurationError("policy.syntax", f"Not valid YAML: {error.problem}.", field=where) from error
    except yaml.YAMLError as error:
        raise ConfigurationError("policy.syntax", f"Not valid YAML: {error}.", field=name) from error
    return check_document(document, text, name=name)
