"""The table of docs/requests.md."""

from safelight.model.removal import NEEDED

_PLACES = {
    "signature": ("(i)", "physical or electronic, of the person depicted or of somebody authorised to act for them"),
    "identification": ("(ii)", "what is to be removed, and what is reasonably needed to find it"),
    "belief": ("(iii)", "in short, why they believe in good faith that it was published without consent"),
    "contact": ("(iv)", "how to reach them, or who acts for them"),
}


def parts() -> str:
    """What the Act asks for."""
    lines = ["| | field | missing is called | what it is |", "| --- | --- | --- | --- |"]
    for name, words in NEEDED.items():
        place, meaning = _PLACES[name]
        lines.append(f"| {place} | `{name}` | {words} | {meaning} |")
    return "\n".join(lines) + "\n"
