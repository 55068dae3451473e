"""python-bitshares is loaded without what it would sign with, and nothing else is kept from it."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
from diag.chain.collect.optional_imports import without_cryptography
with without_cryptography():
    from bitsharesbase.signedtransactions import Signed_Transaction
assert "cryptography" not in sys.modules
import cryptography.hazmat.primitives.hashes
with without_cryptography():
    import cryptography
"""


def test_cryptography_is_not_loaded_with_it_and_can_be_loaded_later() -> None:
    """In a process of its own: what one has imported stays imported."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True)
    assert done.stderr == ""
