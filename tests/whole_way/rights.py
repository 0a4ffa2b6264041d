"""Which rights of which roles the whole-way tests use: what the embedded AWS recorded, beside what is known of it."""

import json
import re
from pathlib import Path

KNOWN = Path(__file__).parent / "used_rights.json"  # role -> actions; a run of these tests says what is missing
OF_STACK = re.compile(r"almanac-(\w+)-[0-9A-F]+")  # a role's name on the embedded AWS; tests make roles of others


class Rights:
    """What a record of `local_aws/embedded/iam.py` says of the stack's roles, which go by their logical ids."""

    def __init__(self, record: Path) -> None:
        self.used: dict[str, set[str]] = {}
        self.denied: list[str] = []
        for line in map(json.loads, record.read_text().splitlines()):
            of_stack = OF_STACK.fullmatch(line["role"])
            if of_stack is None:
                continue
            role = of_stack[1]
            if line["denied"]:
                self.denied.append(f"{role} {line['action']} {line['denied']}")
            else:
                self.used.setdefault(role, set()).add(line["action"])

    def unknown(self) -> dict[str, list[str]]:
        """What was used, and does not stand in `used_rights.json`."""
        known = known_rights()
        missing = {role: sorted(actions - known.get(role, set())) for role, actions in self.used.items()}
        return {role: actions for role, actions in missing.items() if actions}


def known_rights() -> dict[str, set[str]]:
    """The rights that these tests are known to use: role -> actions."""
    return {role: set(actions) for role, actions in json.loads(KNOWN.read_text()).items()}
