"""A Flask route that returns ready bytes, under the same server: what a diagnosis could cost at least."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

from flask import Flask, Response, request

from diag.cli.serve import Server
from diag.config.settings import Settings

ROUTE = "/v1/diagnoses"


def create(bodies: Mapping[str, str]) -> Flask:
    """Answers each query string with its body."""
    app = Flask("bare")
    app.extensions["diag_stopping"] = Event()  # the server's word that it is stopping
    ready = {query.encode(): body.encode() for query, body in bodies.items()}

    @app.get(ROUTE)
    def answer() -> Response:
        return Response(ready[request.query_string], content_type="application/json")

    return app


class Bare(Server):
    """The service's server around the bare route."""

    def __init__(self, bodies: Mapping[str, str], port: int) -> None:
        self._bodies = bodies
        super().__init__(Settings(drain=0), "127.0.0.1", port)

    def load(self) -> Any:
        return create(self._bodies)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bodies", type=Path, help="JSON: query string → body")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    Bare(json.loads(given.bodies.read_bytes()), given.port).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
