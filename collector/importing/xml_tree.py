"""An XML file as a tree whose elements know their line; documents with entities are refused.

Made on expat itself: a fault can then name its line, and nothing in a file can grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from collector.importing.source_file import SourceFile


@dataclass
class Element:
    """An element: its attributes, children, text, and the line where it begins."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def find(self, *path: str) -> Iterator[Element]:
        """The elements at a path of tags below this one, in order."""
        head, *rest = path
        for child in self.children:
            if child.tag == head:
                yield from child.find(*rest) if rest else (child,)


def read_tree(source: SourceFile) -> Element:
    """The root of the tree; UsageError with the line at fault where it is no whole XML."""
    parser = expat.ParserCreate()
    above = [Element("", {}, 0)]

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, parser.CurrentLineNumber)
        above[-1].children.append(element)
        above.append(element)

    def end(_: str) -> None:
        above.pop()

    def text(piece: str) -> None:
        above[-1].text += piece

    def doctype(*_: object) -> None:
        line = parser.CurrentLineNumber
        raise source.fault(line, "it declares a document type, which no execution graph does")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(source.text.lstrip().encode(), True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise source.fault(error.lineno, f"this is no whole XML ({what})") from error
    return above[0].children[0]
