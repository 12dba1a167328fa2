"""A: what statuses there are, what they are called, and who may change them."""

import pytest

from tests.domain.driver import Driver


def statuses(salon: Driver) -> dict[str, dict]:
    return {s["code"]: s for s in salon.settings["statuses"]}


def test_a1_a_business_starts_with_four_statuses_in_order(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    assert [s["code"] for s in salon.settings["statuses"]] == ["lead", "customer", "vip", "inactive"]


@pytest.mark.parametrize(
    ("locale", "labels"),
    [
        ("en", ["Lead", "Customer", "VIP", "Inactive"]),
        ("nl", ["Lead", "Klant", "VIP", "Inactief"]),
        ("it", ["Potenziale cliente", "Cliente", "VIP", "Inattivo"]),
        ("fi", ["Potentiaalinen asiakas", "Asiakas", "VIP", "Entinen asiakas"]),
        ("de", ["Lead", "Kunde", "VIP", "Inaktiv"]),
        ("fr", ["Prospect", "Client", "VIP", "Inactif"]),
        ("es", ["Cliente potencial", "Cliente", "VIP", "Inactivo"]),
        ("nl-BE", ["Lead", "Klant", "VIP", "Inactief"]),
        ("sv", ["Lead", "Customer", "VIP", "Inactive"]),
    ],
)
def test_a1_labels_of_the_first_statuses_in_the_locale_of_the_business(
    salon: Driver, locale: str, labels: list[str]
) -> None:
    salon.ask("automation.set", "09:00", locale=locale)
    assert salon.settings["locale"] == locale
    assert [s["label"] for s in salon.settings["statuses"]] == labels
    told = salon.tell("client.created", "10:00", client_id="c1")[0]
    assert told["data"]["to_label"] == labels[0]


def test_a2_the_switches_by_default_and_on_every_change(salon: Driver) -> None:
    salon.tell("client.created", "09:00", client_id="c1")
    (told,) = [o for o in salon.tell("status.set", "10:00", client_ids=["c1"], status="inactive") if "subject" in o]
    data = told["data"]
    assert (data["from_ended"], data["ended"], data["project_allowed"], data["supplier_allowed"]) == (
        False, True, True, True,
    )  # fmt: skip
    (told,) = [o for o in salon.tell("status.set", "11:00", client_ids=["c1"], status="vip") if "subject" in o]
    assert (told["data"]["from_ended"], told["data"]["ended"]) == (True, False)


def test_a2_a_new_status_comes_last_with_a_colour_of_its_own_and_the_default_switches(salon: Driver) -> None:
    assert salon.ask("status.define", "09:00", code="partner")["result"] == "applied"
    found = salon.settings["statuses"]
    assert found[-1]["code"] == "partner"
    assert found[-1]["label"] == "partner"
    assert len({s["color"] for s in found}) == len(found)
    assert (found[-1]["project_allowed"], found[-1]["supplier_allowed"], found[-1]["ended"]) == (True, True, False)


def test_a2_a_plain_label_is_for_all_locales_and_labels_are_per_locale(salon: Driver) -> None:
    salon.ask("automation.set", "09:00", locale="nl")
    salon.ask("status.define", "09:01", code="customer", label="Gast")
    assert statuses(salon)["customer"]["label"] == "Gast"
    salon.ask("status.define", "09:02", code="partner", label={"en": "Partner", "nl": "Maat"})
    assert statuses(salon)["partner"]["label"] == "Maat"
    salon.ask("automation.set", "09:03", locale="fi")
    assert (statuses(salon)["partner"]["label"], statuses(salon)["customer"]["label"]) == ("Partner", "Gast")


def test_a2_locales_are_compared_as_bcp_47_says(salon: Driver) -> None:
    """Case has no meaning, and a variant takes the label of what it is a variant of."""
    salon.ask("automation.set", "09:00", locale="NL-be")
    assert salon.settings["locale"] == "nl-BE"
    assert statuses(salon)["customer"]["label"] == "Klant"
    labels = {"en": "Partner", "zh-hant": "夥伴", "ZH": "伙伴"}
    salon.ask("status.define", "09:01", code="partner", label=labels)
    assert statuses(salon)["partner"]["labels"] == {"en": "Partner", "zh-Hant": "夥伴", "zh": "伙伴"}
    expected = {"zh-Hant-TW": "夥伴", "zh-Hans-CN": "伙伴", "EN-gb-u-CA-buddhist": "Partner"}
    for n, (locale, label) in enumerate(expected.items()):
        salon.ask("automation.set", f"09:0{2 + n}", locale=locale)
        assert statuses(salon)["partner"]["label"] == label
    assert salon.settings["locale"] == "en-GB-u-ca-buddhist"


def test_a3_a_role_moves_and_the_status_it_left_can_go(salon: Driver) -> None:
    refused = salon.ask("status.remove", "09:00", code="lead")
    assert refused["result"] == "rejected"
    assert refused["errors"][0]["code"] == "status_has_role"
    salon.ask("status.define", "09:01", code="prospect", role="initial")
    assert "role" not in statuses(salon)["lead"]
    assert statuses(salon)["prospect"]["role"] == "initial"
    assert salon.ask("status.remove", "09:02", code="lead")["result"] == "applied"
    salon.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert salon.changes("c1") == [
        (None, "prospect", "10:00", "created"),
        ("prospect", "customer", "10:00", "payment_made"),
    ]


def test_a3_automation_knows_roles_not_codes(salon: Driver) -> None:
    salon.ask("status.define", "09:00", code="fan", role="converted")
    salon.tell("payment.received", "10:00", client_id="c1", payment_id="p1", amount="1", currency="EUR")
    assert salon.status("c1") == "fan"


def test_a3_a_status_with_a_role_cannot_take_another_and_leave_its_own_to_nobody(salon: Driver) -> None:
    assert salon.ask("status.define", "09:00", code="customer", role="initial")["result"] == "rejected"
    salon.tell("client.created", "10:00", client_id="c1")
    assert statuses(salon)["customer"]["role"] == "converted"
    assert statuses(salon)["lead"]["role"] == "initial"


def test_a4_rename_recolour_reorder(salon: Driver) -> None:
    salon.ask("status.define", "09:00", code="vip", label="Star", color="#00ff00", order=-5, ended=True)
    first = salon.settings["statuses"][0]
    assert (first["code"], first["label"], first["color"].upper(), first["ended"]) == ("vip", "Star", "#00FF00", True)


def test_a4_at_most_a_hundred_statuses(salon: Driver) -> None:
    for number in range(96):
        assert salon.ask("status.define", "09:00", code=f"s{number}")["result"] == "applied"
    assert salon.ask("status.define", "09:00", code="one-more")["errors"][0]["code"] == "invalid_data"
    assert salon.ask("status.define", "09:00", code="s0", label="Changed")["result"] == "applied"
    assert len(salon.settings["statuses"]) == 100


def test_a5_a_status_in_use_stays_and_the_answer_says_how_many_have_it(salon: Driver) -> None:
    salon.ask("status.define", "09:00", code="partner")
    salon.ask("status.set", "09:01", client_ids=["c1", "c2"], status="partner")
    refused = salon.ask("status.remove", "09:02", code="partner")
    assert refused["result"] == "rejected"
    assert refused["errors"][0]["code"] == "status_in_use"
    assert "2" in refused["errors"][0]["message"]
    salon.ask("status.set", "09:03", client_ids=["c1", "c2"], status="vip")
    assert salon.ask("status.remove", "09:04", code="partner")["result"] == "applied"
    assert salon.ask("status.set", "09:05", client_ids=["c1"], status="partner")["errors"][0]["code"] == (
        "unknown_status"
    )


def test_a5_removing_what_is_not_there_is_rejected(salon: Driver) -> None:
    assert salon.ask("status.remove", "09:00", code="nobody")["errors"][0]["code"] == "unknown_status"


def test_a6_a_reason_only_for_an_end_and_only_one_that_is_defined(salon: Driver) -> None:
    def refusal(**data: str) -> str:
        return str(salon.ask("status.set", "09:00", client_ids=["c1"], **data)["errors"][0]["code"])

    assert refusal(status="vip", end_reason="moved") == "end_reason_not_applicable"
    assert refusal(status="inactive", end_reason="moved") == "unknown_end_reason"
    salon.ask("automation.set", "08:00", require_end_reason=True)
    assert refusal(status="inactive") == "end_reason_required"
    assert not salon.has_card("c1")


def test_the_settings_show_how_many_clients_have_each_status(salon: Driver) -> None:
    salon.ask("status.set", "09:00", client_ids=["c1", "c2"], status="vip")
    salon.tell("client.created", "09:00", client_id="c3")
    salon.settle()
    assert {code: s["clients"] for code, s in statuses(salon).items()} == {
        "lead": 1, "customer": 0, "vip": 2, "inactive": 0,
    }  # fmt: skip
    salon.restart()
    salon.settle()
    assert statuses(salon)["vip"]["clients"] == 2
