"""``client-status console``: the HTTP API over the read model; ``console token`` makes a token for it."""

import asyncio
from typing import Annotated

from cyclopts import App, Parameter

from worker.cli.ending import exit_code_of
from worker.cli.flags import BrokerFlags, ConsoleFlags, EnvFile, PatienceFlags, start
from worker.cli.output import note, say
from worker.console.tokens import Role, new

app = App()


@app.default
def console(
    *,
    broker: BrokerFlags = BrokerFlags(),
    served: ConsoleFlags = ConsoleFlags(),
    patience: PatienceFlags = PatienceFlags(),
    env_file: EnvFile = None,
) -> int:
    """Serve the HTTP API of docs/api.md: find clients, see what happened to them, send commands.

    SIGTERM and Ctrl-C stop it in order. Exit codes: 0 stopped in order, 2 a setting is wrong, 69 no broker or no Redis
    at start, 70 crash, 78 topics are missing.
    """
    from worker.console.service import run_console  # its libraries take a second to load

    settings = start(broker, served, patience, env_file=env_file, quiet=False).settings
    return exit_code_of(lambda: asyncio.run(run_console(settings)))


@app.command
def token(
    *,
    role: Annotated[Role, Parameter(help="viewer: may look; operator: may send commands, too.")],
    business: Annotated[
        list[str], Parameter(negative=(), help="For which business; may be given several times. * is all.")
    ],
    name: Annotated[str, Parameter(help="Whose it is; stands as the actor on commands.")] = "console",
) -> None:
    """Make a token for the API. Prints it, and the line for the file that CONSOLE_TOKENS_FILE names.

    The token is shown this once; the file holds its hash only. The console reads the file again when it changes.
    """
    secret, line = new(name, role, business)
    note("The token; it is not kept anywhere:")
    say(secret)
    note('\nThe entry for the file of CONSOLE_TOKENS_FILE, within {"tokens": [ ... ]}:')
    say(line)
