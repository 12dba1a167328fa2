"""What a business has defined (A, D6, F, G2, G3), judged at arrival: definitions apply to what comes after them."""

from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]
BUILT_IN = {"lead": "initial", "customer": "converted", "vip": None, "inactive": "dormant"}


class Catalogue:
    """Statuses with their roles and switches; groups, classifications, fields, rules and audiences by code."""

    def __init__(self) -> None:
        self.statuses: dict[str, dict[str, Any]] = {code: {"ended": code == "inactive"} for code in BUILT_IN}
        self.roles = {role: code for code, role in BUILT_IN.items() if role}
        self.roles_moved = False
        self.groups: dict[str, list[str]] = {}
        self.classes: dict[tuple[str, str], Event] = {}
        self.fields: dict[str, Event] = {}
        self.rules: dict[str, Event] = {}
        self.audiences: dict[str, Event] = {}

    def ended(self, code: str) -> bool:
        """Is the relationship over in this status?"""
        return bool(self.statuses[code]["ended"])

    def refusals(
        self, event: Event, in_use: Mapping[str, int], values_in_use: Mapping[tuple[str, str], int]
    ) -> set[str]:
        """The codes with which a control message is refused; each that applies will do. None: it is applied."""
        return set(getattr(self, "_refuse_" + event["type"].replace(".", "_"), self._nothing)(
            event["data"], in_use, values_in_use
        ))  # fmt: skip

    def apply(self, event: Event) -> None:
        """An applied control message."""
        getattr(self, "_apply_" + event["type"].replace(".", "_"))(event["data"])

    @staticmethod
    def _nothing(*_: object) -> set[str]:
        return set()

    # -- statuses -------------------------------------------------------------------------------------------------

    def _apply_status_define(self, data: Event) -> None:
        status = self.statuses.setdefault(data["code"], {"ended": False})
        if "ended" in data:
            status["ended"] = data["ended"]
        if "role" in data and self.roles.get(data["role"]) != data["code"]:
            self.roles = {role: code for role, code in self.roles.items() if code != data["code"]}
            self.roles[data["role"]] = data["code"]
            self.roles_moved = True

    def _refuse_status_remove(self, data: Event, in_use: Mapping[str, int], _: object) -> set[str]:
        code, target = data["code"], data.get("move_to")
        found = set()
        if code not in self.statuses or (target is not None and target not in self.statuses):
            found.add("unknown_status")
        if code in self.roles.values():
            found.add("status_has_role")
        if target is None and in_use.get(code, 0):
            found.add("status_in_use")
        if target == code:
            found.add("invalid_data")
        return found

    def _apply_status_remove(self, data: Event) -> None:
        del self.statuses[data["code"]]
        for codes in self.groups.values():
            codes[:] = [code for code in codes if code != data["code"]]

    def _refuse_status_group_define(self, data: Event, *_: object) -> set[str]:
        return set() if set(data["statuses"]) <= set(self.statuses) else {"unknown_status"}

    def _apply_status_group_define(self, data: Event) -> None:
        self.groups[data["code"]] = list(data["statuses"])

    def _refuse_status_group_remove(self, data: Event, *_: object) -> set[str]:
        return set() if data["code"] in self.groups else {"unknown_status_group"}

    def _apply_status_group_remove(self, data: Event) -> None:
        del self.groups[data["code"]]

    # -- the rest -------------------------------------------------------------------------------------------------

    def _apply_classification_define(self, data: Event) -> None:
        self.classes[data["kind"], data["code"]] = data

    def _refuse_classification_remove(self, data: Event, _: object, values: Mapping[tuple[str, str], int]) -> set[str]:
        key = data["kind"], data["code"]
        if key not in self.classes:
            return {"unknown_classification"}
        return {"classification_in_use"} if values.get(key) else set()

    def _apply_classification_remove(self, data: Event) -> None:
        del self.classes[data["kind"], data["code"]]

    def _apply_field_define(self, data: Event) -> None:
        self.fields[data["field_id"]] = data

    def _refuse_field_remove(self, data: Event, *_: object) -> set[str]:
        return set() if data["field_id"] in self.fields else {"unknown_field"}

    def _apply_field_remove(self, data: Event) -> None:
        del self.fields[data["field_id"]]

    def _apply_tag_rule_define(self, data: Event) -> None:
        self.rules[data["rule_id"]] = {**self.rules.get(data["rule_id"], {}), **data}  # C1

    def _refuse_tag_rule_remove(self, data: Event, *_: object) -> set[str]:
        return set() if data["rule_id"] in self.rules else {"unknown_rule"}

    def _apply_tag_rule_remove(self, data: Event) -> None:
        del self.rules[data["rule_id"]]

    def _refuse_audience_define(self, data: Event, *_: object) -> set[str]:
        return {"invalid_filter"} if data["filter"].get("field") == "shoe_size" else set()

    def _apply_audience_define(self, data: Event) -> None:
        self.audiences[data["audience_id"]] = data

    def _refuse_audience_remove(self, data: Event, *_: object) -> set[str]:
        return set() if data["audience_id"] in self.audiences else {"unknown_audience"}

    def _apply_audience_remove(self, data: Event) -> None:
        del self.audiences[data["audience_id"]]
