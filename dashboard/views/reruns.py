"""What a rerun was asked for, where Streamlit does not say it to a callback.

A part of a page that runs by itself, such as the line of ``live``, is asked for with what all
controls of the page show in the browser. Where the browser has not been told yet what a page
has just become, that is what they showed before: nobody has used them.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState


def is_repeated() -> bool:
    """Whether the control whose callback this is stands outside the parts that are run."""
    context = get_script_run_ctx()
    parts = context.fragment_ids_this_run if context else None
    return bool(parts) and ThreadState.get().fragment_id not in (parts or ())
