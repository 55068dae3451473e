"""Labels of fields and of values that only a page shows, in both languages; its other words are in
`data/pages.toml`."""

from __future__ import annotations

from diag.i18n import Text

FIELDS = {
    "account": Text(zh="账户", en="Account"),
    "last": Text(zh="时间范围", en="Time window"),
    "from": Text(zh="从", en="From"),
    "to": Text(zh="到", en="To"),
    "tz": Text(zh="用户所在时区", en="User's time zone"),
    "asset": Text(zh="资产", en="Asset"),
    "amount": Text(zh="转出数额", en="Amount sent"),
    "received": Text(zh="到账数额", en="Amount received"),
    "destination": Text(zh="转给哪个账户", en="Sent to account"),
    "operation": Text(zh="操作编号", en="Operation id"),
    "transaction": Text(zh="交易 ID", en="Transaction id"),
    "memo": Text(zh="备注（Memo）", en="Memo"),
    "external_transaction": Text(
        zh="另一条链的交易 ID", en="Transaction id on the other chain"
    ),
}
"""The label of every field of the form."""

CLAIMS = (
    "asset",
    "amount",
    "received",
    "destination",
    "operation",
    "transaction",
    "memo",
    "external_transaction",
)
EXAMPLES = {
    "account": "zhao-ming",
    "tz": "Asia/Shanghai",
    "asset": "XBTSX.BTC",
    "amount": "0.05",
    "received": "0.0497",
    "destination": "xbtsx",
    "operation": "1.11.12345",
}
"""What a field may hold, shown where it is empty."""

BASES = {
    "irreversible": Text(
        zh="所依据的操作均已不可撤销", en="all operations it rests on are final"
    ),
    "provisional": Text(zh="后续区块仍可能改变", en="a later block may change it"),
    "history_complete": Text(
        zh="该时段的记录已证明完整", en="the history of the window is proven complete"
    ),
    "gaps": Text(zh="有内容未能查到", en="something could not be looked at"),
    "stale": Text(zh="节点数据落后", en="the node is behind"),
    "ambiguous": Text(zh="有多种匹配方式", en="it can be matched in more than one way"),
    "unexplained_burn": Text(
        zh="网关有一笔销毁无法对应", en="a burn of the gateway is not explained"
    ),
    "incomplete": Text(zh="记录不完整", en="the history is not complete"),
    "default_times": Text(zh="按一般网关用时估计", en="times are those of gateways in general"),
    "issue_or_deposit": Text(
        zh="退回与充币无法完全区分", en="a return that may also be a deposit"
    ),
    "return_or_deposit": Text(
        zh="退回与充币无法完全区分", en="a return that may also be a deposit"
    ),
    "unlike_fee": Text(
        zh="差额与网关手续费不符", en="what is missing is not the gateway's fee"
    ),
    "settled_and_returned": Text(
        zh="既有结清又有入账", en="it was settled, and coins came back as well"
    ),
    "second_account": Text(
        zh="退回的账户没有登记", en="it came back from an account that is not registered"
    ),
    "burnt_less_fee": Text(
        zh="销毁的数额少了手续费", en="the gateway burnt the amount less a fee"
    ),
    "forwarded": Text(
        zh="网关转出后未再跟踪", en="the gateway passed the coins on; no burn was read"
    ),
    "fits_others_too": Text(
        zh="其他提币之和也等于这笔销毁", en="other withdrawals sum to the same burn"
    ),
    "user_statement": Text(zh="依据用户的说法", en="it rests on what the user says"),
    "sent_again": Text(
        zh="此后又有相近数额转出", en="a similar amount has left the account since"
    ),
    "claim_differs": Text(zh="与用户所说不完全一致", en="it differs from what the user says"),
    "single_node": Text(zh="只有一个节点的说法", en="only one node says so"),
    "early": Text(zh="仍在网关的通常用时之内", en="the gateway's usual time is not over"),
    "convention": Text(
        zh="依据登记或惯例，未见同类提币的处理",
        en="it follows from a register or a convention; no case like it was seen",
    ),
    "others_observed": Text(
        zh="网关未处理同类提币，或已处理更晚的提币",
        en="the gateway refused others like it, or served later ones",
    ),
    "others_served": Text(
        zh="网关处理过少数同类提币", en="the gateway has served a few others like it"
    ),
    "perhaps_served": Text(
        zh="网关的一笔操作可能已处理本笔", en="the gateway may have served it in another way"
    ),
    "nobody_served": Text(
        zh="没有看到该网关处理过任何人的提币", en="the gateway was not seen to serve anybody"
    ),
    "recent": Text(zh="刚刚发生", en="it has just happened"),
}
"""What the confidence of a verdict rests on."""

KINDS = {
    "in_window": Text(zh="同一时段内的其他提币", en="another withdrawal in the window"),
    "outside_window": Text(zh="时段之外的提币", en="a withdrawal outside the window"),
    "near_name": Text(zh="名称相近的账户", en="an account with a similar name"),
}
"""Kinds of candidates."""

AMOUNTS = {
    "claimed": Text(zh="用户所说", en="claimed"),
    "sent": Text(zh="实际转出", en="sent"),
    "gateway_fee": Text(zh="网关手续费", en="gateway's fee"),
    "expected_out": Text(zh="应到账", en="expected to arrive"),
    "received": Text(zh="到账", en="received"),
    "difference": Text(zh="差额", en="difference"),
}
