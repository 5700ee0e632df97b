"""What an intrinsic function refers to."""

from __future__ import annotations

from typing import Any


def target(reference: Any) -> str:
    """The logical id that a Ref, GetAtt or Sub of one resource's attribute names."""
    match reference:
        case {"Ref": name}:
            return name
        case {"Fn::GetAtt": [name, *_]}:
            return name
        case {"Fn::GetAtt": str(name)} | {"Fn::Sub": str(name)}:
            return name.removeprefix("${").split(".")[0].split("}")[0]
    raise AssertionError(f"not a reference: {reference}")
