"""PDFs out of typst templates: tagged for screen readers (PDF/UA-1), without system fonts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]


def render_pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Render a template of ours, which finds `data` as JSON in `sys.inputs.data`.

    Data never becomes markup, so no name or description can change the document. A template
    may import another one by its path from the project's root.
    """
    return typst.compile(
        template,
        root=ROOT,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
    )
