"""C4: every command and control message of the contract has its handler, so that none is ignored."""

from topics.registry import BY_NAME, COMMAND_TOPICS
from worker.domain.commands import COMMANDS
from worker.domain.control import CONTROL


def test_c4_every_command_and_control_message_has_one_handler() -> None:
    known = [message for topic in COMMAND_TOPICS for message in BY_NAME[topic].types.values()]
    assert sorted(m.__name__ for m in known) == sorted(m.__name__ for m in (*COMMANDS, *CONTROL))
