"""What the service holds in memory: in demo mode after mixed use, and when accounts are large."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.made_chain import ASSET, CYCLE
from bench.question import Question
from bench.served import Request, Served, served, settings
from diag.bootstrap import embedded_ledger
from diag.ledger.recording import Recording

COMPLAINT = "我的账户 zhao-ming 昨天晚上提币 NORTH.BTC 0.05 到现在还没有到账，请帮忙看看"
MARKED_UP = f"<p>{COMPLAINT}</p><table><tr><td>Amount</td><td>0.05</td></tr></table>"
"""As a helpdesk stores it."""


def measure(address: str, register: Path, now: datetime, times: int) -> dict[str, Any]:
    """MiB resident; `address` is a node that serves the made chain. All is asked so many times."""
    with served("diag.cli.main", "serve") as service:
        idle = service.resident()
        statuses = service.once(_mixed() * times)
        demo = {"idle": idle, "after_load": service.resident(), "requests": statuses.total()}
        demo["statuses"] = {str(code): count for code, count in sorted(statuses.items())}
    given = settings(
        nodes=f"http://{address}", gateways=register, clock=f"{now:%Y-%m-%dT%H:%M:%SZ}"
    )
    with served("diag.cli.main", "serve", **given) as service:
        small, large = (
            [Question(account, 5_000 + CYCLE * n, 42) for n in range(10)]
            for account in ("trader-10k", "trader-1m")
        )
        return {"demo": demo, "large": _growth(service, small * times, large * times, now)}


def _mixed() -> list[Request]:
    """Every account of the embedded chain in every format, and everything else once."""
    names = Recording.load(embedded_ledger()).accounts
    formats = ("json", "text", "markdown", "html")
    asked = [
        {"account": name, "last": "24h", "format": formats[place % 4], "lang": "zh"}
        for place, name in enumerate(names)
    ]
    pages = ["/panel", "/panel/gateways", "/panel/network", "/panel/tickets", "/docs"]
    others = [*pages, "/v1/checks", "/v1/gateways", "/v1/network", "/openapi.yaml"]
    rows = "\n".join(json.dumps({"account": n, "last": "24h"}) for n in list(names)[40:80])
    return [
        *(Request(f"/v1/diagnoses?{urlencode(one)}") for one in asked),
        *(Request(path) for path in others),
        *(
            Request("/v1/intake", json.dumps({"text": text}).encode())
            for text in (COMPLAINT, MARKED_UP)
        ),
        Request("/v1/triage", rows.encode(), "application/x-ndjson"),
    ]


def _growth(
    service: Served, small: Sequence[Question], large: Sequence[Question], now: datetime
) -> dict[str, Any]:
    """What an account of 10⁶ operations adds, after the same windows of one of 10⁴."""
    found = {}
    for name, questions in (("after_10^4", small), ("after_10^6", large)):
        service.once([_request(question, now) for question in questions])
        found[name] = service.resident()
    return found


def _request(question: Question, now: datetime) -> Request:
    case = question.case(now)
    asked = {
        "account": case.account,
        "from": f"{case.start:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{case.end:%Y-%m-%dT%H:%M:%SZ}",
        "asset": ASSET,
        "amount": case.amount,
    }
    return Request(f"/v1/diagnoses?{urlencode(asked)}")
