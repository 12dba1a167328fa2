"""``client-status projector``: everything committed into Redis or Valkey, for the console to search and show."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from worker.cli.ending import exit_code_of
from worker.cli.flags import BrokerFlags, EnvFile, PatienceFlags, ReadModelFlags, start
from worker.readmodel.service import run_projector


def projector(
    *,
    rebuild: Annotated[
        bool,
        Parameter(
            negative=(),
            help="Make the read model anew from Kafka, beside the one that is there; it takes its place when it has "
            "caught up, and then goes on.",
        ),
    ] = False,
    broker: BrokerFlags = BrokerFlags(),
    model: ReadModelFlags = ReadModelFlags(),
    patience: PatienceFlags = PatienceFlags(),
    env_file: EnvFile = None,
) -> int:
    """Keep the read model in Redis or Valkey up to date, and go on from where it is.

    SIGTERM and Ctrl-C stop it in order. Exit codes: 0 stopped in order, 2 a setting is wrong, 69 no broker or no Redis
    at start, 70 crash, 78 topics are missing, or were made anew (then: --rebuild).
    """
    settings = start(broker, model, patience, env_file=env_file, quiet=False).settings
    return exit_code_of(lambda: asyncio.run(run_projector(settings, rebuild=rebuild)))
