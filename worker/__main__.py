"""``client-status`` and ``python -m worker``."""

import sys

from worker.cli.app import main as run


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
