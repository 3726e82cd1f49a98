// One tile: made once, and then only what differs is written. Names are data from vendors: text, never markup.

const SPARK_MS = 30 * 60 * 1000;

export function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
}

export function clock(seconds) {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${rest}`;
  return `${Math.floor(whole / 3600)}:${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${rest}`;
}

const REASONS = {
  unsupported: "The vendor has no such number",
  not_implemented: "The adapter does not read it",
  not_permitted: "A permission is missing",
  not_requested: "Not asked for in the configuration",
  no_data: "Nothing happened that could be measured",
  unknown: "The vendor did not say",
  failed: "The read failed",
  refused: "Adding it up would lie",
};

function whyNot(data, path) {
  for (let place = path; place; place = place.slice(0, Math.max(place.lastIndexOf("."), 0))) {
    const gap = data.gaps[place];
    if (gap) return REASONS[gap.reason] + (gap.detail ? `: ${gap.detail}` : "");
  }
  return "Nothing happened that could be measured";
}

function levelOf(window) {
  const level = (window?.service_levels ?? [])[0];
  if (!level) return null;
  if (level.met !== null && level.missed !== null && level.met + level.missed > 0) {
    return level.met / (level.met + level.missed);
  }
  return level.vendor_ratio;
}

const above = (value, [warn, alarm]) => (value >= alarm ? "alarm" : value >= warn ? "warn" : "");
const below = (value, [warn, alarm]) => (value < alarm ? "alarm" : value < warn ? "warn" : "");
const WORDS = { warn: "attention", alarm: "alarm" };
const LEVELS = ["", "warn", "alarm"];
const RANK = { "": 0, warn: 1, alarm: 2 };

export class Tile {
  constructor(key) {
    this.key = key;
    this.points = [];
    this.age = null;
    this.rank = 0;
    this.root = element("article", "tile");
    const head = element("div", "head", this.root);
    this.name = element("h3", "name", head);
    this.from = element("span", "from", head);
    const big = element("div", "big", this.root);
    this.cells = {};
    this.cell("waiting", "waiting", element("dl", "", big));
    this.cell("longest", "longest wait", element("dl", "wait", big));
    this.spark = element("div", "spark", big);
    const small = element("div", "small", this.root);
    for (const [id, words] of [["available", "available"], ["busy", "busy"], ["handle", "handle time"], ["level", "in time"]]) {
      this.cell(id, words, element("dl", "small-cell", small));
    }
    const foot = element("p", "age", this.root);
    this.status = element("span", "", foot);
    this.members = element("span", "", foot);
  }

  cell(id, words, list) {
    element("dt", "", list).textContent = words;
    this.cells[id] = element("dd", "", list);
  }

  show(data, board) {
    this.data = data;
    const group = data.type === "group";
    const marks = board.own_marks[this.key] ?? board.marks;
    const now = data.realtime;
    const window = data.windows[board.window];
    const at = `windows.${board.window}`;
    this.title = group ? data.name : data.target.name ?? data.target.id;
    this.source = group ? "group" : data.target.source;
    this.waiting = now?.waiting ?? -1;
    put(this.name, this.title);
    this.name.title = this.title;
    put(this.from, group ? `${data.coverage.read} of ${data.coverage.targets} queues` : data.target.source);
    const worst = [
      this.value("waiting", now?.waiting, "realtime.waiting", String, (value) => above(value, marks.waiting)),
      this.value("longest", now?.waiting === 0 ? 0 : now?.longest_wait, "realtime.longest_wait", clock, (value) => above(value, marks.longest_wait)),
      this.value("available", now?.agents.available, "realtime.agents.available", String),
      this.value("busy", now?.agents.busy, "realtime.agents.busy", String),
      this.value("handle", window?.handle?.average, `${at}.handle`, clock),
      this.value("level", levelOf(window), `${at}.service_levels`, (value) => `${Math.round(value * 100)}\u00a0%`, (value) => below(value, marks.service_level)),
    ];
    // The ground is coloured by what is true now; what the last half hour was like shows at the edge.
    const ground = Math.max(RANK[worst[0]], RANK[worst[1]]);
    const worstOfAll = Math.max(...worst.map((mark) => RANK[mark]));
    this.rank = ground * 3 + worstOfAll;
    this.stale = now && now.status !== "fresh" ? now.status : "";
    this.root.className = `tile ${LEVELS[worstOfAll]} ${ground ? `now-${LEVELS[ground]}` : ""} ${this.stale ? "old" : ""}`;
    this.root.setAttribute("aria-label", `${this.title}, ${this.source}`);
    this.add(Date.now(), this.stale ? null : now?.waiting ?? null);
    this.told();
  }

  value(id, value, path, written, judge) {
    const cell = this.cells[id];
    if (value === null || value === undefined) {
      const reason = this.data.realtime === null && path.startsWith("realtime") ? "Nothing was read yet" : whyNot(this.data, path);
      if (cell.firstElementChild?.className !== "gap") {
        const mark = element("button", "gap");
        mark.type = "button";
        mark.textContent = "—";
        cell.className = "";
        cell.replaceChildren(mark);
      }
      cell.firstElementChild.dataset.why = reason;
      cell.firstElementChild.setAttribute("aria-label", `not known: ${reason}`);
      cell.dataset.shown = "";
      return "";
    }
    const text = written(value);
    const mark = judge ? judge(value) : "";
    if (cell.dataset.shown === `${text}${mark}`) return mark;
    cell.dataset.shown = `${text}${mark}`;
    cell.className = mark;
    cell.replaceChildren(...(mark ? [element("b")] : []), text);
    if (mark) element("span", "hidden", cell).textContent = ` ${WORDS[mark]}`;
    return mark;
  }

  told() {
    const seconds = this.age === null ? null : this.age.seconds + (performance.now() - this.age.at) / 1000;
    const words = seconds === null ? "" : seconds < 90 ? `${Math.round(seconds)} s ago` : `${clock(seconds)} ago`;
    put(this.status, this.stale ? `${this.stale} ${words}` : words ? `read ${words}` : "");
    this.status.className = this.stale ? "stale" : "";
    const oldest = this.data.coverage?.oldest;
    put(this.members, oldest === null || oldest === undefined ? "" : `oldest ${clock(oldest)}`);
  }

  add(at, value) {
    this.points.push([at, value]);
    while (this.points.length > 2 && this.points[1][0] < at - SPARK_MS) this.points.shift();
    if (this.points.length > 720) this.points = this.points.filter((_, index) => index % 2);
  }

  before(points) {
    const first = this.points[0]?.[0] ?? Infinity;
    this.points = [...points.filter((point) => point[0] < first), ...this.points];
    this.draw(Date.now());
  }

  draw(now) {
    const first = Math.max(now - SPARK_MS, this.points[0]?.[0] ?? now);
    const span = Math.max(now - first, 1);
    const top = Math.max(4, ...this.points.map((point) => point[1] ?? 0));
    let line = "";
    let before = null;
    for (const [at, value] of [...this.points, [now, this.points.at(-1)?.[1] ?? null]]) {
      const x = Math.max(0, ((at - first) / span) * 100).toFixed(1);
      const y = value === null ? null : (30 - (value / top) * 28).toFixed(1);
      if (y !== null) line += before === null ? `M${x} ${y}` : `H${x}V${y}`;
      before = y;
    }
    if (!this.line) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", "0 0 100 32");
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      this.line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      svg.append(this.line);
      this.spark.append(svg);
    }
    if (this.drawn !== line) {
      this.drawn = line;
      this.line.setAttribute("d", line);
      const minutes = Math.round(span / 60000);
      this.spark.firstChild.setAttribute("aria-label", `waiting over ${minutes} minutes, at most ${top}`);
    }
  }
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
