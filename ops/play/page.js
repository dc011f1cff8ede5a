// Plays every source at one moment of the session's clock; the moment leads, the players follow.
const STEP_MS = 100;
/** Farther than this from the moment a source is set to it; nearer it only runs a little faster or slower. */
const AWAY_MS = 300;
const NEAR_MS = 40;
const CATCH_UP = 0.05;
/** How long the moment waits for a source that is not ready. */
const HOLD_MS = 5000;
const CAUSES = {
  away: "无人发送 nobody sent",
  stopped: "录制未运行 the recorder was not running",
  disk: "磁盘已满或故障 disk full or failing",
  busy: "录制来不及 the recorder could not follow",
  lost: "线路丢包 packets lost on the line",
  silent: "没有数据到达 nothing came",
};

/** How long lost packets stand at their source; the record tells only when they were given up. */
const LOST_MS = 1000;

const play = document.getElementById("play");
const seek = document.getElementById("seek");
const now = document.getElementById("now");
const told = document.getElementById("told");
const { acts, segments } = await (await fetch("told")).json();

const begin = Math.min(...segments.map((one) => one.began_at), ...acts.slice(0, 1).map((one) => one.at));
const end = Math.max(...segments.map((one) => one.began_at + one.duration_ms));
const first = Math.min(...segments.map((one) => one.began_at));
seek.max = String(end - begin);
let moment = first;
let playing = false;
let holding = false;
let waited = 0;

const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const bad = segments.filter((one) => one.verdict !== "held");
told.textContent = bad.length
  ? `${segments.length} 段中 ${bad.length} 段与记录不符或缺失 · ${bad.length} of ${segments.length} segments are altered or missing`
  : `${segments.length} 段全部与记录一致 · all ${segments.length} segments are the record's`;
told.className = bad.length ? "bad" : "";

const players = [...new Set(segments.map((one) => one.source))].map((source) => {
  const figure = document.createElement("figure");
  const video = document.createElement("video");
  video.setAttribute("aria-label", source);
  video.preload = "auto";
  const none = document.createElement("p");
  none.className = "none";
  const instead = document.createElement("span");
  none.append(instead);
  const caption = document.createElement("figcaption");
  const state = document.createElement("span");
  caption.append(source, state);
  const own = segments.filter((one) => one.source === source);
  figure.append(video, none, stripOf(own), caption);
  document.getElementById("wall").append(figure);
  return { source, figure, video, instead, state, ready: true, own, shown: null };
});

/** A source on the time line: its segments, and what is missing in and between them. */
function stripOf(own) {
  const strip = document.createElement("div");
  strip.className = "strip";
  strip.setAttribute("aria-hidden", "true");
  for (const one of own) {
    strip.append(spanOf(one.verdict === "held" ? "kept" : "wrong", one.began_at, one.duration_ms));
    for (const gap of one.gaps.filter((found) => found.duration_ms > 0)) {
      strip.append(spanOf("lacks", one.began_at + gap.at_ms, gap.duration_ms, CAUSES[gap.cause]));
    }
  }
  return strip;
}

function spanOf(kind, at, length, title = "") {
  const span = document.createElement("span");
  span.className = kind;
  span.title = title;
  span.style.insetInlineStart = `${((at - begin) / (end - begin)) * 100}%`;
  span.style.inlineSize = `${(length / (end - begin)) * 100}%`;
  return span;
}

const list = document.getElementById("acts");
const rows = acts.map((act) => {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${clock.format(act.at)}  #${act.seq} ${act.type}`;
  button.addEventListener("click", () => go(act.at));
  item.append(button);
  list.append(item);
  return { act, button };
});

/** One entry is reached by Tab, the others from it by the arrows. */
function reach(index) {
  rows.forEach(({ button }, at) => (button.tabIndex = at === Math.max(index, 0) ? 0 : -1));
}

