"""Links to explorers: from templates in the settings, only where they lead somewhere."""

from __future__ import annotations

import json
import re

import pytest
from recorded import diagnoses

from diag.config.explorers import DEFAULT, PAGE_KINDS, Explorer, for_chain
from diag.config.settings import read_settings
from diag.domain.asset import MAIN_NETWORK
from diag.domain.finding import EvidenceItem
from diag.errors import BadSetting
from diag.i18n import Text
from diag.render.chain_location import coordinates, links
from diag.render.json_document import document
from diag.render.options import View

TXID = "8808e7d235ed58b508bf449811eef013b5ba16e3"
CLAIM = Text(zh="转账已写入区块", en="the transfer stands in a block")
SHOWN = EvidenceItem(CLAIM, "1.11.24815", 31123, 2, 0, TXID)


def own(**pages: str) -> Explorer:
    given = json.dumps([{"name": "mine", **pages}])
    [found] = read_settings({"DIAG_EXPLORERS": given}).explorers
    return found


@pytest.mark.parametrize(
    ("pages", "shown", "page"),
    [
        pytest.param(
            {"operation": "https://e.example/o/{operation}"},
            SHOWN,
            "https://e.example/o/1.11.24815",
            id="an operation",
        ),
        pytest.param(
            {"transaction": "https://e.example/#/txs/{txid}"},
            SHOWN,
            f"https://e.example/#/txs/{TXID}",
            id="a transaction",
        ),
        pytest.param(
            {"block": "https://e.example/b/{block}?n={trx_in_block}"},
            SHOWN,
            "https://e.example/b/31123?n=2",
            id="a place in a block",
        ),
        pytest.param(
            {
                "block": "https://e.example/b/{block}",
                "operation": "https://e.example/o/{operation}",
            },
            SHOWN,
            "https://e.example/o/1.11.24815",
            id="the narrowest page first",
        ),
        pytest.param(
            {"transaction": "https://e.example/t/{txid}", "block": "https://e.example/{block}"},
            EvidenceItem(CLAIM, "1.11.5", 7, None, None, None),
            "https://e.example/7",
            id="the next one where the first has a blank that is not known",
        ),
        pytest.param(
            {"block": "https://e.example/{block}/{trx_in_block}"},
            EvidenceItem(CLAIM, "1.11.5", 7, None, None, None),
            None,
            id="nothing that the chain did by itself stands in a transaction",
        ),
        pytest.param(
            {"operation": "https://e.example/{operation}"},
            EvidenceItem(CLAIM, "1.11.5/../../evil?x=1"),
            None,
            id="an id of another form",
        ),
        pytest.param(
            {"transaction": "https://e.example/{txid}"},
            EvidenceItem(CLAIM, transaction="javascript:alert(1)"),
            None,
            id="a transaction id of another form",
        ),
        pytest.param(
            {"account": "https://e.example/{account}"}, SHOWN, None, id="no such page"
        ),
    ],
)
def test_evidence_is_linked(
    pages: dict[str, str], shown: EvidenceItem, page: str | None
) -> None:
    assert links([own(**pages)], shown) == ([("mine", page)] if page else [])


def test_an_explorer_gives_one_link() -> None:
    found = links([own(**dict.fromkeys(PAGE_KINDS, "https://e.example/{operation}"))], SHOWN)

    assert len(found) == 1


def test_coordinates_are_told_without_any_explorer() -> None:
    assert coordinates(SHOWN) == f"block 31123, trx 2, op 0, 1.11.24815, txid {TXID}"
    assert coordinates(EvidenceItem(CLAIM)) == ""


def test_the_default_explorers_show_the_main_network_alone() -> None:
    recorded = diagnoses()["gateway-overdue-alone"]
    chain = recorded.evidence.history.network.chain_id

    assert for_chain(DEFAULT, MAIN_NETWORK) == DEFAULT
    assert for_chain(DEFAULT, chain) == ()
    assert document(recorded, View("zh", DEFAULT))["verdict"]["evidence"][0]["links"] == []


