"""All texts of cases, in both languages."""

from __future__ import annotations

from diag.i18n import Text

# --- what changed -------------------------------------------------------------------------------

CODE_CHANGED = Text(
    zh="结论由“{before}”变为“{after}”。", en="The finding was “{before}” and is now “{after}”."
)
OUTCOME_CHANGED = Text(
    zh="进展由“{before}”变为“{after}”。", en="The outcome was “{before}” and is now “{after}”."
)
STAGE_CHANGED = Text(
    zh="资金位置由“{before}”变为“{after}”。",
    en="Where the money is: “{before}” before, “{after}” now.",
)
AMOUNT_CHANGED = Text(
    zh="{name}由 {before} 变为 {after}。", en="The {name} was {before} and is now {after}."
)
AMOUNT_KNOWN = Text(zh="{name}现已知：{after}。", en="The {name} is now known: {after}.")
AMOUNT_GONE = Text(
    zh="{name}（原为 {before}）现已无法确定。",
    en="The {name} ({before} before) is no longer known.",
)
RESEND_NOW_SAFE = Text(zh="现在可以重新提币。", en="It is now safe to send again.")
RESEND_NOT_SAFE = Text(
    zh="现在不能重新提币，之前的说法作废。",
    en="It is no longer safe to send again; what was said before does not hold.",
)
RESEND_UNKNOWN = Text(
    zh="现在不能确定能否重新提币，请勿重发。",
    en="Whether it is safe to send again is no longer known: do not.",
)
NORMAL_PASSED = Text(
    zh="已超过通常所需的时间（{time}），仍未完成。",
    en="The usual time ended at {time}, and it is not done.",
)
EXPECTED_PASSED = Text(
    zh="预计完成时间（{time}）已过，仍未完成。",
    en="It was expected by {time}, and it is not done.",
)
ESCALATE_PASSED = Text(
    zh="已到需要催办的时间（{time}），仍未完成。",
    en="From {time} on it is time to insist, and it is not done.",
)
DEADLINE_PASSED = Text(
    zh="链上规定的期限（{time}）已过。", en="The deadline on the chain, {time}, has passed."
)
WATCH_ENDED = Text(
    zh="已跟进 {days} 天，尚未解决，不再自动查询。目前的结论：“{title}”。",
    en="After {days} days it is not resolved, and it is no longer looked at by itself. The finding "
    "is still “{title}”.",
)