list.addEventListener("keydown", (pressed) => {
  const at = rows.findIndex(({ button }) => button === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[pressed.key];
  if (at < 0 || !rows[to]) return;
  pressed.preventDefault();
  reach(to);
  rows[to].button.focus();
});

function gapAt(player) {
  const next = player.own.find((one) => one.began_at > moment);
  if (next === undefined) return "此后无录像 nothing recorded after this";
  if (next === player.own[0]) return "录像尚未开始 recording has not begun";
  const cause = moment >= next.began_at - next.missing_ms ? next.cause : "";
  return `此刻无录像 nothing recorded${cause ? `:${CAUSES[cause]}` : ""}`;
}

/** What lacks at this moment within a segment; packets that were lost have no length of their own. */
function lackOf(segment) {
  const into = moment - segment.began_at;
  const length = (gap) => (gap.cause === "silent" ? gap.duration_ms : Math.max(gap.duration_ms, LOST_MS));
  return segment.gaps.find((one) => one.at_ms <= into && into < one.at_ms + length(one));
}

/** What a picture may be called: as recorded is only what stands there, decoded, at its moment. */
function standing(player, segment) {
  const { video } = player;
  if (video.error !== null) return { kind: "none", text: "此浏览器无法播放这一段 this browser cannot play it", bad: true };
  const seen = segment.codecs.some((one) => one !== "opus");
  if (video.seeking || video.readyState < 2) return { kind: "loading", text: "正在载入 loading" };
  const altered = segment.verdict !== "held";
  const lack = lackOf(segment);
  const text = altered ? "文件被改动 altered" : lack ? CAUSES[lack.cause] : "与记录一致 as recorded";
  if (lack?.cause === "silent") return { kind: "gap", text, bad: altered };
  if (!seen) return { kind: "sound", text, bad: altered };
  if (video.videoWidth === 0) return { kind: "none", text: "文件中没有画面 no picture in the file", bad: true };
  return { kind: "shown", text, bad: altered };
}

/** What stands in place of a picture. */
const PLACES = { sound: "仅有声音 sound alone", loading: "正在载入 loading" };

function stand(player, { kind, text, bad }) {
  const { figure, instead, state } = player;
  if (figure.dataset.state !== kind) figure.dataset.state = kind;
  const words = kind === "shown" ? "" : PLACES[kind] ?? text;
  if (instead.textContent !== words) instead.textContent = words;
  say(state, text, bad);
}

function follow(player) {
  const { video } = player;
  const segment = player.own.find((one) => one.began_at <= moment && moment < one.began_at + one.duration_ms);
  player.ready = true;
  if (segment === undefined || segment.verdict === "SegmentMissing") {
    stand(player, { kind: "gap", text: segment ? "文件缺失 file missing" : gapAt(player), bad: segment !== undefined });
    video.pause();
    return;
  }
  if (player.shown !== segment) {
    player.shown = segment;
    video.src = `recordings/${segment.file}`;
    video.dataset.begins = String(segment.began_at);
  }
  const last = Number.isFinite(video.duration) ? video.duration : Infinity;
  const wanted = Math.min((moment - segment.began_at) / 1000, last);
  const away = (wanted - video.currentTime) * 1000;
  if (!video.seeking && Math.abs(away) > AWAY_MS) video.currentTime = wanted;
  video.playbackRate = Math.abs(away) > NEAR_MS ? 1 + Math.sign(away) * CATCH_UP : 1;
  player.ready = video.error !== null || wanted >= last || (!video.seeking && video.readyState >= 3);
  stand(player, standing(player, segment));
}

function say(state, text, bad) {
  if (state.textContent !== text) state.textContent = text;
  state.className = bad ? "bad" : "";
}

/** All run or none does: whoever is not ready yet holds the others, for a while. */
function run() {
  const late = players.some((one) => !one.ready);
  waited = late ? waited + STEP_MS : 0;
  holding = late && waited < HOLD_MS;
  for (const { video, shown } of players) {
    const there = shown !== null && shown.began_at <= moment && moment < shown.began_at + shown.duration_ms;
    if (!playing || holding || !there) video.pause();
    else if (video.paused && !video.ended) video.play().catch(() => {});
  }
}

function show() {
  now.textContent = clock.format(moment);
  seek.value = String(moment - begin);
  seek.setAttribute("aria-valuetext", now.textContent);
  players.forEach(follow);
  run();
  const past = rows.filter(({ act }) => act.at <= moment).at(-1);
  for (const row of rows) row.button.setAttribute("aria-current", String(row === past));
  if (!list.contains(document.activeElement)) reach(rows.indexOf(past));
  if (playing) past?.button.scrollIntoView({ block: "nearest" });
}

function go(at) {
  moment = Math.min(Math.max(at, begin), end);
  show();
}

play.addEventListener("click", () => {
  playing = !playing;
  if (playing && moment >= end) moment = first;
  play.firstChild.textContent = playing ? "暂停 " : "播放 ";
  play.lastElementChild.textContent = playing ? "Pause" : "Play";
  show();
});
seek.addEventListener("input", () => go(begin + Number(seek.value)));

let before = performance.now();
setInterval(() => {
  const passed = performance.now() - before;
  before += passed;
  if (playing && !holding) moment = Math.min(moment + passed, end);
  if (playing && moment >= end) play.click();
  show();
}, STEP_MS);
show();
