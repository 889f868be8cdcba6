"""The state of the pages as the parameters of a URL, and back.

``state`` has the fields and writes them, ``reading`` reads what an address says, which is
data and never trusted, ``owned`` knows which of them are one page's alone, and ``pairs``
which cells to open with. Streamlit is not known here.
"""

from dashboard.link.owned import FIRST, arriving, of_page
from dashboard.link.pairs import (
    about,
    default_baseline,
    default_pair,
    partner,
    scenario_of,
    with_arm,
    with_baseline,
)
from dashboard.link.reading import Reading, read
from dashboard.link.state import (
    EVERY_VERSION,
    HOPS,
    Colouring,
    Link,
    Mismatch,
    has_state,
    param_of,
    to_params,
)

__all__ = [
    "EVERY_VERSION", "FIRST", "HOPS", "Colouring", "Link", "Mismatch", "Reading", "about",
    "arriving", "default_baseline", "default_pair", "has_state", "of_page", "param_of", "partner",
    "read", "scenario_of", "to_params", "with_arm",
    "with_baseline",
]  # fmt: skip
