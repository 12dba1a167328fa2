"""The command line: all commands, and how a failure of any of them is told: one line, and the contract's exit code."""

import contextlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from aiokafka.errors import KafkaError
from cyclopts import App, CycloptsError

from worker.cli import (
    automation,
    console,
    dead_letters,
    demo,
    export,
    import_,
    projector,
    schemas,
    send,
    topics,
    watch,
    worker,
)
from worker.cli.output import note
from worker.errors import CommandFailed, SettingError, StopError

PROGRAM: Final = "client-status"
DONE: Final = 0

app = App(
    name=PROGRAM,
    help="Keeps every client's status and tags, from what happens on Kafka: exactly once, explained, in order.",
    version=lambda: f"{PROGRAM} {version('client-status-worker')}",
    help_format="markdown",
    suppress_keyboard_interrupt=False,
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
)
for _command, _name in (
    (demo.demo, "demo"),
    (worker.worker, "worker"),
    (projector.projector, "projector"),
    (console.app, "console"),
    (topics.app, "topics"),
    (send.send, "send"),
    (automation.app, "automation"),
    (import_.import_, "import"),
    (export.export, "export"),
    (watch.watch, "watch"),
    (dead_letters.app, "dead-letters"),
    (schemas.schemas, "schemas"),
):
    app.command(_command, name=_name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. What went wrong is one line on standard error."""
    try:
        code = app(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except CycloptsError as exc:
        return _tell(SettingError(f"{' '.join(str(exc).split())} See {PROGRAM} --help"))
    except StopError as exc:
        return _tell(exc)
    except KafkaError as exc:
        return _tell(CommandFailed(f"the Kafka broker failed: {exc!r}. Try again; what was done before stays done"))
    except KeyboardInterrupt:
        return _tell(CommandFailed("interrupted"))
    except (BrokenPipeError, SystemExit):  # whoever read our output, or our help, has seen enough
        sys.stdout = sys.stderr
        return DONE
    except OSError as exc:
        sys.stdout = sys.stderr  # what could not be written is not tried once more at the end
        return _tell(CommandFailed(f"the output cannot be written: {exc.strerror or exc}"))
    return code if isinstance(code, int) else DONE


def _tell(error: StopError) -> int:
    with contextlib.suppress(OSError):
        note(f"{PROGRAM}: {' '.join(str(error).split())}")
    return error.exit_code
