"""What a complaint is about at its place: the lift, the barbecue shop, the concrete mixing plant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

_OBJECTS = """
电梯 路灯 井盖 窨井盖 下水道 污水管 雨水管 化粪池 水管 自来水 二次供水 水箱 燃气 天然气
煤气 暖气 供暖 充电桩 飞线充电 变压器 变电站 高压线 电线 电线杆 光缆 通信基站 基站
红绿灯 信号灯 斑马线 护栏 隔离栏 人行道 盲道 非机动车道 路面 坑洼 公交车 公交站 公交线路
地铁 出租车 网约车 共享单车 电动车 助动车 僵尸车 停车位 停车场 停车费 地下车库 车库 车位
大货车 渣土车 洒水车 搅拌站 工地 施工 打桩 夜间施工 占道施工 装修 违章建筑 违法建筑 违建
阳光房 群租 群租房 隔断房 外墙 墙面 屋顶 天台 楼道 楼道堆物 消防通道 消防栓 消防设施
灭火器 门禁 监控 监控探头 摄像头 电子防盗门 健身器材 垃圾 垃圾桶 垃圾箱 垃圾站 垃圾房
垃圾中转站 垃圾焚烧厂 垃圾分类 建筑垃圾 大件垃圾 厨余垃圾 公厕 公共厕所 河道 黑臭水体 污水
废水 废气 粉尘 扬尘 油烟 餐饮油烟 异味 臭味 噪音 噪声 光污染 广告牌 霓虹灯 空调外机
冷却塔 绿化 绿化带 树木 行道树 草坪 树枝 流浪狗 流浪猫 流浪犬 养狗 养鸡 家禽 犬只 老鼠
蟑螂 蚊虫 白蚁 烧烤店 烧烤摊 夜宵摊 饭店 餐馆 餐厅 火锅店 早餐店 棋牌室 麻将馆 酒吧
KTV 网吧 足浴店 美容院 理发店 健身房 菜场 菜市场 农贸市场 超市 水果店 快递站 快递柜
洗车店 修车店 汽修店 流动摊贩 摊贩 马路菜场 跨门经营 占道经营 小广告 广场舞 物业 物业费
物业公司 业委会 业主委员会 维修基金 维修资金 房产证 不动产证 公租房 廉租房 经济适用房 动迁
拆迁 拆迁款 安置房 征收补偿 宅基地 公积金 社保 医保 养老金 低保 工资 农民工工资 拖欠工资
加班费 劳动合同 学校 幼儿园 小学 中学 培训机构 补课 学费 校车 食堂 医院 诊所 疫苗 药店
保健品 预付卡 会员卡 退款 退费 食品 外卖 传销 诈骗 赌博 电动自行车 加装电梯 养老院
敬老院 托老所 老年食堂 居家养老
"""


@dataclass(frozen=True)
class Thing:
    """A thing named in a text."""

    text: str
    start: int
    end: int


def find_object(text: str) -> Thing | None:
    """The first thing complained about, by its longest name; None where none of the known ones is named.

    >>> find_object("齐河路搅拌站夜间施工噪音扰民")
    Thing(text='搅拌站', start=3, end=6)
    """
    if not text:
        return None
    for _, start, end in _objects().find_matches_as_indexes(text):
        return Thing(text[start:end], start, end)
    return None


@cache
def _objects() -> AhoCorasick:
    return AhoCorasick(_OBJECTS.split(), matchkind=MatchKind.LeftmostLongest)
