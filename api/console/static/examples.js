// Invented complaints, one for each way an order usually goes, each with the jurisdiction it would come to.

export const EXAMPLES = [
  {
    name: "油烟扰民",
    policy: "nanmatou",
    title: "烧烤店油烟直排",
    address: "临沂二村12号",
    text: "临沂二村12号楼下新开了一家烧烤店，没有装油烟管道，每晚七点到凌晨一点油烟直接往楼上飘，窗户不敢开，" +
      "家里老人咳嗽了半个月。和店主讲过两次都没有用，请派人来查一查。",
  },
  {
    name: "燃气异味",
    policy: "moushi",
    title: "",
    address: "",
    text: "我现在闻到楼道里煤气味很重，三楼敲门没有人应，里面的老人平时一个人住，恐怕还在屋里，头都闻晕了，怎么办？",
  },
  {
    name: "政策咨询",
    policy: "yanji",
    title: "咨询异地就医备案",
    address: "",
    text: "想问一下，我母亲退休后跟着我住，参保地在外省，办异地就医备案要带哪些材料，能不能由子女代办，周六窗口开不开？",
  },
  {
    name: "井盖翘起",
    policy: "nanmatou",
    title: "人行道井盖翘起",
    address: "西三里桥路",
    text: "西三里桥路靠近菜场的人行道上有一个井盖翘起来快十公分，晚上那一段没有路灯，昨天有位阿姨被绊倒了。" +
      "早晚上学的孩子多，现在只放了两块砖头提醒，希望尽快修好。",
  },
];
