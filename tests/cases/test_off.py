"""Where cases are off, nothing of them is imported: no memory, no time at the start."""

import subprocess
import sys

import pytest

HEAVY = (
    "sqlalchemy",
    "apprise",
    "standardwebhooks",
    "diag.channels",
    "diag.hooks",
    "alembic",
    "huey",
    "psycopg",
    "platformdirs",
    "diag.cases.desk",
    "redis",
)
PROGRAM = """
import sys
from diag.api.app import create_app
from diag.cli.main import main
from diag.config.settings import Settings

app = create_app(Settings())
client = app.test_client()
assert client.get("/v1/diagnoses?account=lin-yue&last=1h").status_code == 200
assert client.get("/v1/cases").status_code == 404
assert client.post("/v1/cases", json={}).status_code == 404
assert client.get("/v1/deliveries").status_code == 404
assert client.get("/v1/reports").status_code == 404
assert client.post("/v1/hooks/chatwoot/chat", json={}).status_code == 404
assert client.get("/metrics").status_code == 200
import diag.cli.serve
print(*sorted(name for name in sys.modules if name.partition(".")[0] in %r or name in %r))
"""


@pytest.mark.parametrize("program", [PROGRAM % (HEAVY, HEAVY)])
def test_the_plain_service_imports_nothing_of_it(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
