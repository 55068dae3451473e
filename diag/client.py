"""A client of this service for Python programs.

Needs nothing of the rest of the package but `requests`:

    from diag.client import Client

    with Client("https://diag.example", key="diag_…") as client:
        answer = client.diagnose("zhao-ming", last="12h", asset="NORTH.BTC")
        print(answer["verdict"]["code"], answer["reply"]["zh"])

Requests change nothing on the server, so each is sent again after a lost connection, after 429
and after 503, as `Retry-After` says or with growing pauses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

Json = dict[str, Any]
Lang = Literal["zh", "en"]

BACKOFF = 0.5
"""Seconds before the second repetition; doubled for each further one."""


class DiagError(Exception):
    """The service could not be asked."""


class Problem(DiagError):
    """The service refused a request.

    status: HTTP status. code: the kind of problem, such as `bad_input`. text: the reason, in `zh`
    and `en`. errors: a dict per wrong field, with `field` and `text`.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code: str = document.get("code", "")
        self.text: dict[str, str] = document.get("text", {})
        self.errors: list[Json] = document.get("errors", [])
        said = [self.text.get("en") or f"HTTP status {status}"]
        said += [f"{e.get('field')}: {e.get('text', {}).get('en')}" for e in self.errors]
        super().__init__(" ".join(said))


class Client:
    """Asks one service; a thread at a time.

    url: where the service answers. key: an API key, where the service wants one. lang: the language
    of texts (`zh` or `en`; None: the service's own). timeout: seconds until the answer must begin.
    retries: how often a request is repeated.

    Every method raises Problem where the service refuses the request, and DiagError where it
    cannot be reached or what answers is no such service. Dicts are as in the service's
    `/openapi.yaml`.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        lang: Lang | None = None,
        timeout: float = 15.0,
        retries: int = 3,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"
        if lang is not None:
            self._session.headers["Accept-Language"] = lang
        again = Retry(
            total=retries,
            allowed_methods=None,
            status_forcelist={429, 503},
            backoff_factor=BACKOFF,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))
        self._session.mount(f"{self._url}/readyz", HTTPAdapter(max_retries=0))

    def diagnose(
        self,
        account: str,
        *,
        start: str | None = None,
        end: str | None = None,
        last: str | None = None,
        tz: str | None = None,
        **claims: str,
    ) -> Json:
        """The diagnosis of one case.

        account: the name of a BitShares account. The window is start to end (RFC 3339 with an
        offset, or without one where tz, an IANA zone, is given) or last, such as `12h`. claims:
        what the user says: asset, amount, received, destination, operation, transaction, memo,
        external_transaction, each as text.
        """
        question = {
            "account": account,
            "from": start,
            "to": end,
            "last": last,
            "tz": tz,
            **claims,
        }
        given = {name: value for name, value in question.items() if value is not None}
        return self._json("POST", "/v1/diagnoses", json=given)

    def text(self, account: str, *, last: str, lang: Lang = "zh", **claims: str) -> str:
        """The same diagnosis as at most 15 lines of text."""
        question = {"account": account, "last": last, "format": "text", "lang": lang, **claims}
        return self._send("POST", "/v1/diagnoses", json=question).text

    def intake(self, text: str, *, tz: str | None = None) -> Json:
        """What a complaint, pasted as it came, says: fields, kind, urgency, the next question."""
        given = {"text": text} if tz is None else {"text": text, "tz": tz}
        return self._json("POST", "/v1/intake", json=given)

    def triage(
        self,
        rows: Iterable[Mapping[str, str]],
        *,
        tz: str | None = None,
        last: str | None = None,
    ) -> Iterator[Json]:
        """Diagnose many tickets; yields a dict per row as it is answered, and at last a summary.

        rows: the fields of a question each, with an optional `ticket`. tz and last serve rows that
        have none. Closing the iterator stops the work on the server.
        """
        params = {k: v for k, v in (("tz", tz), ("last", last)) if v is not None}
        body = "\n".join(json.dumps(dict(row), ensure_ascii=False) for row in rows)
        answer = self._send(
            "POST",
            "/v1/triage",
            params=params,
            data=body.encode(),
            headers={"Content-Type": "application/x-ndjson"},
            stream=True,
        )
        with answer:
            try:
                for line in answer.iter_lines():
                    if line:
                        yield json.loads(line)
            except (requests.RequestException, ValueError) as error:
                raise DiagError(f"the answer to a batch broke off: {error}") from error

    def gateways(self) -> Json:
        """The gateways of the register and how each fares."""
        return self._json("GET", "/v1/gateways")

    def gateway(self, key: str) -> Json:
        """One gateway: its facts, and how it serves everybody just now."""
        return self._json("GET", f"/v1/gateways/{quote(key, safe='')}")

    def network(self) -> Json:
        """How the chain fares."""
        return self._json("GET", "/v1/network")

    def checks(self) -> Json:
        """Every code and its words."""
        return self._json("GET", "/v1/checks")

    def ready(self) -> bool:
        """True if the service can answer about the chain just now; asked once, without retries."""
        return self._request("GET", "/readyz").ok

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _json(self, method: str, path: str, **sent: Any) -> Json:
        answer = self._send(method, path, **sent)
        try:
            found = answer.json()
        except ValueError as error:
            raise DiagError(f"{self._url} answered with something else than JSON") from error
        if not isinstance(found, dict):
            raise DiagError(f"{self._url} answered with something else than a JSON object")
        return found

    def _send(self, method: str, path: str, **sent: Any) -> requests.Response:
        answer = self._request(method, path, **sent)
        if answer.ok:
            return answer
        try:
            document = answer.json()
        except ValueError:
            document = {}
        raise Problem(answer.status_code, document if isinstance(document, dict) else {})

    def _request(self, method: str, path: str, **sent: Any) -> requests.Response:
        try:
            return self._session.request(
                method, self._url + path, timeout=self._timeout, allow_redirects=False, **sent
            )
        except requests.RequestException as error:
            raise DiagError(f"{self._url} could not be reached: {error}") from error
