"""Pages as a browser reads them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


def tree(response: TestResponse) -> Element:
    """The page as a browser reads it; anything that is not valid HTML is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(response.text)
    return found
