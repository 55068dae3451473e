"""Assets and amounts, as exact integers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct, field

from diag.domain.object_ids import AssetId

SYMBOL = re.compile(r"(?=.{3,16}\Z)[A-Z][A-Z0-9]*(?:\.[A-Z0-9]+)?\Z")
"""The form of a symbol: 3 to 16 capitals and digits, a letter first, at most one dot inside."""
MAX_PRECISION = 12
MAX_BASE_UNITS = 2**63 - 1

MAIN_NETWORK = "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"
"""The chain id of BitShares itself."""
CORE_ASSET = "1.3.0"
CORE_SYMBOLS = frozenset(("BTS", "TEST"))
"""The symbols of the core asset on the main network and on the test network."""


class AssetFlag:
    """Bits of an asset's flags that can stop a transfer."""

    WHITE_LIST = 0x02
    TRANSFER_RESTRICTED = 0x08


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as the chain describes it; precision is the number of decimal digits."""

    id: str
    symbol: str
    precision: int
    issuer: str = ""
    flags: int = 0
    whitelist_authorities: frozenset[str] = frozenset()
    blacklist_authorities: frozenset[str] = frozenset()
    market_issued: bool = False

    @property
    def unread(self) -> bool:
        """True if the asset could not be read: neither its symbol nor its precision is known."""
        return self.symbol == self.id

    def base_units(self, value: Decimal) -> int | None:
        """Return the number of base units; None if value has more decimals than the asset."""
        scaled = value.scaleb(self.precision)
        return int(scaled) if scaled == scaled.to_integral_value() else None


BaseUnits = Annotated[int, Meta(ge=0, le=MAX_BASE_UNITS)]


class Quantity(Struct, frozen=True, gc=False):
    """An amount as it stands in a block: base units, and the id of the asset."""

    base_units: BaseUnits = field(name="amount")
    asset_id: AssetId


class Change(Quantity, frozen=True, gc=False):
    """A quantity that may be negative: the change of an amount."""

    base_units: Annotated[int, Meta(ge=-MAX_BASE_UNITS, le=MAX_BASE_UNITS)] = field(
        name="amount"
    )


class Amount(Struct, frozen=True, gc=False):
    """An amount with its asset, for display and for comparison with what a user claims."""

    base_units: int
    asset: Asset

    @property
    def value(self) -> Decimal:
        return Decimal(self.base_units).scaleb(-self.asset.precision)

    @property
    def exact(self) -> str:
        """The amount as a decimal string with all decimals of the asset, such as 0.05205000."""
        return f"{self.value:.{self.asset.precision}f}"

    def __str__(self) -> str:
        return f"{format_decimal(self.value)} {self.asset.symbol}"


def asset_of(asset_id: str, assets: Mapping[str, Asset]) -> Asset:
    """Return the asset with an id; one that could not be read gets its id as symbol and no decimals."""
    return assets.get(asset_id) or Asset(asset_id, asset_id, 0)


def coin_of(symbol: str) -> str:
    """Return the coin that a gateway's asset stands for: BTC for NORTH.BTC, and for BTC itself."""
    return symbol.rpartition(".")[2]


# fmt: off
NETWORKS = frozenset((
    "ALGO", "ATOM", "AVAX", "BNB", "BSC", "EOS", "ETH", "FTM", "HIVE",
    "MATIC", "NEO", "POL", "SOL", "STEEM", "TON", "TRX", "WAVES", "XLM",
))
# fmt: on
"""Coins whose network carries tokens, so that a token may be called by the name of its network."""
STABLECOINS = frozenset(("BUSD", "DAI", "FDUSD", "PYUSD", "TUSD", "USDC", "USDT"))
"""Tokens that many networks carry, and that people often name together with the network."""
LEAST_LETTERS = 3
"""The fewest letters of a coin whose name may begin the name of another version of it."""
STANDARD = re.compile(r"(?<=[A-Z0-9]{2})(?:(?:ERC|TRC|BEP|HRC|BRC|SPL)[0-9]*|OMNI|BSC)\Z")
"""The token standard or network behind a coin's name, such as TRC20 in USDTTRC20."""


@lru_cache(256)  # a case compares its asset with that of each movement
def alike(one: str, other: str) -> bool:
    """Return True if people may call two assets by the same name.

    They stand for the same coin at different gateways or on different networks: NORTH.USDT,
    SOUTH.USDT, SOUTH.USDTTRC20. A name that begins the other one counts as well.
    """
    short, long = sorted(
        (STANDARD.sub("", coin_of(one)), STANDARD.sub("", coin_of(other))), key=len
    )
    return short == long or (len(short) >= LEAST_LETTERS and long.startswith(short))


def confusable(claimed: str, sent: str) -> bool:
    """Return True if a withdrawal of one coin may be called by the name of another one.

    The claim names a network's coin, as tokens are called by their network; or it names a stablecoin,
    and a network's coin was sent.
    """
    if coin_of(claimed) in NETWORKS:
        return True
    return STANDARD.sub("", coin_of(claimed)) in STABLECOINS and coin_of(sent) in NETWORKS


def format_decimal(value: Decimal) -> str:
    """Format a decimal without an exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


LEAST_DECIMALS = 2
"""Minimum number of decimals of an amount that may be a rounded one."""


def rounded(claimed: Decimal, sent: Decimal) -> bool:
    """Return True if the claim is the sent amount with fewer decimals: rounded, or cut off.

    The claim must have at least two decimals and three significant digits; a shorter one may be
    another amount.
    """
    exponent = claimed.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > -LEAST_DECIMALS:
        return False
    enough = claimed.adjusted() - exponent >= LEAST_DECIMALS
    return enough and abs(sent - claimed) < Decimal(1).scaleb(exponent)
