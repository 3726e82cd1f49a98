// The wallboard: the stream of changes as tiles. ?match=billing&sort=name&kiosk&theme=dark in the address; #token=...

import { follow } from "./stream.js";
import { Tile, element } from "./tile.js";

const find = (id) => document.getElementById(id);
const address = new URL(location.href);
const tiles = new Map();
const changed = new Map();
let board = { title: "Queues", window: "30m", own_marks: {}, marks: { waiting: [5, 15], longest_wait: [60, 180], service_level: [0.8, 0.7] } };
let painting = false;
let fresh = false;

const fromHash = new URLSearchParams(location.hash.slice(1)).get("token");
if (fromHash) {
  sessionStorage.setItem("token", fromHash);
  history.replaceState(null, "", address.pathname + address.search);
}
const token = () => sessionStorage.getItem("token");

document.body.classList.toggle("kiosk", address.searchParams.has("kiosk"));
const theme = address.searchParams.get("theme");
if (theme) document.documentElement.dataset.theme = theme;
find("match").value = address.searchParams.get("match") ?? "";
find("sort").value = ["name", "waiting", "source"].find((one) => one === address.searchParams.get("sort")) ?? "attention";

function keep() {
  for (const id of ["match", "sort"]) {
    const value = find(id).value;
    if (value && value !== "attention") address.searchParams.set(id, value);
    else address.searchParams.delete(id);
  }
  history.replaceState(null, "", address);
  arrange();
}
find("match").addEventListener("input", keep);
find("sort").addEventListener("change", keep);
find("filter").addEventListener("submit", (event) => event.preventDefault());

async function get(path) {
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  const response = await fetch(path, { headers });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

async function learn() {
  try {
    board = await get("api/v1/board");
    pulse(await get("api/v1/sources"));
  } catch {
    return; // it is asked for again in a minute
  }
  document.title = board.title;
  find("title").textContent = board.title;
  find("window").textContent = board.window ? `handle time and in time: last ${board.window}; in time: answered within the threshold, of the answered` : "";
  for (const [key, tile] of tiles) changed.set(key, tile.data);
  paint();
}

// After a reset: what the server no longer knows leaves, also where it knows nothing yet.
function begin() {
  arrange();
  remember();
}

async function remember() {
  try {
    const past = await get("api/v1/history?kind=queue&minutes=30");
    const shift = Date.now() - Date.parse(past.at);
    for (const { key, points } of past.series) {
      const tile = tiles.get(key);
      if (tile) tile.before(points.map(([at, waiting]) => [at * 1000 + shift, waiting]));
    }
  } catch {
    // the sparklines begin now
  }
}

function paint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    let moved = false;
    for (const [key, data] of changed) {
      let tile = tiles.get(key);
      const before = tile && [tile.rank, tile.title, tile.waiting];
      if (!tile) tiles.set(key, (tile = new Tile(key)));
      tile.show(data, board);
      tile.draw(Date.now());
      moved ||= !before || before[0] !== tile.rank || before[1] !== tile.title || (find("sort").value === "waiting" && before[2] !== tile.waiting);
    }
    changed.clear();
    if (moved) arrange();
  });
}

const ORDERS = {
  name: () => 0,
  attention: (one, other) => other.rank - one.rank,
  waiting: (one, other) => other.waiting - one.waiting,
  source: (one, other) => one.source.localeCompare(other.source),
};

function arrange() {
  const wanted = find("match").value.trim().toLowerCase();
  const fits = (tile) => !wanted || `${tile.title} ${tile.source} ${tile.key}`.toLowerCase().includes(wanted);
  const byName = (one, other) => one.title.localeCompare(other.title) || one.source.localeCompare(other.source);
  const order = ORDERS[find("sort").value];
  const shown = [...tiles.values()].filter(fits).sort((one, other) => order(one, other) || byName(one, other));
  place(find("groups"), shown.filter((tile) => tile.key.startsWith("group:")));
  place(find("queues"), shown.filter((tile) => !tile.key.startsWith("group:")));
  find("empty").hidden = shown.length > 0 || tiles.size === 0;
}

// Only what is not in its place is moved: moving takes the focus away.
function place(section, wanted) {
  const roots = new Set(wanted.map((tile) => tile.root));
  for (const one of [...section.children]) if (!roots.has(one)) one.remove();
  let at = section.firstElementChild;
  for (const tile of wanted) {
    if (tile.root === at) at = at.nextElementSibling;
    else section.insertBefore(tile.root, at);
  }
}

const STATES = { ok: "ok", starting: "warn", failing: "alarm", parked: "alarm" };

function pulse(data) {
  const list = find("sources");
  list.replaceChildren(
    ...data.sources.map((source) => {
      const item = element("li");
      element("b", `shape ${STATES[source.state]}`, item).setAttribute("aria-hidden", "true");
      const words = source.state === "ok" ? `${Math.round((1 - source.budget) * 100)} % of budget` : source.state;
      element("span", "", item).textContent = `${source.source} ${words}`;
      if (source.error) item.title = source.error;
      return item;
    }),
  );
  const at = performance.now();
  for (const [key, seconds] of Object.entries(data.ages ?? {})) {
    const tile = tiles.get(key);
    if (tile) tile.age = { seconds, at };
  }
}

const told = {
  state(connected) {
    find("state").className = connected ? "" : "away";
    document.body.classList.toggle("away", !connected);
    find("words").textContent = connected ? "live" : "no connection";
    if (connected) learn();
  },
  event(name, data) {
    const parsed = JSON.parse(data);
    if (name === "snapshot" || name === "group") {
      const kind = parsed.target?.kind ?? "queue";
      if (kind === "queue") changed.set(name === "group" ? `group:${parsed.name}` : parsed.target.key, parsed);
    } else if (name === "gone") {
      changed.delete(parsed.key);
      tiles.delete(parsed.key);
      arrange();
    } else if (name === "reset") {
      changed.clear();
      tiles.clear();
      fresh = true;
    } else if (name === "pulse") pulse(parsed);
    else if (name === "sync") {
      paint();
      if (fresh) requestAnimationFrame(begin);
      fresh = false;
    }
  },
  refused() {
    find("ask").hidden = false;
    find("words").textContent = "a token is needed";
    find("token").focus();
    return new Promise((done) => {
      find("ask").onsubmit = (event) => {
        event.preventDefault();
        sessionStorage.setItem("token", find("token").value);
        find("ask").hidden = true;
        done();
      };
    });
  },
};

// Why a number is not there, on hover and on focus.
function explain(event) {
  const mark = event.target.closest?.("[data-why]");
  const box = find("why");
  box.hidden = !mark;
  if (!mark) return;
  box.textContent = mark.dataset.why;
  const place = mark.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8))}px`;
  const under = place.bottom + 6 + box.offsetHeight < innerHeight;
  box.style.top = `${under ? place.bottom + 6 : place.top - box.offsetHeight - 6}px`;
}
document.addEventListener("pointerover", explain);
document.addEventListener("focusin", explain);
document.addEventListener("focusout", () => (find("why").hidden = true));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") find("why").hidden = true;
  if (event.key === "/" && document.activeElement !== find("match")) {
    event.preventDefault();
    find("match").focus();
  }
});

setInterval(() => {
  for (const tile of tiles.values()) tile.told();
}, 1000);
setInterval(() => {
  const now = Date.now();
  for (const tile of tiles.values()) tile.draw(now);
}, 10000);
setInterval(learn, 60000);
follow("api/v1/stream?kind=queue&ages=true", token, told);
