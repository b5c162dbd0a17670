"""From the categories of a matter to the units whose duty it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.candidates import CLEAR, MOST, PLAUSIBLE, SHARE, TOGETHER, Candidates, candidates, shared_out
from triage.domain.decisions import Matter, MatterCategory
from triage.policy.pack.schema import Duty

UNITS = "squad market police sanitation property".split()


@dataclass
class _Pack:
    """As much of a pack as is asked for."""

    duties: dict[str, Duty]
    units: dict[str, SimpleNamespace] = field(
        default_factory=lambda: {unit: SimpleNamespace(name=unit.title()) for unit in UNITS}
    )


PACK = _Pack(
    {
        "fumes": Duty(lead="squad", assist=("market",), entry="油烟"),
        "vending": Duty(lead="squad", entry="占道"),
        "food": Duty(lead="market", assist=("squad", "police"), entry="食品"),
        "noise": Duty(lead=("squad", "police"), assist=("property",), entry="噪声"),
        "waste": Duty(lead="sanitation", entry="垃圾"),
        "fees": Duty(lead="property", entry="物业费"),
    }
)


def _named(found: Candidates) -> list[tuple[str, str]]:
    return [(unit.id, unit.role) for unit in found.units]


def test_one_sure_category_names_its_unit_and_those_that_assist():
    found = candidates(PACK, {"fumes": 0.9, "food": 0.1})
    assert _named(found) == [("squad", "lead"), ("market", "assist")]
    assert found.leads == ("squad",)
    assert found.duty_clear
    lead, assist = found.units
    assert (lead.name, lead.confidence, lead.duty) == ("Squad", 0.9, "油烟")
    assert (assist.confidence, assist.duty) == (0.9, "油烟")


def test_the_categories_of_one_unit_are_counted_together():
    found = candidates(PACK, {"fumes": 0.45, "vending": 0.4, "food": 0.15})
    assert found.units[0].confidence == pytest.approx(0.85)
    assert found.units[0].duty == "油烟", "the entry of its most probable category"
    assert found.duty_clear


def test_a_category_with_two_leads_is_never_clear():
    found = candidates(PACK, {"noise": 1.0})
    assert _named(found) == [("squad", "lead"), ("police", "lead"), ("property", "assist")]
    assert not found.duty_clear


def test_two_plausible_units_are_not_clear():
    found = candidates(PACK, {"fumes": 0.6, "waste": 0.3})
    assert found.leads == ("squad", "sanitation")
    assert not found.duty_clear


def test_a_unit_that_leads_does_not_assist_as_well():
    assert _named(candidates(PACK, {"food": 0.6, "fumes": 0.4})) == [
        ("market", "lead"),
        ("squad", "lead"),
        ("police", "assist"),
    ]


@pytest.mark.parametrize(("chance", "leads"), [(PLAUSIBLE, ("squad", "sanitation")), (PLAUSIBLE - 0.001, ("squad",))])
def test_a_unit_is_put_forward_from_the_plausible_share_on(chance, leads):
    assert candidates(PACK, {"fumes": 0.6, "waste": chance}).leads == leads


@pytest.mark.parametrize(("chance", "leads"), [(TOGETHER / 2, ("squad", "sanitation")), (TOGETHER / 2 - 0.001, ())])
def test_none_is_put_forward_where_all_are_together_more_likely_wrong(chance, leads):
    assert candidates(PACK, {"fumes": chance, "waste": chance}).leads == leads


@pytest.mark.parametrize(("chance", "clear"), [(CLEAR, True), (CLEAR - 0.001, False)])
def test_the_duty_is_clear_from_its_share_on(chance, clear):
    assert candidates(PACK, {"waste": chance}).duty_clear is clear


def test_a_unit_that_leads_another_category_of_the_set_assists_with_its_own_duty():
    found = candidates(PACK, {"waste": 0.8, "fees": 0.15}, in_set=("waste", "fees"))
    assert [(unit.id, unit.role, unit.confidence, unit.duty) for unit in found.units] == [
        ("sanitation", "lead", 0.8, "垃圾"),
        ("property", "assist", 0.15, "物业费"),
    ]
    assert found.leads == ("sanitation",)
    assert found.duty_clear, "one unit is clearly ahead"


@pytest.mark.parametrize(("chance", "in_set"), [(SHARE - 0.001, ("waste", "fees")), (SHARE, ("waste",)), (SHARE, ())])
def test_noise_and_what_is_outside_the_set_brings_no_assisting_unit(chance, in_set):
    assert _named(candidates(PACK, {"waste": 0.8, "fees": chance}, in_set)) == [("sanitation", "lead")]


def test_where_none_is_clearly_ahead_the_other_is_a_second_candidate():
    found = candidates(PACK, {"waste": 0.5, "fees": 0.3, "fumes": 0.15}, in_set=("waste", "fees", "fumes"))
    assert _named(found) == [("sanitation", "lead"), ("property", "lead")]
    assert not found.duty_clear


def test_a_category_of_the_set_without_a_duty_changes_nothing():
    found = candidates(PACK, {"waste": 0.8, "nobody's": 0.2}, in_set=("waste", "nobody's"))
    assert _named(found) == [("sanitation", "lead")]


def _matter(category: str, units: tuple[str, ...]) -> Matter:
    return Matter(MatterCategory(category, category, "", 0.9), "", "text", 0, 0, units)


def test_of_several_matters_the_one_the_text_is_most_about_leads_and_the_others_assist():
    several = [_matter("waste", ("sanitation",)), _matter("fumes", ("squad",))]
    found = shared_out(PACK, several, best="fumes")
    assert _named(found) == [("squad", "lead"), ("sanitation", "assist"), ("market", "assist")]
    assert [unit.duty for unit in found.units] == ["油烟", "垃圾", "油烟"]
    assert found.leads == ("squad", "sanitation"), "the rules see that the matter is for several units"
    assert not found.duty_clear


def test_several_matters_of_one_unit_are_its_clear_duty():
    found = shared_out(PACK, [_matter("fumes", ("squad",)), _matter("vending", ("squad",))], best="fumes")
    assert found.leads == ("squad",) and found.duty_clear


def test_a_matter_nobody_has_the_duty_for_leaves_the_duty_unclear():
    found = shared_out(PACK, [_matter("nobody's", ()), _matter("waste", ("sanitation",))], best="nobody's")
    assert _named(found) == [("sanitation", "lead")]
    assert not found.duty_clear
    assert shared_out(PACK, [_matter("nobody's", ())], best="nobody's") == Candidates((), (), False)


@pytest.mark.parametrize("categories", [{}, {"nobody's": 1.0}, {"nobody's": 0.9, "waste": 0.1}])
def test_where_no_unit_has_the_duty_none_is_named(categories):
    assert candidates(PACK, categories) == Candidates((), (), False)


chances = st.dictionaries(st.sampled_from([*PACK.duties, "nobody's"]), st.floats(0, 1)).map(
    lambda found: dict(sorted(found.items(), key=lambda pair: -pair[1]))
)


@given(chances)
def test_whatever_the_chances_the_list_is_in_order(categories):
    found = candidates(PACK, categories)
    leads = [unit for unit in found.units if unit.role == "lead"]
    assert tuple(unit.id for unit in leads) == found.leads
    assert len(leads) <= MOST
    assert [unit.confidence for unit in leads] == sorted((unit.confidence for unit in leads), reverse=True)
    assert all(PLAUSIBLE <= unit.confidence <= 1 for unit in leads)
    assert len({unit.id for unit in found.units}) == len(found.units)
    assert not found.duty_clear or len(leads) == 1


@pytest.mark.parametrize("policy", ["nanmatou", "yanji", "youyilu", "tangqiao", "moushi"])
def test_every_category_of_every_pack_leads_to_units_that_exist(service, policy):
    pack = service.town(policy).pack
    for category in service.taxonomy.ids:
        found = candidates(pack, {category: 1.0})
        assert {unit.id for unit in found.units} <= set(pack.units)
        assert bool(found.leads) == (category in pack.duties)
