"""What every page stands in: the open store and the state in the URL.

A rerun begins with ``enter``, called by ``opening``; the page then asks for ``current``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard.cache import Lens
from dashboard.link import Link, arriving, has_state, of_page, read, to_params
from dashboard.shown_rows import measured, newest
from dashboard.views import address, reruns
from results.comparison import CellView
from results.overview import OverviewRow

_FRAME = "frame"
_LAST = "last-link"
_PAGE = "page"
_SEEN = "links-of-pages"
_TARGET = "link-to-open"
_PAIR = frozenset({"baseline", "candidate"})


@dataclass(frozen=True)
class Frame:
    """The store and the state of this rerun; ``names_pair`` where the pair was asked for."""

    lens: Lens
    link: Link
    names_pair: bool

    def cell(self, cell_id: str) -> CellView:
        """A cell that the link names; the link was read against this store."""
        return self.lens.cells_by_id()[cell_id]


def current() -> Frame:
    """The frame of this rerun."""
    frame: Frame = st.session_state[_FRAME]
    return frame


def enter(page: str, lens: Lens) -> tuple[str, ...]:
    """Make what the address asks for the state of this rerun; notes on what it asked in vain."""
    asked, repeated = _asked(page, lens)
    st.session_state[_PAGE] = page
    run_ids = [run.run_id for run in lens.runs()]
    reading = read(asked, lens.cells(), run_ids, _rows(lens, asked), repeated)
    names_pair = not _PAIR.isdisjoint(asked)
    st.session_state[_FRAME] = Frame(lens, of_page(reading.link, page), names_pair)
    pin(current().link)
    return reading.notes


def change(alter: Callable[[Link], Link]) -> None:
    """Move to another state of the page; for the callbacks of its controls. Back undoes it.

    Nothing happens where no one has used the control.
    """
    if reruns.is_repeated():
        return
    link = alter(current().link)
    _keep(link)
    address.move(to_params(link))


def pin(link: Link) -> None:
    """Make this the state of the page and of its address, such as what a page chose by itself."""
    _keep(link)
    address.complete(to_params(link))


def go_to(page: str, link: Link) -> None:
    """Open a page of ``views/`` with this state, as a page link would; Back comes back here.

    Streamlit would write the state into the address of this page before it goes.
    """
    st.session_state[_TARGET] = to_params(link)
    st.switch_page(f"views/{page}.py", query_params=st.query_params.to_dict())


def _keep(link: Link) -> None:
    """For this rerun, and for pages that are opened without an address."""
    st.session_state[_FRAME] = replace(current(), link=link)
    st.session_state[_LAST] = to_params(link)
    st.session_state.setdefault(_SEEN, {})[st.session_state[_PAGE]] = to_params(link)


def _rows(lens: Lens, asked: Mapping[str, str]) -> Sequence[OverviewRow]:
    """The overview that says what to open with; it takes time, and is not needed for a link."""
    if asked.get("baseline") in lens.cells_by_id():
        return ()
    return newest(measured(lens.overview()))


def _asked(page: str, lens: Lens) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The address's state, and what it says more than once.

    The navigation drops it, then the session's last state holds. An address that another page
    wrote, and that was left as it was, is none of this page either, unless Back or Forward led
    to it. One that a link of this page itself leads to is shown by Streamlit, but not written
    into the browser's address.
    """
    said = address.said()
    target: Mapping[str, str] | None = st.session_state.pop(_TARGET, None)
    last: dict[str, str] = st.session_state.get(_LAST, {})
    is_same_page = st.session_state.get(_PAGE) == page
    if target is not None:
        return target, ()
    if last and is_same_page and said.is_again:
        return last, ()  # said again, and maybe not completed yet: no entry of its own
    is_left_over = said.params == last and not is_same_page and not said.is_by_history
    if not last or (has_state(said.params) and not is_left_over):
        if last and is_same_page and not said.is_by_history:
            address.move(said.params)
        return said.params, said.repeated
    judged = lens.cells_by_id().get(last.get("candidate", ""))
    seen = st.session_state[_SEEN].get(page, {})
    return arriving(page, last, seen, judged.model_id if judged else ""), ()
