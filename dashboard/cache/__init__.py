"""What the pages read, kept under the digest of the store it was read from.

A newly arrived run gives another digest, so the next rerun of a page sees it. Nothing is
ever written to the store. ``lens`` is the open store and what all pages share; what one page
alone asks for lives in a module of its page's name. The only part besides the frame and the
views that knows Streamlit.
"""

from dashboard.cache.lens import Lens, open_lens

__all__ = ["Lens", "open_lens"]
