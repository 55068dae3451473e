"""The words of the page, in both languages; the values of a verdict have theirs in `labels`."""

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

CHOICES = {
    "6h": Text(zh="6 小时", en="6 h"),
    "24h": Text(zh="24 小时", en="24 h"),
    "7d": Text(zh="7 天", en="7 d"),
    "": Text(zh="自定", en="dates"),
}
"""The quick choices of the window, as `last` takes them; the empty one is from and to."""
QUICK = "24h"

ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Moscow",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)

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
        zh="其他提币也符合这笔操作", en="other withdrawals fit the same operation as well"
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
        zh="没有看到网关处理过任何一笔", en="the gateway was not seen to serve anybody"
    ),
    "keys_changed": Text(
        zh="此前不久账户密钥更改过", en="the account's keys were changed shortly before"
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

ANSWERS = {
    "burn": Text(zh="网关销毁", en="burnt by the gateway"),
    "batch": Text(zh="网关合并销毁", en="burnt by the gateway in a batch"),
    "forward": Text(zh="网关转出归集", en="passed on by the gateway"),
    "return": Text(zh="退回", en="returned"),
}

AMOUNTS = {
    "claimed": Text(zh="用户所说", en="claimed"),
    "sent": Text(zh="实际转出", en="sent"),
    "gateway_fee": Text(zh="网关手续费", en="gateway's fee"),
    "expected_out": Text(zh="应到账", en="expected to arrive"),
    "received": Text(zh="到账", en="received"),
    "difference": Text(zh="差额", en="difference"),
}

WORDS = {
    "title": Text(zh="提币查询", en="Withdrawal check"),
    "skip": Text(zh="跳到结果", en="Skip to the result"),
    "other_language": Text(zh="English", en="中文"),
    "question": Text(zh="查询", en="Question"),
    "ask": Text(zh="查询", en="Check"),
    "again": Text(zh="重新查询", en="Check again"),
    "link": Text(zh="此查询的链接", en="Link to this check"),
    "claims": Text(zh="用户的说法", en="User's claims"),
    "claims_hint": Text(
        zh="填写已知的即可，用来锁定是哪一笔。",
        en="Fill in what is known; it narrows down which one is meant.",
    ),
    "paste": Text(zh="粘贴工单", en="Paste a ticket"),
    "paste_label": Text(zh="用户的原文", en="The user's own words"),
    "paste_hint": Text(
        zh="从中找出账户、数额和时间并填入上面。私钥和密码会被去除。",
        en="Finds account, amounts and times and fills in the form. Keys and passwords are removed.",
    ),
    "paste_read": Text(zh="读取", en="Read it"),
    "paste_choose": Text(zh="请确认", en="Please confirm"),
    "paste_question": Text(zh="建议先问用户", en="Best question to ask next"),
    "empty": Text(
        zh="填写账户和大致时间，即可查到资金现在在哪里、接下来会怎样、该怎样回复用户。",
        en="Give an account and roughly a time to see where the money is, what comes next, "
        "and what to tell the user.",
    ),
    "empty_1": Text(
        zh="只读取公开的区块链数据，从不需要私钥或密码。",
        en="Only the public chain is read. No key or password is ever needed.",
    ),
    "empty_2": Text(
        zh="每个结论都附有操作编号和区块，查不到的会列出来。",
        en="Each claim comes with its operation and block. What could not be looked at is listed.",
    ),
    "wrong": Text(zh="请修改以下内容", en="Please correct this"),
    "failed": Text(zh="暂时无法查询", en="Nothing can be checked just now"),
    "failed_hint": Text(
        zh="这不说明提币有问题。请稍后重新查询，在此之前请用户不要重新发送。",
        en="This says nothing about the withdrawal. Check again later; until then the user "
        "should not send again.",
    ),
    "result": Text(zh="结果", en="Result"),
    "verdict": Text(zh="结论", en="Verdict"),
    "as_of": Text(zh="截至区块 {block}，{time}", en="As of block {block}, {time}"),
    "zone": Text(zh="时间均为 {zone}", en="Times are in {zone}"),
    "where": Text(zh="资金在哪里", en="Where the money is"),
    "resend": Text(zh="重发", en="Sending again"),
    "resend_yes": Text(zh="可以重新发送", en="It is safe to send again"),
    "resend_no": Text(zh="请勿重新发送", en="Do not send again"),
    "resend_unknown": Text(
        zh="请勿重发：尚不清楚是否安全", en="Do not send again: not known to be safe"
    ),
    "reply": Text(zh="给用户的回复", en="Reply to the user"),
    "reply_language": Text(zh="回复的语言", en="Language of the reply"),
    "copy": Text(zh="复制", en="Copy"),
    "copy_reply": Text(zh="复制回复", en="Copy reply"),
    "copy_note": Text(zh="复制备注", en="Copy note"),
    "copy_question": Text(zh="复制问题", en="Copy question"),
    "copy_report": Text(zh="复制报告", en="Copy report"),
    "copy_json": Text(zh="复制 JSON", en="Copy JSON"),
    "next": Text(zh="下一步", en="Next step"),
    "actor": Text(zh="由谁处理", en="Who acts"),
    "advice": Text(zh="怎么做", en="What to do"),
    "normal_until": Text(zh="此前属正常", en="Normal until"),
    "expected_by": Text(zh="预计最迟", en="Expected by"),
    "escalate_after": Text(zh="超过则升级", en="Escalate after"),
    "eta_basis": Text(zh="时间依据", en="Times from"),
    "ask_user_for": Text(zh="可向用户询问", en="Ask the user for"),
    "amounts": Text(zh="数额", en="Amounts"),
    "notices": Text(zh="公告", en="Notices"),
    "notice_until": Text(zh="有效至", en="until"),
    "repair": Text(zh="预计修复", en="Expected repair"),
    "channels": Text(zh="官方渠道", en="Official channels"),
    "withdrawals": Text(zh="该时段内的全部提币", en="All withdrawals of the window"),
    "only_this": Text(zh="只查这一笔", en="Check this one only"),
    "candidates": Text(zh="也可能是指", en="The user may also mean"),
    "this_one": Text(zh="查这一笔", en="Check this one"),
    "this_account": Text(zh="改查这个账户", en="Check this account"),
    "timeline": Text(zh="经过", en="Timeline"),
    "evidence": Text(zh="证据", en="Evidence"),
    "no_evidence": Text(zh="没有可列出的操作。", en="There is no operation to show."),
    "observed": Text(zh="所见", en="Observed"),
    "expected": Text(zh="应为", en="Expected"),
    "operation": Text(zh="操作", en="Operation"),
    "block": Text(zh="区块", en="Block"),
    "transaction": Text(zh="交易", en="Transaction"),
    "time": Text(zh="时间", en="Time"),
    "source": Text(zh="来源", en="Source"),
    "ruled_out": Text(zh="已排除", en="Ruled out"),
    "not_checked": Text(zh="未能核对", en="Not checked"),
    "basis": Text(zh="把握的依据", en="Why this sure"),
    "findings": Text(zh="其他发现", en="Also found"),
    "note": Text(zh="客服备注（不发给用户）", en="Agent's note (not for the user)"),
    "report": Text(zh="事件报告（Markdown）", en="Incident report (Markdown)"),
    "json": Text(zh="原始 JSON", en="Raw JSON"),
    "reference": Text(zh="查询编号", en="Reference"),
    "ruleset": Text(zh="规则版本", en="Ruleset"),
    "none": Text(zh="无", en="none"),
}
"""Headings and labels."""

SCRIPT = {
    "asking": Text(
        zh="正在查询节点，最长 {seconds} 秒…", en="Asking the nodes, {seconds} s at most…"
    ),
    "elapsed": Text(zh="{seconds} 秒", en="{seconds} s"),
    "copied": Text(zh="已复制", en="Copied"),
    "not_copied": Text(
        zh="无法复制，文字已选中，请按 Ctrl+C。", en="Not copied: it is selected, press Ctrl+C."
    ),
    "missing_time": Text(zh="请填写时间。", en="Give a time."),
    "missing_zone": Text(
        zh="请在下面填写这个时间所用的时区。", en="Say below which time zone this is."
    ),
    "network": Text(
        zh="连不上本服务，请检查网络后重试。",
        en="This service cannot be reached. Check the connection and try again.",
    ),
    "wrong": WORDS["wrong"],
    "failed": WORDS["failed"],
    "failed_hint": WORDS["failed_hint"],
    "reading": Text(zh="正在读取…", en="Reading…"),
    "filled": Text(zh="取自原文：", en="From the text: "),
    "read_in": Text(zh="时间按 {zone} 理解", en="Read the times as {zone}"),
    "nothing": Text(
        zh="没有找到可以填写的内容。", en="Nothing was found that could be filled in."
    ),
    "found": Text(zh="已填写：", en="Filled in: "),
    "paste_first": Text(zh="请先粘贴文字。", en="Paste a text first."),
    "secret": Text(
        zh="原文中含有私钥或密码，已去除。请立即提醒用户更换，并删除原消息。",
        en="The text held a private key or password; it was removed. Ask the user to change it "
        "at once, and delete the message.",
    ),
}
"""What the script says; {seconds} and {zone} are filled there."""
