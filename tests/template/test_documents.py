"""The documents lead to each other: every link has its target, and a reader of the README reaches every document."""

from __future__ import annotations

import re

from infra.local import settings

ROOT = settings.ROOT
README = ROOT / "README.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def documents():
    # not those of others, in what is built or installed
    folders = ("docs", "functions", "infra", "shared", "tests")
    found = [*ROOT.glob("*.md"), *(file for folder in folders for file in ROOT.joinpath(folder).rglob("*.md"))]
    assert len(found) > 20
    return found


def links(document):
    """Target file and heading of each link to something of this project."""
    for link in LINK.findall(CODE.sub("", document.read_text())):
        if "://" not in link:
            path, _, heading = link.partition("#")
            yield (document.parent / path).resolve() if path else document, heading


def headings(document):
    """As links name them: lower case, blanks as dashes, without punctuation."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_of_a_document_has_its_target():
    for document in documents():
        for target, heading in links(document):
            name = f"{document.relative_to(ROOT)}: {target}#{heading}"
            assert target.exists(), name
            assert not heading or heading in headings(target), name


def test_a_reader_of_the_readme_reaches_every_document():
    reached, follow = {README}, [README]
    while follow:
        for target, _ in links(follow.pop()):
            if target.suffix == ".md" and target not in reached:
                reached.add(target)
                follow.append(target)
    assert set(documents()) - reached == set()


def test_the_two_first_documents_stay_short():
    assert len(README.read_text().splitlines()) <= 120
    assert len(ROOT.joinpath("ARCHITECTURE.md").read_text().splitlines()) <= 200
