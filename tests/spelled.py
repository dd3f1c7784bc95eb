"""A marker as any holder of it would hold it, so that looking for it finds it in whatever coding it is there."""

from __future__ import annotations

from base64 import b64encode


def spellings(marker: str) -> dict[str, bytes]:
    """Return the byte strings that any holder of this text would hold."""
    plain = marker.encode()
    found = {
        "as it is": plain,
        "wide": marker.encode("utf-16-le"),
        "wider": marker.encode("utf-32-le"),
        "hexadecimal": plain.hex().encode(),
    }
    for shift in range(3):
        # The first and last digits also depend on what stands beside the marker.
        digits = b64encode(bytes(shift) + plain)
        found[f"base64 at {shift}"] = digits[(0, 2, 3)[shift] : len(digits) // 4 * 4 - 4]
    return found


def found_in(data: bytes, marker: str) -> set[str]:
    """Return the spellings of a marker that stand in these bytes."""
    folded = data.lower()
    return {
        name
        for name, spelling in spellings(marker).items()
        if spelling in data or (name == "hexadecimal" and spelling in folded)
    }
