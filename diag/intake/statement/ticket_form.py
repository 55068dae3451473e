"""Lines that a ticket system adds to a statement: 创建时间, 优先级, "Status:", "Assigned to:"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.normalized_text import each

Span = tuple[int, int]

_OPENED = (
    r"(?:工单|任务|会话|咨询|反馈)?(?:创建|提交|建立|录入|登记|反馈|留言|来电|进线|上报|发起|建单|开单)(?:时间|日期|于)"
    r"|(?:ticket |case |request |issue |conversation )?(?:created|opened|submitted|reported|logged)(?: (?:at|on|time|date|by))?"
    r"|(?:ticket|case|request|issue) (?:date|time)|(?:date|time) (?:created|opened|submitted|reported|received)|received (?:at|on|time|date)"
)
"""Labels of the time at which a statement was written."""
_KEPT = (
    r"(?:工单|最后|最近|上次)?(?:更新|修改|受理|分配|派单|关闭|完结|回复|响应|处理|解决|跟进|结单|登录|联系|截止|到期|超时|注册|开户)(?:时间|日期|时限|时长)"
    r"|工单(?:号|编号|id|状态|来源|类型|标题|级别|优先级|模板)?|优先级|紧急程度|状态|处理人|受理人|经办人|负责人|跟进人|受理客服|客服|坐席|渠道|来源渠道|来源|部门|分类|问题分类"
    r"|ip(?:地址)?|归属地|浏览器|操作系统|设备|版本号?|sla|会员等级|vip等级|生日|出生日期|手机号?码?|电话|邮箱|qq号?|微信号?|姓名|联系方式|证件号?"
    r"|last (?:repl(?:y|ied)|updated?|activity|log ?in|seen|modified|contact)(?: (?:at|on|time|date))?|(?:ticket|case)(?: ?(?:id|no\.?|number|status|type|url))?|priority|status|severity"
    r"|assignee|assigned to|assigned|agent|handled by|channel|via|source|queue|department|category|topic|tags|sla|due(?: date| by| at| on)?|deadline"
    r"|updated(?: at| on)?|closed(?: at| on)?|resolved(?: at| on)?|solved(?: at| on)?|requester|user[- ]agent|browser|os|device|platform|ip(?: address)?|app version|version"
    r"|(?:registered|registration|joined|member since|customer since|signed up)(?: (?:at|on|date|time))?|date of birth|dob|birthday|phone(?: number)?|mobile|e-?mail(?: address)?"
)
"""Labels of what a ticket system knows by itself."""
_FIELD = re.compile(
    rf"(?:(?<=[\n ,;|，；(\[])|\A)(?:(?P<opened>{_OPENED})|(?:{_KEPT})) ?(?:\( ?(?:utc|gmt)[^)\n]{{0,8}}\))? ?: ?"
    r"(?P<value>[^\n|;；]*?)(?= *(?:\n|\Z|[|;；])|[ ,，]+[^ \n:,，|;；]{0,16}[^ \n:,，|;；0-9](?: (?:id|name|time|date|at|on))?:)"
)
_WITHDRAWN = re.compile(
    r"(?:提币|提现|转账|充币|充值|交易|订单|withdraw[a-z]*|deposit|transfer|transaction|order) ?\Z"
)


@dataclass(frozen=True, slots=True)
class TicketForm:
    """The lines of a ticket system in a text, and where the time stands at which it was opened."""

    taken: tuple[Span, ...] = ()
    opened: Span | None = None


def read_form(text: str) -> TicketForm:
    """The form fields in a text of small letters that no user filled in."""
    taken: list[Span] = []
    opened = None
    for field in each(_FIELD, text):
        if _WITHDRAWN.search(text[max(0, field.start() - 12) : field.start()]):
            continue
        if field["opened"] and opened is None and re.search(r"[0-9]", field["value"]):
            opened = field.span("value")
            taken.append((field.start(), field.start("value")))
        else:
            taken.append(field.span())
    return TicketForm(tuple(taken), opened)
