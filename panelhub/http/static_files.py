"""Static files under names that carry a hash of their content, so browsers may keep them for ever."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Takes the names from the manifest that `manage.py prepare` writes.

    A file that the manifest lacks keeps its plain name: a page without its styles still works, and an
    error page must not be an error itself.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._was_reported = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            if not self.hashed_files and not self._was_reported:
                self._was_reported = True
                logger.error("The static files are not prepared: run manage.py prepare, then restart the web.")
            return name


def is_prepared() -> bool:
    """Return whether there is nothing to prepare, or the manifest has been written."""
    return settings.WHITENOISE_USE_FINDERS or (settings.STATIC_ROOT / "staticfiles.json").is_file()
