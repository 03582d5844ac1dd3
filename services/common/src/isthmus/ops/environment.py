"""From environment variables and mounted files to frozen settings, or to one clear refusal.

A variable ``ISTHMUS_X`` may also be given as ``ISTHMUS_X_FILE``, the path of a file that holds the
value: this is how secrets are mounted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from isthmus.ops.configuration import ConfigurationError, Problem

PREFIX: Final = "ISTHMUS_"
MOUNTED_BYTES_MAX: Final = 65_536


class Settings(BaseSettings):
    """A frozen group of settings. A field that is itself ``Settings`` reads its own variables."""

    model_config = SettingsConfigDict(
        allow_inf_nan=False,
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then variables with their mounted files, and nothing else."""
        return init_settings, _VariableSource(settings_cls)


S = TypeVar("S", bound=Settings)


def load(settings: type[S]) -> S:
    """Read the settings of a program from its environment.

    :raises ConfigurationError: lists every variable that is missing or wrong, never its value.
    """
    problems: list[Problem] = []
    loaded = _read(settings, problems)
    if loaded is None or problems:
        raise ConfigurationError(problems)
    return loaded


def table(settings: type[Settings]) -> str:
    """Return the variables of a program as a table in Markdown."""
    rows = [f"| `{name}` | {given} | {meaning} |" for name, given, meaning in _rows(settings)]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows, ""])


def variable(settings: type[Settings], field: str) -> str:
    """Return the name of the environment variable of a field."""
    return _variable(settings.model_config.get("env_prefix", ""), field)


def pieces(settings: type[Settings]) -> Iterator[tuple[str, type[Settings]]]:
    """Yield the fields that are groups of their own, with their classes."""
    for name, field in settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            yield name, field.annotation


def _rows(settings: type[Settings]) -> Iterator[tuple[str, str, str]]:
    groups = dict(pieces(settings))
    for name, field in settings.model_fields.items():
        if name in groups:
            yield from _rows(groups[name])
        else:
            given = "required" if field.is_required() else _shown(field.default)
            yield variable(settings, name), given, field.description or ""


def _shown(default: object) -> str:
    return "" if default in (None, "") else f"`{default}`"


def _variable(prefix: str, field: str) -> str:
    return f"{prefix}{field}".upper()


def _read(settings: type[S], problems: list[Problem]) -> S | None:
    groups = {name: _read(group, problems) for name, group in pieces(settings)}
    try:
        return settings(**{name: group for name, group in groups.items() if group is not None})
    except ConfigurationError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        own = (one for one in _details(error) if one["loc"][:1] not in {(name,) for name in groups})
        problems.extend(_problem(settings, one) for one in own)
    return None


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False, include_context=False)


def _problem(settings: type[Settings], details: ErrorDetails) -> Problem:
    field, *within = details["loc"] or ("",)
    name = variable(settings, str(field)) + "".join(f"[{part}]" for part in within)
    told = details["msg"].removeprefix("Value error, ")
    what = "is not set" if details["type"] == "missing" else told
    info = settings.model_fields.get(str(field))
    return Problem(name, what, _remedy(info))


def _remedy(field: FieldInfo | None) -> str:
    if field is None or not field.description:
        return "set it right"
    return f"set it to {field.description}"


class _VariableSource(EnvSettingsSource):
    """The environment, where a variable may point to a mounted file instead."""

    def prepare_field_value(
        self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool
    ) -> Any:
        name = _variable(self.env_prefix, field_name)
        given = self._given(name, value)
        try:
            return super().prepare_field_value(field_name, field, given, value_is_complex)
        except ValueError:
            # Not chained: the cause quotes the value.
            raise _refusal(name, "is not valid JSON", _remedy(field)) from None

    def _given(self, name: str, value: Any) -> Any:
        path = self.env_vars.get(f"{name}_FILE".lower())
        if path is None:
            return value
        if value is not None:
            raise _refusal(name, f"{name}_FILE is set as well", "keep one of the two")
        return _mounted(f"{name}_FILE", Path(path))


def _mounted(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOUNTED_BYTES_MAX + 1)
    except OSError as error:
        what = f"the file {path} cannot be read ({error.strerror})"
        raise _refusal(name, what, "mount it, or set the right path") from None
    if len(content) > MOUNTED_BYTES_MAX:
        what = f"the file {path} is larger than {MOUNTED_BYTES_MAX} bytes"
        raise _refusal(name, what, "set the path of the right file")
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        # Not chained: the cause quotes the content.
        what = f"the file {path} is not UTF-8 text"
        raise _refusal(name, what, "mount the value as text") from None


def _refusal(where: str, what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(where, what, remedy)])
