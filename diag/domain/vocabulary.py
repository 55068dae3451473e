"""The closed vocabularies of a verdict."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    DELIVERED = "delivered"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    NOT_SENT = "not_sent"
    STUCK = "stuck"
    AT_RISK = "at_risk"
    NOTHING_FOUND = "nothing_found"
    UNDETERMINED = "undetermined"


class Group(StrEnum):
    """The kind of a finding. Of several about one withdrawal, the first in this order leads."""

    SECURITY = "security"
    SOURCES = "sources"
    ACCOUNT = "account"
    CONTRADICTION = "contradiction"
    OUTCOME = "outcome"
    CAUSE = "cause"
    ARRIVED = "arrived"
    GATEWAY = "gateway"
    NETWORK = "network"
    UNREAD = "unread"
    WAITING = "waiting"
    WARNING = "warning"
    NOT_SENT = "not sent"


class Stage(StrEnum):
    """Where the money is."""

    USER_ACCOUNT = "user_account"
    CHAIN_UNCONFIRMED = "chain_unconfirmed"
    AT_GATEWAY = "at_gateway"
    SENT_ONWARD = "sent_onward"
    AT_RECIPIENT = "at_recipient"
    RETURNED = "returned"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class Actor(StrEnum):
    """Who must act next."""

    NOBODY = "nobody"
    USER = "user"
    GATEWAY = "gateway"
    RECIPIENT = "recipient"
    NETWORK = "network"
    SUPPORT = "support"
    SECURITY = "security"


class Advice(StrEnum):
    WAIT = "wait"
    CONTACT_GATEWAY = "contact_gateway"
    CONTACT_RECIPIENT = "contact_recipient"
    PROVIDE_INFO = "provide_info"
    APPROVE_PROPOSAL = "approve_proposal"
    SEND_AGAIN = "send_again"
    DO_NOT_RESEND = "do_not_resend"
    SECURE_ACCOUNT = "secure_account"
    RETRY_LATER = "retry_later"


class ResendSafe(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Finality(StrEnum):
    PROVISIONAL = "provisional"
    FINAL = "final"


class Confidence(StrEnum):
    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Ask(StrEnum):
    """What the user could provide that would help most."""

    EXTERNAL_TRANSACTION = "external_transaction"
    MEMO = "memo"
    OPERATION = "operation"
    AMOUNT = "amount"
    TIME = "time"
    ACCOUNT = "account"
    DESTINATION = "destination"
    WALLET = "wallet"
    RECEIVED = "received"
    KEYS = "keys"
    """Whether it was the user who changed the account's keys."""


SEVERITIES = tuple(Severity)
_CONFIDENCES = tuple(Confidence)


def at_most(confidence: Confidence, limit: Confidence) -> Confidence:
    """Return the lower of the two confidences."""
    return max(confidence, limit, key=_CONFIDENCES.index)
