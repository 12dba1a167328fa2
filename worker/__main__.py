"""``client-status`` and ``python -m worker``."""

import sys

INTERRUPTED = 1


def main() -> None:
    """Run the command line and end with its exit code."""
    try:
        from worker.cli.app import main as run  # takes a second, in which there may be a Ctrl-C, too
        from worker.cli.output import prepare

        prepare()
        code = run()
    except KeyboardInterrupt:
        print("client-status: interrupted", file=sys.stderr)  # noqa: T201 - this is the command line
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
