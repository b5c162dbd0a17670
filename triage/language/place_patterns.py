"""Names of places by their endings: 路, 小区, 大厦, 烧烤店, 有限公司, 地铁站 …

An ending is looked for first; then the name is read from it to the left, word by word, until a word that cannot be
part of a name (在, 投诉, 附近 …). An ending with no name before it (这个小区, 道路) is no place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise

from triage.language.segment import Segmenter

_ENDINGS_OF_KIND = {
    "road": """
        大道 公路 路 街 巷 高架 立交桥 立交 大桥 桥 隧道
    """,
    "compound": """
        小区 新村 公寓 花园 家园 苑 华庭 名邸
        公馆 别墅 华府 花城 新城 豪庭 名庭 一村 二村 三村 四村 五村 六村 七村 八村 九村 十村
        安置房 经济适用房 廉租房 公租房 宿舍 住宅区 别墅区
    """,
    "building": """
        大厦 大楼 写字楼 商务楼 办公楼 商务中心 创业园 产业园 工业园 科技园
    """,
    "shop": """
        烧烤店 饭店 酒店 宾馆 旅馆 网吧 超市 便利店 商店 商场 菜场 菜市场 农贸市场 市场 药房
        药店 理发店 美容院 健身房 火锅店 面馆 餐厅 餐馆 餐饮店 小吃店 烘焙店 奶茶店 水果店
        洗车店 修理厂 汽修厂 专卖店 KTV 酒吧 茶馆 棋牌室 浴场 洗浴中心 会所 4S店 大酒楼
        酒楼 农家乐 驾校
    """,
    "company": """
        有限公司 分公司 公司 集团 工厂 食品厂 化工厂 砖厂 水泥厂 搅拌厂 加工厂 养殖场 采石场
        垃圾场 屠宰场 厂
    """,
    "station": """
        地铁站 公交站 火车站 高铁站 汽车站 客运站 公交枢纽站 枢纽站 加油站 变电站 垃圾站 中转站
    """,
    "committee": """
        居委会 居委 村委会 村委 社区 居民区
    """,
    "landmark": """
        广场 公园 体育馆 图书馆 博物馆 电影院 影剧院 文化馆 步行街 商业街 体育中心 景区 湿地
        码头 水库
    """,
    "school": """
        小学 中学 幼儿园 大学 学院 学校 职校 技校 职业技术学院
    """,
    "hospital": """
        医院 卫生院 卫生服务中心 卫生室 诊所
    """,
    "village": """
        村
    """,
    "district": """
        街道办事处 街道办 街道 镇政府 新区 镇 乡
    """,
}
_KIND_OF_ENDING = {ending: kind for kind, endings in _ENDINGS_OF_KIND.items() for ending in endings.split()}
# The longest ending wins at a place.
_ENDING = re.compile("|".join(map(re.escape, sorted(_KIND_OF_ENDING, key=len, reverse=True))))
_ALIAS = re.compile(r"(?<![A-Za-z0-9])[A-Z]\d{0,2}(?:区|县|市)")  # how published data masks the names of districts
_LANE = re.compile(r"\d{1,5}弄")

# What stands before an ending without making it a name.
_GENERIC = frozenset(
    """
