"""What comes back every year, as data: general knowledge of the trade, to be confirmed by each town's own counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class SeasonalMatter:
    """A matter of certain months, the categories it falls under, and what to look at beforehand (未诉先办)."""

    id: str
    name: str
    months: frozenset[int]
    categories: tuple[str, ...]
    look_at: tuple[str, ...]

    def falls_in(self, first: date, last: date) -> bool:
        """Whether any of these days lies in its months.

        >>> SEASONS[0].falls_in(date(2026, 5, 26), date(2026, 6, 1))
        True
        """
        days = min((last - first).days, 366)
        return any((first + timedelta(days=number)).month in self.months for number in range(days + 1))


def _matter(key: str, name: str, months: str, categories: str, *look_at: str) -> SeasonalMatter:
    numbers = frozenset(int(month) for month in months.split())
    return SeasonalMatter(key, name, numbers, tuple(categories.split()), look_at)


SEASONS: tuple[SeasonalMatter, ...] = (
    _matter(
        "flooding",
        "汛期积水与房屋渗漏",
        "6 7 8 9",
        "waterlogging sewage-overflow housing-repair manhole-cover",
        "清掏雨水口和排水管道",
        "检查下穿通道、地下车库和低洼小区的排水泵与挡水设施",
        "排查老旧房屋屋面、外墙渗漏和缺损井盖",
    ),
    _matter(
        "typhoon",
        "台风大风",
        "7 8 9",
        "falling-objects outdoor-advertising greening",
        "检查店招、广告牌、外墙饰面和空调外机支架",
        "修剪、加固易倒伏的行道树",
    ),
    _matter(
        "summer-nights",
        "夏季夜间噪声与露天烧烤",
        "6 7 8",
        "neighbourhood-noise business-noise catering-fumes street-vending",
        "提前与广场舞队伍、夜排档、酒吧经营者约定时间和音量",
        "安排夜间时段巡查烧烤和占道经营集中的路段",
    ),
    _matter(
        "heat",
        "高温用电用水",
        "7 8",
        "power-supply water-supply lift-safety",
        "会同供电、供水单位排查老旧小区线路、变压器和水压",
        "提醒物业检查电梯机房降温",
    ),
    _matter(
        "summer-refuse",
        "夏季垃圾异味与蚊蝇",
        "6 7 8 9",
        "garbage-collection street-cleaning pest-control water-pollution",
        "增加垃圾厢房清运和冲洗次数",
        "组织消杀并检查河道、水塘异味",
    ),
    _matter(
        "enrolment",
        "入学招生",
        "5 6 7 8 9",
        "school-enrolment kindergarten school-fees",
        "提前公布对口地段、报名材料和时间，准备统一答复口径",
        "会同教育部门梳理入学人数多、学位紧的学校",
    ),
    _matter(
        "exams",
        "中高考期间噪声",
        "5 6",
        "construction-noise business-noise neighbourhood-noise",
        "核对考点周边夜间施工许可并告知停工时段",
        "走访考点周边的经营场所和广场活动队伍",
    ),
    _matter(
        "tuition",
        "暑期培训与预付费",
        "7 8 9",
        "tutoring-institutions extra-lessons prepaid-card",
        "检查培训机构证照、收费公示和预收资金监管",
        "提醒家长按课时付费、留存合同票据",
    ),
    _matter(
        "frost",
        "供暖与水管冻裂",
        "12 1 2",
        "heating-supply water-supply gas-supply",
        "检查裸露水管、水表的保温和供暖管网",
        "备好抢修队伍，公布报修电话和临时用水点",
    ),
    _matter(
        "snow",
        "雨雪冰冻路面",
        "12 1 2",
        "street-cleaning highway-construction road-damage",
        "储备融雪防滑物资，排定坡道、桥面、天桥的除冰分工",
    ),
    _matter(
        "wages",
        "春节前工资与工程款",
        "12 1 2",
        "unpaid-wages project-payment",
        "会同人社、住建部门排查在建工地的工资专户和支付记录",
        "约谈有欠薪记录的单位，公布投诉渠道",
    ),
    _matter(
        "spring-festival",
        "春节烟花与用火",
        "1 2",
        "fire-safety public-order open-burning",
        "检查楼道堆物、消防通道和烟花爆竹禁放宣传",
    ),
    _matter(
        "winter-air",
        "秋冬焚烧与扬尘",
        "10 11 12",
        "open-burning dust construction-waste industrial-emissions",
        "巡查秸秆、落叶、垃圾露天焚烧",
        "检查工地喷淋、覆盖和渣土车冲洗",
    ),
    _matter(
        "tomb-sweeping",
        "清明祭扫",
        "3 4",
        "funeral-service open-burning traffic-facilities",
        "提前公布墓园预约、交通疏导和禁止焚烧的安排",
    ),
    _matter(
        "renovation",
        "春季装修与施工开工",
        "3 4 5",
        "construction-noise illegal-renovation dust",
        "开工前核对夜间施工许可，告知居民施工时段",
        "提醒物业做好装修备案和巡查",
    ),
)
"""Months are the calendar's; what follows the moon, as the Spring Festival does, has all the months it can fall in."""


def matters_of(first: date, last: date) -> tuple[SeasonalMatter, ...]:
    """The matters whose months any of these days lies in.

    >>> "wages" in [matter.id for matter in matters_of(date(2026, 1, 5), date(2026, 1, 11))]
    True
    """
    return tuple(matter for matter in SEASONS if matter.falls_in(first, last))
