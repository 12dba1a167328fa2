"""Every topic once: its name, direction, cleanup policy, and the types of events that travel on it."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from topics import (
    actions,
    audience_changes,
    bookings,
    clients,
    commands,
    control,
    engagement,
    invoices,
    merges,
    payments,
    results,
    status_changes,
    tag_changes,
)

Direction = Literal["in", "out"]
Cleanup = Literal["delete", "compact"]
KEEP_FOREVER: Final = "-1"
MAX_INPUT_BYTES: Final = 1 << 20
"""J4: a record's value may have 1 MiB; a larger one is dead-lettered as ``too_large``."""
INPUT_TOPIC_BYTES: Final = 2 << 20
"""What an input topic itself takes, so that a record that is too large is answered, not refused by the broker."""
STATE_TOPIC_BYTES: Final = 8 << 20
"""Cards with thousands of bookings, what is told of all that is on one, and dead letters with their headers, must
always fit."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic of the contract. ``types`` maps the CloudEvents type to the struct of its ``data``."""

    name: str
    direction: Direction
    about: str
    cleanup: Cleanup = "delete"
    types: Mapping[str, type[msgspec.Struct]] = {}
    config: Mapping[str, str] = {}

    @property
    def configs(self) -> dict[str, str]:
        """Topic configuration for the broker, the cleanup policy included."""
        return {"cleanup.policy": self.cleanup, **self.config}


_IN: Final = {"max.message.bytes": str(INPUT_TOPIC_BYTES)}
_STATE: Final = {"max.message.bytes": str(STATE_TOPIC_BYTES)}

