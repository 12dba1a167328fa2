"""``client-status topics``: makes or checks the topics."""

from cyclopts import App

from worker import connecting, topic_admin
from worker.cli.flags import BrokerFlags, EnvFile, PatienceFlags, TopicsFlags, start
from worker.cli.output import note, say, table
from worker.errors import StateMismatch

app = App(name="topics", help="Make or check the topics.")


@app.command
async def create(
    *,
    broker: BrokerFlags = BrokerFlags(),
    topics: TopicsFlags = TopicsFlags(),
    patience: PatienceFlags = PatienceFlags(),
    env_file: EnvFile = None,
) -> None:
    """Make the topics that are missing; those that are there stay as they are.

    Safe to repeat. Waits for the broker (BROKER_PATIENCE). Ends with 78 when a topic that was there before does not
    fit. Where PARTITIONS is not given, topics that are added get as many partitions as the others have.
    """
    settings, given = start(broker, topics, patience, env_file=env_file)
    async with connecting.admin(settings, patience=settings.broker_patience) as admin:
        _report(await topic_admin.create(admin, settings, exactly="partitions" in given))


@app.command
async def check(
    *, broker: BrokerFlags = BrokerFlags(), topics: TopicsFlags = TopicsFlags(), env_file: EnvFile = None
) -> None:
    """Say of every topic whether it is there and fits. Ends with 78 when one does not.

    All must have the same number of partitions; when PARTITIONS is given, that number.
    """
    settings, given = start(broker, topics, env_file=env_file)
    partitions = settings.partitions if "partitions" in given else None
    async with connecting.admin(settings) as admin:
        _report(await topic_admin.check(admin, settings, partitions=partitions))


def _report(findings: list[topic_admin.Finding]) -> None:
    for line in table([(f.topic, f.state, f.text) for f in findings]):
        say(line)
    wrong = {f.topic for f in findings if f.wrong}
    if wrong:
        missing = sum(f.state == "missing" for f in findings)
        todo = "run client-status topics create" if missing == len(wrong) else "see what to do above"
        raise StateMismatch(f"{len(wrong)} topics are missing or do not fit ({', '.join(sorted(wrong))}): {todo}")
    note("All topics are there and fit.")