道 马 公 铁 线 电 水 网 管 出 思 销 门 岔 十字 丁字 主干 主 支 次干 小 大 老
新 旧 土 石子 水泥 柏油 泥巴 机耕 断头 必经之 高速公 乡村公 乡道公 人行道 非机动车
进村 出村 村 组 回家 上学 高速 快速 环城 进出 消防 盲 沿 临 半 走 修 让 占 挡 封
问 沿街 临街 逛 上 满 整 老旧 住宅 居民 商品房 多层 高层 高档 封闭 安置 回迁 动迁
开放式 农民 本 该 此 各 某 全 我 你 他 我们 你们 他们 这 那 这个 那个 一个 几个
多个 每个 整个 周边 附近 隔壁 其他 其它 别的 两个 对面 物业 开发 开发商 施工 建筑
保险 装修 房产 房地产 中介 自来水 供电 燃气 公交 国有 私人 民营 有关 相关 商 职工
员工 学生 单身 集体 家属 人行天 天 过街天 高架 立交 大型 小型 五金 建材 农 综合 楼市
股票 二手房 批发 菜 乡 城 自然 行政 贫困 空心 城中 移民 新农 乡镇 公立 私立 民办
公办 重点 普通 农村 社会 三甲 市级 县级 人民 中心 家门口 地下 露天 城镇 古 建制 街道
部分 大部分 所有 各大 两家 多家 某某 我们这 属 直 贵 子 总 分 中小 高
    """.split()
)
# 公交线路, 城际铁路: the ending is part of a word.
_NOT_BEFORE_ROAD = frozenset("线铁道马管电网思出销水")
# 路灯, 街道, 村民: the ending begins another word.
_NOT_AFTER = {"road": frozenset("灯政况费线由障人道"), "village": frozenset("民委里镇支组干部")}

# A name is read no further left than a word of these kinds (pronoun, preposition, adverb, verb …) or one of these.
_STOP_TAGS = frozenset(["r", "p", "c", "d", "u", "uj", "ul", "uv", "uz", "ug", "ud", "y", "e", "t", "f", "m", "q", "v"])
_STOP = frozenset(
    """
