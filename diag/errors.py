"""All errors that this package raises, as a tree; every error has a text in both languages.

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


class DiagError(Exception):
    """The base class of all errors that this package raises."""

    code = "internal_error"
    text = Text(zh="服务内部出错。", en="Something went wrong inside the service.")

    def __init__(self, text: Text | None = None) -> None:
        if text is not None:
            self.text = text
        super().__init__(self.text.en)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the request, and what to do about it."""

    field: str
    text: Text


class BadInput(DiagError):
    """The request must be corrected; names each wrong field and its remedy."""

    code = "bad_input"
    text = Text(zh="请求有误，请按提示修改。", en="The request needs a correction.")

    def __init__(self, *errors: FieldError, text: Text | None = None) -> None:
        super().__init__(text)
        self.errors = errors

    @classmethod
    def of(cls, field: str, zh: str, en: str) -> BadInput:
        """An error about one field."""
        return cls(FieldError(field, Text.literal(zh, en)))


class SecretExposed(BadInput):
    """A required field held a secret, which was removed; without the field no diagnosis can be made."""

    code = "secret_exposed"
    text = Text(
        zh="发来的内容里有私钥、密码或助记词，它可能已被他人看到。这里已将其删去，没有保存。请尽快依次：在自己的钱包里更换"
        "全部密钥，或把资产转入新钱包；删除原消息，客服系统中的也要删除；不要理会任何索要密钥的人。",
        en="A private key, password or seed phrase was sent, so others may know it by now. It was "
        "removed here and not stored. Please do this soon, in this order: change all keys in "
        "one's own wallet, or move the funds to a new one; delete the original message, in the "
        "helpdesk too; ignore anyone who asks for keys.",
    )

    @classmethod
    def instead_of(cls, error: BadInput, fields: Iterable[str]) -> SecretExposed:
        """Put the fields that held secrets in front of the other errors of a request."""
        exposed = tuple(dict.fromkeys(fields))
        others = (e for e in error.errors if e.field not in exposed)
        return cls(*(FieldError(field, _REMOVED) for field in exposed), *others)


_REMOVED = Text(
    zh="此项里有私钥、密码或助记词，已删去。请只填所要求的内容。",
    en="This field held a private key, password or seed phrase, which was removed. Give only "
    "what is asked for.",
)


class TooLarge(BadInput):
    """The request body is larger than the limit."""

    code = "too_large"
    text = Text(zh="请求正文超过上限。", en="The request body is over the limit.")


class Refused(DiagError):
    """The request was not processed because of who sent it."""


class Unauthorized(Refused):
    """No valid API key was sent."""

    code = "unauthorized"
    text = Text(
        zh="需要有效的 API key：请放在 Authorization: Bearer 中发送。它可能已过期或被撤销；请向本服务的"
        "管理员索取。",
        en="A valid API key is needed: send it as Authorization: Bearer. It may have expired or been "
        "revoked; ask for one where this service is run.",
    )


class RateLimited(Refused):
    """Too many requests; `seconds` is the time to wait."""

    code = "rate_limited"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            Text.literal(
                f"请求过于频繁，请在 {seconds} 秒后重试。",
                f"Too many requests; try again in {seconds} seconds.",
            )
        )
        self.seconds = seconds


class Busy(DiagError):
    """The limit of parallel work is reached."""

    code = "busy"
    text = Text(
        zh="正在处理的批次已达上限，请稍后重试。",
        en="As many batches are under way as are allowed; try again a little later.",
    )


class CaseError(DiagError):
    """What was asked of a kept case cannot be done."""


class CasesOff(CaseError):
    """Cases are not switched on here."""

    code = "cases_off"
    text = Text(
        zh="本服务没有开启个案跟进（DIAG_CASES、DIAG_DATABASE）。",
        en="Cases are not switched on here (DIAG_CASES, DIAG_DATABASE).",
    )


class NoSuchCase(CaseError):
    """There is no case of this id or reference, or no longer."""

    code = "case_not_found"
    text = Text(
        zh="没有这个个案：编号有误，或已删除或过了保存期限。",
        en="There is no such case: the id or reference is wrong, or it was deleted or kept long "
        "enough.",
    )


class KeyReused(CaseError):
    """An Idempotency-Key came with another request before."""

    code = "idempotency_key_reused"
    text = Text(
        zh="这个 Idempotency-Key 已用于另一个请求；新的请求请换一个。",
        en="This Idempotency-Key was used for another request; a new request needs a new one.",
    )


class CaseChanged(CaseError):
    """Somebody else has changed the case in the meantime."""

    code = "case_changed"
    text = Text(
        zh="此个案刚被修改。请重新读取，再决定是否修改。",
        en="The case was changed in the meantime. Read it again, then decide.",
    )


class VersionNeeded(CaseError):
    """A change does not say which version of the case it is for."""

    code = "version_needed"
    text = Text(
        zh="修改或删除时请在 If-Match 中发送读取时得到的 ETag。",
        en="To change or delete it, send the ETag that came with it as If-Match.",
    )


class NoSuchDelivery(CaseError):
    """There is no message of this id, or none that could be meant."""

    code = "delivery_not_found"
    text = Text(
        zh="没有这条消息，或它已送达、正在发送。",
        en="There is no such message, or it was delivered or is being sent.",
    )


class NotParked(CaseError):
    """A message is sent again by itself, or has been delivered."""

    code = "delivery_not_parked"
    text = Text(
        zh="这条消息已送达，或仍会自动重试，无需手动重发。",
        en="This message was delivered or is tried again by itself; only a parked one is sent "
        "again by hand.",
    )


class StoreUnavailable(DiagError):
    """The database cannot be used just now; nothing was changed."""

    code = "store_unavailable"
    text = Text(
        zh="数据库暂时不可用，没有任何改动。请稍后重试。",
        en="The database is not available just now, and nothing was changed. Try again a little "
        "later.",
    )


class BadSetting(DiagError):
    """A setting or a configuration file is wrong; the message names it and the remedy."""

    code = "bad_setting"


class ChainError(DiagError):
    """The chain could not be read."""

    code = reason = "chain_error"
    text = Text(zh="无法读取区块链数据。", en="The chain could not be read.")


class NodeError(ChainError):
    """The node answered with an error.

    code_number: the JSON-RPC or application code; name: the node's name of the error.
    """

    code = reason = "node_error"

    def __init__(self, code_number: int, name: str, message: str) -> None:
        super().__init__(
            Text.literal(f"节点返回错误：{message}", f"The node answered: {message}")
        )
        self.code_number = code_number
        self.name = name
        self.message = message


class Unreachable(ChainError):
    """The node did not answer, or with something unusable; `reason` is a short English phrase."""

    code = "unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            Text.literal(f"节点没有可用的回答（{reason}）", f"No usable answer: {reason}")
        )
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
