"""docs/causes.md and the catalogue say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from results.causes import CATALOGUE, Cause

DOCS = (Path(__file__).parents[2] / "docs" / "causes.md").read_text(encoding="utf-8")


def _sections() -> dict[str, str]:
    """The text under each heading of the form ``### `id```."""
    parts = re.split(r"^### `(\w+)`.*$", DOCS, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_docs_explain_every_cause_in_the_catalogues_order_and_no_other() -> None:
    assert list(_sections()) == [cause.cause_id for cause in CATALOGUE]


@pytest.mark.parametrize("cause", CATALOGUE, ids=lambda cause: cause.cause_id)
def test_the_docs_say_of_a_cause_what_the_catalogue_says(
    cause: Cause,
) -> None:
    text = " ".join(_sections()[cause.cause_id].split())
    for words in (
        f"**{cause.title}.**",
        f"Seen when {cause.seen_when}.",
        f"Recoverable: {cause.recoverable}.",
        f"Confidence: {cause.confidence}",
        f"What to do: {cause.action}.",
    ):
        assert words in text, words
    for heading in ("Example:", "It does not say"):
        assert heading in text, heading