位于 座落 坐落 坐落在 地处 家住 现住 住 在 到 从 沿 往 向 至 由 和 与 及 或 跟
的 了 是 为 有 被 把 将 对 就 请 让 经 靠近 临近 紧邻 投诉 反映 举报 咨询 关于
希望 要求 建议 求助 来电 市民 居民 业主 村民 我们 我家 本人 家里 楼下 楼上 旁边 附近
对面 周边 门口 前面 后面 里面 因为 所以 地址 地点 中国 省 市 区 县 镇 乡 街道 小区
社区 等 某 说 称 投 修 建 多个 整个 此 该 路段 现在 上午 下午 晚上
    """.split()
)
# 影响小区, 配套幼儿园: what happens to a place, or of which sort it is, is not its name; firms do bear such names.
_NO_NAME_TAGS = frozenset(["v", "vn", "vd", "a", "ad", "an", "b", "m", "f"])
_MAY_BE_NAMED_SO = frozenset(["company", "shop", "building", "village", "district"])
_STUCK = re.compile(
    r"(?:[^\u4e00-\u9fa5A-Za-z0-9]|住在|位于|住|在|到|从|沿|往|至|由|和|与|及|或|跟|的|是|请|经(?![济开营贸])|我|你|他|这|那|就|让|该|市|区|县|镇|近)+"
)
_DIRECTIONS = "东南西北中一二三四五六七八九十新老支环内外"
_NAME_CHAR = re.compile(r"[\u4e00-\u9fa5A-Za-z0-9·]")
_LEAST = 2  # characters of a name
_RARE = 30  # times in jieba's dictionary of some sixty million
_LONGEST = {"road": 6, "village": 4, "district": 5, "compound": 8, "committee": 7}
_LONGEST_OF_OTHERS = 12
_SHORTEST = {"village": 1, "district": 1, "company": 1, "school": 1}
_SHORTEST_OF_OTHERS = 2


def find_patterns(text: str, segmenter: Segmenter) -> list[tuple[str, int, int]]:
    """Kind, start and end of each name, in order, none over another."""
    found = [("district", *match.span()) for match in _ALIAS.finditer(text)]
    endings = list(_ENDING.finditer(text))
    if not endings:
        return found
    borders = [end for _, _, end in found]
    reader = _NameReader(text, borders, segmenter)
    for ending in endings:
        kind = _KIND_OF_ENDING[ending[0]]
        start, end = reader.start_of_name(kind, ending.start()), _end_of_name(kind, text, ending.end())
        if start is not None and end is not None:
            found.append((kind, start, end))
            reader.floor = end
    found.sort(key=lambda place: place[1])
    return [place for place, after in zip(found, [*found[1:], None], strict=False) if not after or after[1] >= place[2]]


def stem(name: str) -> str:
    """A name without the ending that many places share, where at least two characters are left.

    >>> stem("禾悦家园"), stem("临沂路"), stem("村镇")
    ('禾悦', '临沂', '村镇')
    """
    endings = [ending for ending in _ENDING.finditer(name) if ending.end() == len(name) and ending.start() >= _LEAST]
    return name[: endings[0].start()] if endings else name


class _NameReader:
    """Reads names from their endings to the left, over the words of one text, not beyond `floor` or a border."""

    def __init__(self, text: str, borders: list[int], segmenter: Segmenter) -> None:
        self.floor = 0
        self._text = text
        self._segmenter = segmenter
        self._borders = [0, *borders]
        self._words: list[tuple[str, str]] = []
        for start, end in pairwise([*self._borders, len(text)]):
            self._words += segmenter.tagged(text[start:end])
        self._starts = [0]
        for word, _ in self._words:
            self._starts.append(self._starts[-1] + len(word))

    def start_of_name(self, kind: str, ending: int) -> int | None:
        """Where the name starts whose ending is at `ending`; None where there is no name."""
        border = self._borders[bisect_right(self._borders, ending) - 1]
        limit = max(self.floor, border, ending - _LONGEST.get(kind, _LONGEST_OF_OTHERS))
        index = bisect_right(self._starts, ending) - 1
        if self._starts[index] < limit:  # the ending is inside a word that began before
            return None
        while index and self._starts[index - 1] >= limit and not self._is_whole(kind, self._starts[index], ending):
            touching = self._starts[index] == ending
            if not self._may_belong(kind, index - 1) or (touching and not self._may_touch(kind, index - 1)):
                break
            index -= 1
        name = self._text[self._starts[index] : ending]
        stuck = _STUCK.match(name)
        name = name[stuck.end() :] if stuck else name
        return ending - len(name) if _is_name(kind, name) else None

    def _may_belong(self, kind: str, index: int) -> bool:
        word, tag = self._words[index]
        if kind == "road" and not word.strip(_DIRECTIONS):
            return True
        if not _NAME_CHAR.match(word) or word in _STOP:
            return False
        return tag not in _STOP_TAGS or (tag == "v" and len(word) > 1 and self._is_rare(word))

    def _may_touch(self, kind: str, index: int) -> bool:
        word, tag = self._words[index]
        if kind in _MAY_BE_NAMED_SO or tag not in _NO_NAME_TAGS or self._is_rare(word):
            return True
        return kind == "road" and not word.strip(_DIRECTIONS)

    def _is_rare(self, word: str) -> bool:
        """Whether a "verb" of the dictionary is hardly ever met and so may well be a name here (融创)."""
        return self._segmenter.frequency(word) < _RARE

    def _is_whole(self, kind: str, start: int, ending: int) -> bool:
        """Names of roads are short: 昌里|东|路 needs what is before 东, 临沂|路 needs nothing more."""
        name = self._text[start:ending]
        return kind == "road" and len(name) > 1 and name.rstrip(_DIRECTIONS) != ""


def _is_name(kind: str, name: str) -> bool:
    if kind == "road" and name[-1:] in _NOT_BEFORE_ROAD:
        return False
    return len(name) >= _SHORTEST.get(kind, _SHORTEST_OF_OTHERS) and name not in _GENERIC and not name.isdigit()


def _end_of_name(kind: str, text: str, end: int) -> int | None:
    """The end, the lane included (临沂路88弄); None where the ending only begins another word."""
    if text[end : end + 1] in _NOT_AFTER.get(kind, ()) or (kind == "road" and text.startswith("街道", end)):
        return None
    lane = _LANE.match(text, end) if kind == "road" else None
    return lane.end() if lane else end
