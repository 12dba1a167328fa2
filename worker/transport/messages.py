"""Kafka protocol messages that aiokafka 0.14 lacks: transactional offset commits that name the group's generation
(KIP-447), stable offset fetches, and the two questions that find transactions left open by dead processes (KIP-664)."""

from typing import Any, ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

_TAGS = ("tags", TaggedFields)


class TxnOffsetCommitResponseV3(Response):  # type: ignore[misc]  # aiokafka ships no types that hold
    API_KEY: ClassVar[int] = 28
    API_VERSION: ClassVar[int] = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "errors",
            CompactArray(
                ("topic", CompactString()),
                ("partitions", CompactArray(("partition", Int32), ("error_code", Int16), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class TxnOffsetCommitRequestV3(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types that hold
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY: ClassVar[int] = 28
    API_VERSION: ClassVar[int] = 3
    RESPONSE_TYPE = TxnOffsetCommitResponseV3
    SCHEMA = Schema(
        ("transactional_id", CompactString()),
        ("group_id", CompactString()),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("generation_id", Int32),
        ("member_id", CompactString()),
        ("group_instance_id", CompactString()),
        (
            "topics",
            CompactArray(
                ("topic", CompactString()),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", CompactString()),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class OffsetFetchResponseV7(Response):  # type: ignore[misc]  # aiokafka ships no types that hold
    API_KEY: ClassVar[int] = 9
    API_VERSION: ClassVar[int] = 7
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", CompactString()),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", CompactString()),
                        ("error_code", Int16),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        ("error_code", Int16),
        _TAGS,
    )


class OffsetFetchRequestV7(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types that hold
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY: ClassVar[int] = 9
    API_VERSION: ClassVar[int] = 7
    RESPONSE_TYPE = OffsetFetchResponseV7
    SCHEMA = Schema(
        ("group_id", CompactString()),
        ("topics", CompactArray(("topic", CompactString()), ("partitions", CompactArray(Int32)), _TAGS)),
        ("require_stable", Boolean),
        _TAGS,
    )


class DescribeProducersResponseV0(Response):  # type: ignore[misc]  # aiokafka ships no types that hold
    API_KEY: ClassVar[int] = 61
    API_VERSION: ClassVar[int] = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", CompactString()),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("error_message", CompactString()),
                        (
                            "producers",
                            CompactArray(
                                ("producer_id", Int64),
                                ("producer_epoch", Int32),
                                ("last_sequence", Int32),
                                ("last_timestamp", Int64),
                                ("coordinator_epoch", Int32),
                                ("txn_start_offset", Int64),
                                _TAGS,
                            ),
                        ),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class DescribeProducersRequestV0(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types that hold
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY: ClassVar[int] = 61
    API_VERSION: ClassVar[int] = 0
    RESPONSE_TYPE = DescribeProducersResponseV0
    SCHEMA = Schema(
        ("topics", CompactArray(("topic", CompactString()), ("partitions", CompactArray(Int32)), _TAGS)),
        _TAGS,
    )


class ListTransactionsResponseV0(Response):  # type: ignore[misc]  # aiokafka ships no types that hold
    API_KEY: ClassVar[int] = 66
    API_VERSION: ClassVar[int] = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("unknown_states", CompactArray(CompactString())),
        (
            "transactions",
            CompactArray(
                ("transactional_id", CompactString()),
                ("producer_id", Int64),
                ("state", CompactString()),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class ListTransactionsRequestV0(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types that hold
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY: ClassVar[int] = 66
    API_VERSION: ClassVar[int] = 0
    RESPONSE_TYPE = ListTransactionsResponseV0
    SCHEMA = Schema(("states", CompactArray(CompactString())), ("producer_ids", CompactArray(Int64)), _TAGS)


def _take_fields(self: Any, *fields: Any) -> None:
    self.fields = (*fields, {})


def _build_struct(self: Any, struct: Any) -> Any:
    return struct(*self.fields)


# Of each request one version is spoken; aiokafka refuses to send it to a broker that does not have that version.


class TxnOffsetCommit(Request[TxnOffsetCommitRequestV3]):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Fields: transactional id, group, producer id, epoch, generation, member, instance, topics."""

    API_KEY: ClassVar[int] = 28
    __init__ = _take_fields
    build = _build_struct


class StableOffsetFetch(Request[OffsetFetchRequestV7]):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Fields: group, topics, require_stable."""

    API_KEY: ClassVar[int] = 9
    __init__ = _take_fields
    build = _build_struct


class DescribeProducers(Request[DescribeProducersRequestV0]):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Fields: topics."""

    API_KEY: ClassVar[int] = 61
    __init__ = _take_fields
    build = _build_struct


class ListTransactions(Request[ListTransactionsRequestV0]):  # type: ignore[misc]  # aiokafka ships no types that hold
    """Fields: states, producer ids; an empty list stands for all."""

    API_KEY: ClassVar[int] = 66
    __init__ = _take_fields
    build = _build_struct


REQUIRED_VERSIONS = {
    "TxnOffsetCommit": (28, 3),
    "OffsetFetch": (9, 7),
    "DescribeProducers": (61, 0),
    "ListTransactions": (66, 0),
    "InitProducerId": (22, 0),
    "AddPartitionsToTxn": (24, 0),
    "AddOffsetsToTxn": (25, 0),
    "EndTxn": (26, 0),
}
"""Request → (API key, version) that exactly-once processing needs of the broker."""
