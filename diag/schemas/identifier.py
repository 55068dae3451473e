"""Reads the id of an operation or transaction in any usual form."""

from __future__ import annotations

from diag.domain.identifier import Identifier, IdentifierKind
from diag.errors import BadInput, FieldError, SecretExposed
from diag.redaction.request_fields import remove_secrets
from diag.schemas.fields import (
    OPERATION,
    TRANSACTION,
    Templates,
    follow_links,
    operation_id,
    transaction_id,
)
from diag.schemas.mistakes import Mistake

_FORMS = {
    IdentifierKind.OPERATION: (OPERATION, operation_id),
    IdentifierKind.TRANSACTION: (TRANSACTION, transaction_id),
}


def read_identifier(text: str, templates: Templates) -> Identifier:
    """The id in a text, or in a link to an operation or transaction; raises BadInput, or
    SecretExposed for a secret.
    """
    if remove_secrets({"id": text}).exposed:
        raise SecretExposed.instead_of(BadInput(), ["id"])
    for kind, (form, read) in _FORMS.items():
        value = follow_links({kind.value: text}, templates)[kind.value]
        try:
            found = read(value)
        except Mistake as mistake:  # the id of a transaction on another chain
            raise BadInput(FieldError("id", mistake.text)) from None
        if form.match(found):
            return Identifier(kind, found)
    raise BadInput.about("id", "request.identifier")
