"""The fields of the requests about messages to channels."""

from __future__ import annotations

from diag.schemas.kept_case import Limit
from diag.schemas.plain_fields import Name, OneOf
from diag.schemas.request import RequestSchema

STATES = ("waiting", "delivered", "parked")


class DeliveriesQuerySchema(RequestSchema):
    """The query fields for a list of messages."""

    state = OneOf(STATES)
    channel = Name(r"[A-Za-z0-9._-]{1,64}", "value.channel_name")
    limit = Limit()
    before = Name(r"[1-9][0-9]{0,17}-[0-9a-f]{32}", "value.cursor")