TOPICS: Final[tuple[Topic, ...]] = (
    Topic(
        name="bookings",
        direction="in",
        config=_IN,
        about="appointments and group events",
        types={
            "booking.scheduled": bookings.BookingScheduled,
            "booking.rescheduled": bookings.BookingRescheduled,
            "booking.cancelled": bookings.BookingCancelled,
            "booking.attended": bookings.BookingAttended,
            "booking.no_show": bookings.BookingNoShow,
        },
    ),
    Topic(
        name="invoices",
        direction="in",
        config=_IN,
        about="invoices",
        types={"invoice.issued": invoices.InvoiceIssued, "invoice.cancelled": invoices.InvoiceCancelled},
    ),
    Topic(
        name="payments",
        direction="in",
        config=_IN,
        about="payments and refunds",
        types={
            "payment.received": payments.PaymentReceived,
            "payment.recorded": payments.PaymentReceived,
            "payment.refunded": payments.PaymentRefunded,
        },
    ),
    Topic(
        name="clients",
        direction="in",
        config=_IN,
        about="client cards: created, imported, updated, messages, notes, documents, reviews",
        types={
            "client.created": clients.ClientCreated,
            "client.imported": clients.ClientImported,
            "client.updated": clients.ClientUpdated,
            "client.messaged": clients.ClientMessaged,
            "client.noted": clients.ClientNoted,
            "client.documented": clients.ClientDocumented,
            "client.reviewed": clients.ClientReviewed,
            "client.card_saved": clients.ClientCardSaved,
        },
    ),
    Topic(
        name="engagement",
        direction="in",
        config=_IN,
        about="who viewed or clicked which marketing material",
        types={
            "campaign.delivered": engagement.CampaignEvent,
            "campaign.viewed": engagement.CampaignEvent,
            "campaign.clicked": engagement.CampaignEvent,
        },
    ),
    Topic(
        name="client-commands",
        direction="in",
        config=_IN,
        about="what staff do by hand: set status, tag, merge, re-evaluate, erase",
        types={
            "status.set": commands.StatusSet,
            "tags.add": commands.TagsAdd,
            "tags.remove": commands.TagsRemove,
            "tag.rename": commands.TagRename,
            "tag.delete": commands.TagDelete,
            "clients.merge": commands.ClientsMerge,
            "clients.reevaluate": commands.ClientsReevaluate,
            "client.erase": commands.ClientErase,
            "action.request": commands.ActionRequest,
        },
    ),
    Topic(
        name="control",
        direction="in",
        config={**_IN, "retention.ms": KEEP_FOREVER, "retention.bytes": KEEP_FOREVER},
        about="settings toggles, status catalogue, tag rules, audiences",
        types={
            "automation.set": control.AutomationSet,
            "status.define": control.StatusDefine,
            "status.remove": control.StatusRemove,
            "status_group.define": control.StatusGroupDefine,
            "status_group.remove": control.StatusGroupRemove,
            "classification.define": control.ClassificationDefine,
            "classification.remove": control.ClassificationRemove,
            "field.define": control.FieldDefine,
            "field.remove": control.FieldRemove,
            "tag_rule.define": control.TagRuleDefine,
            "tag_rule.remove": control.TagRuleRemove,
            "audience.define": control.AudienceDefine,
            "audience.remove": control.AudienceRemove,
        },
    ),
    Topic(
        name="client-status-changes",
        direction="out",
        about="status-change events",
        types={
            "client.status.changed": status_changes.StatusChanged,
            "client.status.review_suggested": status_changes.ReviewSuggested,
        },
    ),
    Topic(
        name="client-tag-changes",
        direction="out",
        about="tag events",
        types={"client.tags.changed": tag_changes.TagsChanged},
    ),
    Topic(
        name="audience-changes",
        direction="out",
        about="a client entered or left a saved filter",
        types={"audience.entered": audience_changes.AudienceMoved, "audience.left": audience_changes.AudienceMoved},
    ),
    Topic(
        name="client-merges",
        direction="out",
        about="clients became one, or were erased",
        types={"client.merged": merges.ClientMerged, "client.erased": merges.ClientErased},
    ),
    Topic(
        name="client-actions",
        direction="out",
        config=_STATE,
        about="reminders, invoices and invitations asked for from a client card",
        types={"action.requested": actions.ActionRequested},
    ),
    Topic(
        name="command-results",
        direction="out",
        config=_STATE,
        about="what became of each command and control message",
        types={
            "command.applied": results.CommandResult,
            "command.partly_applied": results.CommandResult,
            "command.rejected": results.CommandResult,
            "command.progress": results.CommandProgress,
        },
    ),
    Topic(
        name="client-profiles",
        direction="out",
        cleanup="compact",
        config=_STATE,
        about="the current card of every client, key `businessid/client_id`",
    ),
    Topic(
        name="business-settings",
        direction="out",
        cleanup="compact",
        config=_STATE,
        about="the settings in force of every business, key `businessid`",
    ),
    Topic(
        name="dead-letters",
        direction="out",
        # They keep the timestamps of their originals: an old record's would be deleted within minutes.
        config={**_STATE, "retention.ms": KEEP_FOREVER},
        about="records that could not be processed, byte for byte",
    ),
)

BY_NAME: Final[Mapping[str, Topic]] = {t.name: t for t in TOPICS}
INPUTS: Final[tuple[Topic, ...]] = tuple(t for t in TOPICS if t.direction == "in")
OUTPUTS: Final[tuple[Topic, ...]] = tuple(t for t in TOPICS if t.direction == "out")
TOPIC_OF_TYPE: Final[Mapping[str, str]] = {type_: t.name for t in TOPICS for type_ in t.types}
INPUT_TYPES: Final[Mapping[str, type[msgspec.Struct]]] = {
    type_: data for t in INPUTS for type_, data in t.types.items()
}
CONTROL: Final = "control"
PROFILES: Final = "client-profiles"
SETTINGS: Final = "business-settings"
DEAD_LETTERS: Final = "dead-letters"
COMMAND_RESULTS: Final = "command-results"
COMMAND_TOPICS: Final = frozenset({"client-commands", CONTROL})
"""Every message on these gets exactly one answer (C4)."""
STATE_TOPICS: Final = (SETTINGS, PROFILES)
"""The changelogs of the worker's tables, in the order in which they are written and restored."""
