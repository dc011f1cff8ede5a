// Plays every source at one moment of the session's clock; the moment leads, the players follow.
const STEP_MS = 200;
const AWAY_MS = 300;

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
  const caption = document.createElement("figcaption");
  const state = document.createElement("span");
  caption.append(source, state);
  figure.append(video, caption);
  document.getElementById("wall").append(figure);
  return { source, video, state, own: segments.filter((one) => one.source === source), shown: null };
});

const rows = acts.map((act) => {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${clock.format(act.at)}  #${act.seq} ${act.type}`;
  button.addEventListener("click", () => go(act.at));
  item.append(button);
  document.getElementById("acts").append(item);
  return { act, button };
});

function follow(player) {
  const segment = player.own.find((one) => one.began_at <= moment && moment < one.began_at + one.duration_ms);
  if (!segment || segment.verdict === "SegmentMissing") {
    player.state.textContent = segment ? "文件缺失 file missing" : "此刻无录像 nothing recorded";
    player.state.className = segment ? "bad" : "";
    player.video.pause();
    return;
  }
  player.state.textContent = segment.verdict === "held" ? "与记录一致 as recorded" : "文件被改动 altered";
  player.state.className = segment.verdict === "held" ? "" : "bad";
  if (player.shown !== segment) {
    player.shown = segment;
    player.video.src = `recordings/${segment.file}`;
  }
  const wanted = (moment - segment.began_at) / 1000;
  if (Math.abs(player.video.currentTime - wanted) * 1000 > AWAY_MS) player.video.currentTime = wanted;
  if (playing && player.video.paused) player.video.play().catch(() => {});
  if (!playing) player.video.pause();
}

function show() {
  now.textContent = clock.format(moment);
  seek.value = String(moment - begin);
  seek.setAttribute("aria-valuetext", now.textContent);
  players.forEach(follow);
  const past = rows.filter(({ act }) => act.at <= moment).at(-1);
  for (const row of rows) row.button.setAttribute("aria-current", String(row === past));
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
  if (!playing) return;
  moment = Math.min(moment + passed, end);
  if (moment >= end) play.click();
  show();
}, STEP_MS);
show();
