"""Settings of the test suite: a throw-away folder, fast passwords, no one's `.env`.

DATABASE_URL and CELERY_BROKER_URL say on which servers to test; the tests make a database and queues of their
own there. Worker processes that tests start use this module too, and are handed the folder and the queues.
It is no part of `panelhub.settings`, since that package must not be imported before the environment is set.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["PANELHUB_ENV_FILE"] = os.devnull
# Each of several test processes has a folder and queues of its own; what it starts shares them.
if os.environ.get("PANELHUB_TEST_PROCESS") != os.environ.get("PYTEST_XDIST_WORKER", ""):
    os.environ["PANELHUB_TEST_PROCESS"] = os.environ.get("PYTEST_XDIST_WORKER", "")
    os.environ["PANELHUB_TEST_VAR"] = tempfile.mkdtemp(prefix="panelhub-tests-")
    atexit.register(shutil.rmtree, os.environ["PANELHUB_TEST_VAR"], ignore_errors=True)
    os.environ["PANELHUB_QUEUE_PREFIX"] = f"test-{os.getpid()}-"
os.environ["PANELHUB_VAR"] = os.environ["PANELHUB_TEST_VAR"]
# The machine that runs the tests may lose its power; their database may be lost with it.
os.environ.setdefault("PANELHUB_SQLITE_SYNCHRONOUS", "OFF")

from panelhub.settings import *  # noqa: F403
from panelhub.settings import DATABASES, PANELHUB_VAR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PANELHUB_ALLOW_PRIVATE_PROVIDERS = True
PANELHUB_ALLOW_PLAIN_CHANNELS = True
# It writes from threads of its own; its tests switch it on.
PANELHUB_ALARM = False
# Each test client is a server of its own; looking all static files through for each took most of their time.
WHITENOISE_AUTOREFRESH = True
# Threads of tests end without a word; none of their connections may outlive the database.
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = {
    # A file, not memory: worker processes and the browser's server are other connections, as in real life.
    "NAME": str(Path(PANELHUB_VAR) / "test.sqlite3")
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    else f"test_panelhub_{os.getpid()}"
}