def test_the_default_links() -> None:
    assert [page for _, page in links(DEFAULT, SHOWN)] == [
        "https://blocksights.info/#/operations/1.11.24815",
        "https://bts.exchange/#/block/31123/2",
    ]
    known = {"account": "zhao-ming", "symbol": "NORTH.BTC"}
    assert [explorer.url(["account"], known) for explorer in DEFAULT] == [
        "https://blocksights.info/#/accounts/zhao-ming",
        "https://bts.exchange/#/account/zhao-ming",
    ]
    assert [explorer.url(["asset"], known) for explorer in DEFAULT] == [
        "https://blocksights.info/#/assets/NORTH.BTC",
        "https://bts.exchange/#/asset/NORTH.BTC",
    ]


def test_one_s_own_explorer_links_the_evidence_of_a_diagnosis() -> None:
    recorded = diagnoses()["gateway-overdue-alone"]
    view = View("en", (own(operation="https://e.example/{operation}"),))
    first = document(recorded, view)["verdict"]["evidence"][0]

    assert first["links"] == ["https://e.example/1.11.24815"]
    assert (first["trx_in_block"], first["op_in_trx"]) == (2, 0)


PAGE = "https://e.example/{block}"


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        pytest.param("https://e.example", "", "JSON list", id="no JSON"),
        pytest.param('{"name": "x"}', "", "JSON list", id="an object alone"),
        pytest.param('["x"]', "[0]", "an object", id="texts"),
        pytest.param([{"block": PAGE}], "[0].name", "missing", id="no name"),
        pytest.param(
            [{"name": " ", "block": PAGE}], "[0].name", "not empty", id="an empty name"
        ),
        pytest.param([{"name": "x" * 41, "block": PAGE}], "[0].name", "40", id="a long name"),
        pytest.param(
            [{"name": "x\n", "block": PAGE, "y": 1}], "[0].y", "use name", id="unknown"
        ),
        pytest.param(
            [{"name": "x", "tx": PAGE}], "[0].tx", "transaction", id="another's field"
        ),
        pytest.param([{"name": "x"}], "[0]", "at least one of", id="no page"),
        pytest.param([{"name": 1, "block": PAGE}], "[0].name", "in quotes", id="a number"),
        pytest.param(
            [{"name": "a", "block": PAGE}, {"name": "b", "block": "http://e.example/{block}"}],
            "[1].block",
            "https",
            id="no https, in the second",
        ),
        pytest.param(
            [{"name": "x", "block": "javascript:alert({block})"}],
            "[0].block",
            "https",
            id="script",
        ),
        pytest.param(
            [{"name": "x", "block": "https://me:pw@e.example/{block}"}],
            "[0].block",
            "without a login",
            id="a login",
        ),
        pytest.param(
            [{"name": "x", "block": 'https://e.example/{block}"onclick="x'}],
            "[0].block",
            "https",
            id="a quote",
        ),
        pytest.param(
            [{"name": "x", "block": "https://{block}.example/"}],
            "[0].block",
            "https",
            id="a blank in the host name",
        ),
        pytest.param(
            [{"name": "x", "block": "https://e.example/{height}"}],
            "[0].block",
            "{trx_in_block}",
            id="an unknown blank",
        ),
        pytest.param(
            [{"name": "x", "block": "https://e.example/{block"}],
            "[0].block",
            "no blanks but",
            id="half a blank",
        ),
        pytest.param(
            [{"name": "x", "block": "https://e.example/{block.__class__}"}],
            "[0].block",
            "no blanks but",
            id="a blank that looks inside",
        ),
        pytest.param(
            [{"name": "x", "block": "https://e.example/"}],
            "[0].block",
            "missing",
            id="no blank",
        ),
        pytest.param(
            [{"name": "x", "block": PAGE, "chain_id": "main"}],
            "[0].chain_id",
            "64 hexadecimal",
            id="no chain id",
        ),
    ],
)
def test_a_mistake_in_the_setting_is_named(text: object, place: str, remedy: str) -> None:
    given = text if isinstance(text, str) else json.dumps(text)
    with pytest.raises(BadSetting) as caught:
        read_settings({"DIAG_EXPLORERS": given})
    zh, en = caught.value.text.say("zh"), caught.value.text.say("en")

    assert en.startswith(f"DIAG_EXPLORERS{place}: ") and remedy in en
    assert zh.startswith(f"DIAG_EXPLORERS{place}：") and re.search("[\u4e00-\u9fff]", zh)
