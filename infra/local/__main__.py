"""Commands of the local stack: up [--detach] · down · status · token EMAIL · logs [FUNCTION]."""

from __future__ import annotations

import json
import sys

from infra.local import logs, run, stack


def main(arguments: list[str]) -> int:
    """Runs one command; the process's exit code."""
    match arguments:
        case ["up"]:
            return run.up()
        case ["up", "--detach"]:
            return run.detach()
        case ["down"]:
            return run.down()
        case ["status"]:
            content = stack.state()
            print(json.dumps({name: value for name, value in content.items() if name != "users"}, indent=2))
        case ["token", email]:
            print(stack.token(email))
        case ["logs", *function]:
            logs.show(function[0] if function else "")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (stack.NotRunning, logs.UnknownFunction) as problem:
        sys.exit(str(problem))
