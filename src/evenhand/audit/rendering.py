"""Fill the templates of the audit's pages: what comes from outside is escaped, and an unknown name is an error."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(folder: Path, template: str, **context: object) -> str:
    """Return the page that `template` of `folder` makes of `context`.

    Raises:
        jinja2.UndefinedError: It reads a name that is not there.
    """
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(template).render(**context)
