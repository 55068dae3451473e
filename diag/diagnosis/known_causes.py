"""Every known cause of a missing withdrawal, and which code names it. Writes docs/causes.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause; where the chain alone cannot decide it, why, and what is asked for instead."""

    what: str
    codes: tuple[str, ...]
    limit: str = ""


CAUSES: tuple[Cause, ...] = (
    Cause("The block with the transfer is not irreversible yet", ("chain_confirming",)),
    Cause(
        "Witnesses miss so many slots that nothing becomes irreversible", ("network_degraded",)
    ),
    Cause("The pause of a few slots after a maintenance block", ("chain_confirming",)),
    Cause("The node that was asked is behind", ("node_stale",)),
    Cause(
        "The wallet showed success, but the transaction expired unsent",
        ("never_included", "not_seen_yet"),
        "Why it was not broadcast is known to the wallet only; asks which wallet was used.",
    ),
    Cause(
        "The wallet could not sign: it lacks the memo or active key",
        ("never_included", "not_seen_yet"),
        "A transaction that was never signed leaves no trace; asks which wallet was used.",
    ),
    Cause("The balance does not cover amount or fee", ("insufficient_balance",)),
    Cause("A multi-signature proposal waits for approvals", ("proposal_pending",)),
    Cause("The proposal was approved and failed when carried out", ("proposal_failed",)),
    Cause("The proposal expired or was vetoed", ("proposal_expired",)),
    Cause("The issuer's white or black list stops the account", ("transfer_blocked",)),
    Cause("The asset moves only to and from its issuer", ("transfer_blocked",)),
    Cause("The issuer took the coins with an override", ("issuer_override",)),
    Cause(
        "The coins sit in an order, vesting, pool, collateral or the like",
        ("funds_in_order", "funds_locked"),
    ),
    Cause(
        "A hash time-lock is open, redeemed or refunded",
        ("htlc_open", "htlc_refunded", "delivered_on_chain"),
    ),
    Cause("A withdraw permission was used, not a withdrawal", ("funds_locked",)),
    Cause("The account name is wrong", ("account_not_found",)),
    Cause("The time or its zone is wrong", ("outside_window",)),
    Cause("No memo", ("memo_missing",)),
    Cause("The memo was written for another key", ("memo_unreadable",)),
    Cause("The memo is too short to hold an address", ("memo_malformed",)),
    Cause(
        "The memo's text is wrong: format, coin, address checksum",
        ("memo_malformed",),
        "An encrypted memo cannot be read without a key; asks for the text of the memo.",
    ),
    Cause(
        "The tag or second memo of an exchange is missing inside the memo",
        ("gateway_settled", "gateway_overdue"),
        "The coins arrive untagged at the exchange, which the chain does not show; asks for the "
        "text of the memo and the transaction id on the other chain.",
    ),
    Cause(
        "Sent to the issuer, to a retired account, or to one that is nobody's",
        ("wrong_gateway_account", "sent_to_nobody"),
    ),
    Cause("Sent to an account made to look like the gateway's", ("lookalike_account",)),
    Cause(
        "Sent to an exchange that no longer takes the asset",
        ("delivered_on_chain", "gateway_closed"),
        "Whether an exchange still watches its account is not on the chain; the recipient has to "
        "be asked.",
    ),
    Cause("Less than the gateway's minimum", ("below_minimum",)),
    Cause(
        "More than the gateway's maximum or daily limit",
        ("gateway_overdue", "gateway_unconfirmed"),
        "Limits are the gateway's own and mostly unpublished; asks for the transaction ids on the "
        "other chain, of which there may be several.",
    ),
    Cause("The difference is the gateway's fee", ("amount_fee_explained",)),
    Cause("The whole balance was sent, so the fee came off it", ("amount_fee_explained",)),
    Cause("The difference is rounding at the coarser precision", ("amount_mismatch",)),
    Cause("The amount is really wrong", ("amount_mismatch",)),
    Cause("An asset that the gateway does not take", ("wrong_asset", "wrong_gateway_account")),
    Cause("The same withdrawal was sent twice", ("duplicate_submission",)),
    Cause(
        "The gateway's software could not match it: several operations, or a twin in one block",
        ("gateway_overdue", "duplicate_submission"),
    ),
    Cause("The gateway is working on it", ("gateway_processing",)),
    Cause("The gateway serves others, not this one", ("gateway_overdue",)),
    Cause("The gateway serves nobody", ("gateway_stalled",)),
    Cause("The coin's wallet is in maintenance", ("gateway_maintenance",)),
    Cause(
        "The gateway holds it for an audit or identity check",
        ("gateway_overdue", "gateway_unconfirmed"),
        "A hold is known to the gateway only; the reply names the gateway as the one to ask.",
    ),
    Cause(
        "The gateway refused it and has not returned it",
        ("gateway_overdue", "gateway_unconfirmed"),
        "A refusal is known to the gateway only until the coins come back; it is the one to ask.",
    ),
    Cause("It was returned already", ("gateway_returned", "gateway_returned_partial")),
    Cause(
        "The gateway's wallet on the other chain is empty",
        ("gateway_overdue", "gateway_stalled"),
        "The other chain is not looked at; many waiting at once show as a stall, and the gateway is the one to ask.",
    ),
    Cause("The gateway has closed or works by hand only", ("gateway_closed", "gateway_manual")),
    Cause(
        "The payout waits on the other chain",
        ("gateway_settled",),
        "The other chain is not looked at; asks for the transaction id there.",
    ),
    Cause(
        "The payout was dropped or replaced on the other chain",
        ("gateway_settled",),
        "The other chain is not looked at; asks for the transaction id there.",
    ),
    Cause(
        "Paid, but the receiving exchange has not credited it",
        ("gateway_settled",),
        "Only the receiving exchange can tell; asks for the transaction id on the other chain.",
    ),
    Cause(
        "Wrong network or wrong address typed",
        ("gateway_settled", "memo_malformed"),
        "An address that is valid but not the user's looks right; asks for the memo text and the "
        "transaction id on the other chain.",
    ),
    Cause(
        "All arrived; the wallet shows an old state",
        ("gateway_settled", "delivered_on_chain"),
        "What a wallet displays is not on the chain; the reply says where to look.",
    ),
    Cause("Somebody else took over the account", ("authority_changed",)),
    Cause("A proposal would hand over the account", ("authority_proposed",)),
    Cause(
        "The user fell for false support",
        ("authority_changed", "lookalike_account", "secret_exposed"),
        "A conversation is not on the chain; the user has to be asked whether anybody wanted keys or a payment. Every reply says that nobody asks for keys.",
    ),
    Cause(
        "The sources cannot show enough",
        ("history_incomplete", "sources_disagree", "sources_unavailable"),
    ),
)


_INTRODUCTION = """Written by `make docs` from `diag/diagnosis/known_causes.py`. For every cause the code that names it;
where the chain cannot decide, why not, and what is asked for.
"""


def page() -> str:
    """docs/causes.md as Markdown."""
    rows = [
        f"| {number} | {cause.what} | {' '.join(f'`{code}`' for code in cause.codes)} "
        f"| {cause.limit} |"
        for number, cause in enumerate(CAUSES, 1)
    ]
    return "\n".join(
        (
            "# Causes\n",
            _INTRODUCTION,
            "| # | cause | code | what the chain cannot decide |\n|---|---|---|---|",
            *rows,
            "",
        )
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is the program that prints it
