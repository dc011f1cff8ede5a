/** The overview page's own words, Chinese. */

export const ZH = {
  page: { title: "运行总览" },
  wait: { title: "请稍候", text: "本工作台正在准备。" },
};
