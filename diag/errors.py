"""All errors that this package raises, as a tree; every error has a text in both languages (`problems.toml`).

DiagError
├── BadInput              the caller must change the request
│   ├── SecretExposed     a required field held a secret
│   └── TooLarge          the body is larger than the limit
├── Refused               the request was not processed because of who sent it
│   ├── Unauthorized      no valid API key
│   └── RateLimited       too many requests
├── Busy                  too much is under way: the same request may be sent again
├── CaseError             what was asked of a kept case cannot be done
│   ├── CasesOff          cases are not switched on here
│   ├── NoSuchCase        there is no case of this id or reference
│   ├── KeyReused         an Idempotency-Key came with another request before
│   ├── CaseChanged       somebody else has changed the case in the meantime
│   ├── NoSuchDelivery    there is no message of this id
│   ├── NotParked         a message is sent again by itself, or has been delivered
│   └── VersionNeeded     a change does not say which version of the case it is for
├── StoreUnavailable      the database cannot be used just now
├── BadSetting            the operator must change the configuration
└── ChainError            the chain could not be read
    ├── NodeError         the node answered with an error
    └── Unreachable       the node did not answer, or with something unusable
        └── OutOfTime     the deadline of the whole diagnosis has passed
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diag.i18n import Text
from diag.words import problem


class DiagError(Exception):
    """The base class of all errors that this package raises.

    text: a text of its own, instead of the one of its code.
    """

    code = "internal_error"

    def __init__(self, text: Text | None = None) -> None:
        self.text = problem(f"error.{self.code}") if text is None else text
        super().__init__(self.text.en)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the request, and what to do about it."""

    field: str
    text: Text


class BadInput(DiagError):
    """The request must be corrected; names each wrong field and its remedy."""

    code = "bad_input"

    def __init__(self, *errors: FieldError, text: Text | None = None) -> None:
        super().__init__(text)
        self.errors = errors

    @classmethod
    def about(cls, field: str, name: str, /, **facts: object) -> BadInput:
        """An error about one field, in the words of `problems.toml`."""
        return cls(FieldError(field, problem(name, **facts)))


class SecretExposed(BadInput):
    """A required field held a secret, which was removed; without the field no diagnosis can be made."""

    code = "secret_exposed"

    @classmethod
    def instead_of(cls, error: BadInput, fields: Iterable[str]) -> SecretExposed:
        """Put the fields that held secrets in front of the other errors of a request."""
        exposed = tuple(dict.fromkeys(fields))
        others = (e for e in error.errors if e.field not in exposed)
        removed = problem("request.held_secret")
        return cls(*(FieldError(field, removed) for field in exposed), *others)


class TooLarge(BadInput):
    """The request body is larger than the limit."""

    code = "too_large"


class Refused(DiagError):
    """The request was not processed because of who sent it."""


class Unauthorized(Refused):
    """No valid API key was sent."""

    code = "unauthorized"


class RateLimited(Refused):
    """Too many requests; `seconds` is the time to wait."""

    code = "rate_limited"

    def __init__(self, seconds: int) -> None:
        super().__init__(problem("error.rate_limited", seconds=seconds))
        self.seconds = seconds


class Busy(DiagError):
    """The limit of parallel work is reached."""

    code = "busy"


class CaseError(DiagError):
    """What was asked of a kept case cannot be done."""


class CasesOff(CaseError):
    """Cases are not switched on here."""

    code = "cases_off"


class NoSuchCase(CaseError):
    """There is no case of this id or reference, or no longer."""

    code = "case_not_found"


class KeyReused(CaseError):
    """An Idempotency-Key came with another request before."""

    code = "idempotency_key_reused"


class CaseChanged(CaseError):
    """Somebody else has changed the case in the meantime."""

    code = "case_changed"


class VersionNeeded(CaseError):
    """A change does not say which version of the case it is for."""

    code = "version_needed"


class NoSuchDelivery(CaseError):
    """There is no message of this id, or none that could be meant."""

    code = "delivery_not_found"


class NotParked(CaseError):
    """A message is sent again by itself, or has been delivered."""

    code = "delivery_not_parked"


class StoreUnavailable(DiagError):
    """The database cannot be used just now; nothing was changed."""

    code = "store_unavailable"


class BadSetting(DiagError):
    """A setting or a configuration file is wrong; the message names it and the remedy."""

    code = "bad_setting"

    def __init__(self, text: Text) -> None:
        super().__init__(text)

    @classmethod
    def of(cls, name: str, /, **facts: object) -> BadSetting:
        """An error in the words of `problems.toml`, such as `setup.bad_ledger`."""
        return cls(problem(name, **facts))


class ChainError(DiagError):
    """The chain could not be read."""

    code = reason = "chain_error"


class NodeError(ChainError):
    """The node answered with an error.

    code_number: the JSON-RPC or application code; name: the node's name of the error.
    """

    code = reason = "node_error"

    def __init__(self, code_number: int, name: str, message: str) -> None:
        super().__init__(problem("error.node_error", message=message))
        self.code_number = code_number
        self.name = name
        self.message = message


class Unreachable(ChainError):
    """The node did not answer, or with something unusable; `reason` is a short English phrase."""

    code = "unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(problem("error.unreachable", reason=reason))
        self.reason = reason


class Malformed(Unreachable):
    """It answered, but not with what the call is answered with."""

    def __init__(self) -> None:
        super().__init__("an answer of unexpected shape")


class OutOfTime(Unreachable):
    """The deadline of the diagnosis passed before the node answered."""

    code = "out_of_time"

    def __init__(self) -> None:
        super().__init__("deadline passed")
