"""Links to explorers and wallets: the id that they show, or nothing where it may be another chain's."""

from __future__ import annotations

import pytest

from diag.config.explorers import DEFAULT, PAGE_KINDS, templates
from diag.domain.links import target

TXID = "413cefd199f636857f254d7d8bbae7ed24673660"
IDS = {
    "account": "lin-yue",
    "asset": "NORTH.BTC",
    "operation": "1.11.13731",
    "transaction": TXID,
}
BLANKS = {
    "account": "account",
    "symbol": "asset",
    "operation": "operation",
    "txid": "transaction",
}


@pytest.mark.parametrize(
    ("link", "kind", "found"),
    [
        pytest.param("https://blocksights.info/#/accounts/lin-yue", "account", "lin-yue"),
        pytest.param("https://wallet.bitshares.org/#/account/Lin-Yue", "account", "Lin-Yue"),
        pytest.param(
            "wallet.bitshares.org/#/account/lin-yue/overview?x=1", "account", "lin-yue"
        ),
        pytest.param("https://ex.gateway.example/#/account/lin-yue", "account", "lin-yue"),
        pytest.param(
            "https://wallet.bitshares.org/?r=friend#/account/lin-yue", "account", "lin-yue"
        ),
        pytest.param("http://cryptofresh.com/u/lin-yue", "account", "lin-yue"),
        pytest.param("https://www.bitshares-explorer.io/#/accounts/1.2.7", "account", "1.2.7"),
        pytest.param("https://BTS.exchange/#/account/lin%2Dyue", "account", "lin-yue"),
        pytest.param(
            "https://desk.example/panel?account=lin-yue&last=6h", "account", "lin-yue"
        ),
        pytest.param(
            "http://127.0.0.1:8000/v1/diagnoses?account=lin-yue", "account", "lin-yue"
        ),
        pytest.param("https://blocksights.info/#/accounts/lin-yue。", "account", "lin-yue"),
        pytest.param("https://cryptofresh.com/a/NORTH.BTC", "asset", "NORTH.BTC"),
        pytest.param("https://bts.exchange/#/asset/NORTH.BTC", "asset", "NORTH.BTC"),
        pytest.param(
            "https://blocksights.info/#/operations/1.11.13731", "operation", "1.11.13731"
        ),
        pytest.param("https://anything.example/op/1.11.13731", "operation", "1.11.13731"),
        pytest.param(f"https://blocksights.info/#/txs/{TXID}", "transaction", TXID),
    ],
)
def test_a_link_leads_to_what_its_page_shows(link, kind, found):
    assert target(link, kind) == found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("lin-yue", "account", id="no link"),
        pytest.param("lin-yue@mail.example", "account", id="a mail address"),
        pytest.param("https://blocksights.info/", "account", id="the front page"),
        pytest.param("https://bloks.io/account/linyue", "account", id="EOS"),
        pytest.param("https://wax.example/#/account/linyue", "account", id="WAX"),
        pytest.param("https://steemit.com/@lin-yue", "account", id="Steem"),
        pytest.param("https://desk.example/users/lin-yue", "account", id="a helpdesk's user"),
        pytest.param("https://solscan.io/account/linyue", "account", id="Solana"),
        pytest.param(
            "https://blocksights.info/#/accounts/a/accounts/b", "account", id="two accounts"
        ),
        pytest.param("https://[::1/#/account/lin-yue", "account", id="broken"),
        pytest.param("https://bts.exchange/#/block/5/1", "transaction", id="a block"),
        pytest.param(
            f"https://chain.example/tx/{'ab' * 32}",
            "transaction",
            id="64 digits: another chain",
        ),
        pytest.param("see https://blocksights.info/#/accounts/lin-yue", "account", id="a text"),
    ],
)
def test_where_a_link_is_not_clear_nothing_is_read(text, kind):
    assert target(text, kind) is None


@pytest.mark.parametrize("explorer", DEFAULT, ids=lambda explorer: explorer.name)
@pytest.mark.parametrize("kind", IDS)
def test_every_link_that_is_printed_is_read(explorer, kind):
    known = {blank: IDS[name] for blank, name in BLANKS.items()}
    link = explorer.url([kind], known)

    assert link is None or target(link, kind) == IDS[kind]


def test_links_to_explorers_of_the_operator_are_read_by_their_templates():
    forms = [
        "https://our.example/look?who={account}&from={block}",
        "https://two.example/{account}",
    ]

    assert target("https://our.example/look?who=lin-yue&from=5", "account", forms) == "lin-yue"
    assert target("https://two.example/lin-yue#top", "account", forms) == "lin-yue"
    assert target("https://three.example/lin-yue", "account", forms) is None
    assert set(templates(DEFAULT)) == set(PAGE_KINDS)
