"""The official JavaScript clients against the mock server: `python -m benchmarks.interop_js`.

By hand and not in CI: it needs node, openssl, and `npm install` in this folder.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from realtime_helpers.mock_server import Call, MockServer, Say
from realtime_helpers.mock_server.replies import CallOutput, Prompt

_FOLDER = Path(__file__).parent
_CERTIFICATE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"


class _Watcher:
    """Looks before it speaks, if it has a tool for it."""

    async def reply(self, prompt: Prompt) -> AsyncIterator[Say | Call]:
        if prompt.tools and not any(isinstance(item, CallOutput) for item in prompt.history):
            yield Call("look", '{"at": "sofa"}')
        else:
            yield Say("There is a cat.")


def main() -> int:
    with MockServer(mind=_Watcher()) as server, tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        made = [*_CERTIFICATE.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
        subprocess.run(made, check=True, capture_output=True)
        trust = {"CERTIFICATE": certificate, "KEY": key, "NODE_EXTRA_CA_CERTS": certificate}
        environment = {**os.environ, **server.environment(), **trust}
        return subprocess.run(["node", "check.mjs"], cwd=_FOLDER, env=environment, timeout=60).returncode


if __name__ == "__main__":
    sys.exit(main())
