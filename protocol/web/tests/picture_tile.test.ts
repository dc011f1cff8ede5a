// @vitest-environment happy-dom
/** What a tile says of a line that bears less than was asked for, in both languages, and that it says it no more. */
import { mount } from "@vue/test-utils";
import { beforeEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { language } from "../src/kit/language.ts";
import PictureTile from "../src/media/PictureTile.vue";
import type { Layer, LineState, Shown } from "../src/media/line.ts";
import * as module from "../src/media/line.ts";

let named: string;
let wanted: string[];
let offers: number;

beforeEach(() => {
  [named, wanted, offers] = ["", [], 0];
  vi.spyOn(module, "watch").mockImplementation((_worker, _source, _video, windowId, _options, changed) => {
    [named, offers] = [windowId, offers + 1];
    changed?.("live" satisfies LineState);
    return { close: async () => undefined, want: (layer: string) => void wanted.push(layer) } as unknown as module.Line;
  });
});

function tile(lang: "zh" | "en", thumb = false) {
  localStorage.setItem("tongchang.language", lang);
  const shown: Shown = { source: "camera.M5", device: "camera", seat: "M5", role: "expert", venue: "hangzhou", live: true };
  const worker = { url: "", session: "s", secret: "x", iceServers: [] };
  return mount(PictureTile, {
    props: { worker, shown, label: "M5", thumb, pinned: false, heard: false, lines: {} as Record<string, Layer> },
    global: { plugins: [language({}, {})] },
  });
}

it.each([
  ["zh", "线路不佳,画面暂停,声音继续;线路好转后自动恢复", "线路不佳,暂用小图"],
  ["en", "Bad line: picture paused, sound goes on; it comes back by itself", "Bad line: small picture for now"],
] as const)("says in %s why a picture is paused, or small, until the line is well", async (lang, paused, small) => {
  const one = tile(lang);
  await nextTick();
  for (const [bears, told] of [["none", paused], ["thumb", small], ["full", ""], ["none", paused]] as const) {
    await one.setProps({ lines: { [named]: bears } });
    expect(one.find("[role=status]").exists() ? one.get("[role=status]").text() : "").toBe(told);
  }
  await one.setProps({ lines: {} });
  expect(one.find("[role=status]").exists()).toBe(false);
});

it("says nothing where the small picture is all that was asked for, nor of another tile's line", async () => {
  const one = tile("zh", true);
  await one.setProps({ lines: { [named]: "thumb", another: "none" } });
  expect(one.find("[role=status]").exists()).toBe(false);
});

it("is shown the full picture when it is pinned, on the line that it has", async () => {
  const one = tile("zh", true);
  await one.setProps({ thumb: false, pinned: true });
  await one.setProps({ thumb: true, pinned: false });
  expect(wanted).toEqual(["full", "thumb"]);
  expect(offers).toBe(1);
});
