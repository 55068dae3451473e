"""The path of the money, station by station, with its current place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diag.words import texts

TITLES = texts("labels.path")
STATES = texts("labels.path_state")
"""The states of a station."""

_TO_GATEWAY = ("account", "chain", "gateway", "other_chain")
_TO_ACCOUNT = ("account", "chain", "recipient")
_HERE = {
    "user_account": 0,
    "returned": 0,
    "chain_unconfirmed": 1,
    "locked": 1,
    "at_gateway": 2,
    "at_recipient": 2,
    "sent_onward": 3,
}
"""Stage → the index of its station; other stages have none."""


@dataclass(frozen=True, slots=True)
class Station:
    """A station; kind: a key of TITLES; state: one of STATES; name: None if unknown."""

    kind: str
    state: str
    name: str | None

    @property
    def here(self) -> bool:
        return self.state in ("here", "onward")


def stations(document: Mapping[str, Any]) -> list[Station]:
    """The stations of the money for the leading verdict of a diagnosis."""
    stage = document["verdict"]["stage"]
    meant = _meant(document)
    account = meant is not None and meant["gateway"] is None
    kinds = _TO_ACCOUNT if stage == "at_recipient" or account else _TO_GATEWAY
    if stage == "sent_onward":
        kinds = _TO_GATEWAY
    names = {"account": document["case"]["account"]}
    turned = "gateway"
    if meant is not None:
        names |= {"recipient": meant["to"], "gateway": _gateway(meant)}
        if any(answer["kind"] == "return" for answer in meant["answers"]):
            turned = kinds[2]
    return [
        Station(kind, _state(stage, kind, number, turned), names.get(kind))
        for number, kind in enumerate(kinds)
    ]


def _meant(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The withdrawal of the leading verdict."""
    for withdrawal in document["withdrawals"]:
        if withdrawal["verdict"] == document["verdict"]:
            found: Mapping[str, Any] = withdrawal
            return found
    return None


def _gateway(withdrawal: Mapping[str, Any]) -> str:
    named = (withdrawal["gateway"], withdrawal["to"])
    return " · ".join(dict.fromkeys(name for name in named if name))


def _state(stage: str, kind: str, number: int, turned: str) -> str:
    """The state of a station; turned: the kind of the station that returned the coins, if one did."""
    here = _HERE.get(stage)
    if here is None:
        return "unclear"
    if number == here:
        return "onward" if stage == "sent_onward" else "here"
    if stage == "returned":
        return {"chain": "passed", turned: "back"}.get(kind, "ahead")
    return "passed" if number < here else "ahead"
