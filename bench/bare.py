"""A Flask route that returns ready bytes, under the same server: what a diagnosis could cost at least."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event

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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bodies", type=Path, help="JSON: query string → body")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    app = create(json.loads(given.bodies.read_bytes()))
    Server(app, app.extensions["diag_stopping"], Settings(), "127.0.0.1", given.port).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
