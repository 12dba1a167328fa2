"""``client-status`` and ``python -m worker``."""

import sys

from worker.cli.app import main as run
from worker.cli.output import prepare


def main() -> None:
    """Run the command line and end with its exit code."""
    prepare()
    sys.exit(run())


if __name__ == "__main__":
    main()
