"""Settings: the environment first, then the nearest `.env` from the current folder upwards."""

import os
from functools import lru_cache

from dotenv import dotenv_values, find_dotenv

from .errors import LearnerError


class SettingError(LearnerError):
    """The settings cannot be read."""


def setting(name: str, default: str | None = None) -> str | None:
    """The value of a setting, or `default`. An empty value counts as none.

    Values from `.env` are not put into the environment: what a notebook starts or prints must not find a key there.

    Raises:
        SettingError: the file is not text in UTF-8.
    """
    return os.environ.get(name) or _dotenv(find_dotenv(usecwd=True)).get(name) or default


def _dotenv(path: str) -> dict[str, str | None]:
    return _read(path, os.stat(path).st_mtime_ns) if path else {}


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> dict[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False)
    except UnicodeDecodeError:  # PowerShell's `echo ... > .env` writes UTF-16
        raise SettingError(
            f"{path} is not text in UTF-8, so no setting can be read from it: open it in an editor, save it with the "
            "encoding UTF-8, and run the cell again."
        ) from None
