"""Which post a rule's role means, and which duties answer for it when the office is closed."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.vocabulary import Role
from triage.policy.pack.pack import Pack
from triage.records.people import Post

ROLE_NAMES = {
    Role.DISPATCHER: "派单员",
    Role.CENTRE: "城运中心",
    Role.CENTRE_LEADER: "分管城运中心的领导",
    Role.DEPUTY_LEADER: "分管领导",
    Role.DUTY_LEADER: "值班领导",
    Role.MAIN_LEADER: "主要领导",
    Role.UNIT: "经办人",
    Role.UNIT_HEAD: "负责人",
    Role.MEETING: "专题会议",
    Role.PARTY_OFFICE: "党政办",
    Role.DISCIPLINE: "纪检",
    Role.DISTRICT: "区城运",
    Role.CITY: "市级平台",
    Role.ANALYST: "数据分析员",
    Role.ADMIN: "系统管理员",
}
Duty = tuple[Role, str | None]


@dataclass(frozen=True, slots=True)
class Seat:
    """What is looked for: a post of a role, of a unit or of these leaders; `name` is how people call it.

    `duties` answer for it outside office hours, the nearest first; none where nobody stands in for it then.
    """

    role: Role
    name: str
    unit: str | None = None
    leaders: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()

    def fits(self, post: Post) -> bool:
        """Whether a post is this one."""
        if self.leaders:
            return post.leader in self.leaders
        return post.role == self.role and post.unit == self.unit


def seat_of(role: Role, unit: str | None, pack: Pack) -> Seat | str:
    """The seat that a role means, for a unit's order where one is named; or, in Chinese, why it means none."""
    if unit is not None and unit not in pack.units:
        return f"辖区内没有编号为{unit}的单位"
    if role in (Role.UNIT, Role.UNIT_HEAD):
        if unit is None:
            return f"未说明是哪个单位，无法确定{ROLE_NAMES[role]}"
        duties: tuple[Duty, ...] = ((Role.UNIT, unit), (Role.CENTRE, None))
        return Seat(role, pack.units[unit].name + ROLE_NAMES[role], unit, duties=duties)
    if role is Role.DUTY_LEADER:
        return Seat(role, ROLE_NAMES[role], duties=((Role.DUTY_LEADER, None),))
    if role is Role.DEPUTY_LEADER:
        return _line(unit, pack)
    if role in (Role.CENTRE_LEADER, Role.MAIN_LEADER, Role.MEETING):
        return _leaders(role, pack)
    if role in (Role.DISTRICT, Role.CITY, Role.ANALYST, Role.ADMIN):
        return Seat(role, ROLE_NAMES[role])
    return Seat(role, ROLE_NAMES[role], duties=tuple(dict.fromkeys(((role, None), (Role.CENTRE, None)))))


def _line(unit: str | None, pack: Pack) -> Seat | str:
    """The leader whose line a unit belongs to."""
    deputies = [leader.id for leader in pack.leaders.values() if leader.role == str(Role.DEPUTY_LEADER)]
    if unit is None and len(deputies) != 1:
        return "未说明是哪个单位，无法确定是哪位分管领导"
    leader = deputies[0] if unit is None else pack.units[unit].leader
    title = pack.leaders[leader].title
    return Seat(Role.DEPUTY_LEADER, title, leaders=(leader,), duties=((Role.DUTY_LEADER, None),))


def _leaders(role: Role, pack: Pack) -> Seat | str:
    """The one leader of a kind; a meeting is called with the main leader's consent (nanmatou:opinion/3.1.3)."""
    wanted = str(Role.MAIN_LEADER if role is Role.MEETING else role)
    found = [leader for leader in pack.leaders.values() if leader.role == wanted]
    if not found:
        return f"规则包未列{ROLE_NAMES[Role(wanted)]}"
    name = "、".join(leader.title for leader in found)
    duties: tuple[Duty, ...] = ((Role.DUTY_LEADER, None),) if role is Role.CENTRE_LEADER else ()
    shown = f"召集专题会议的{name}" if role is Role.MEETING else name
    return Seat(role, shown, leaders=tuple(leader.id for leader in found), duties=duties)
