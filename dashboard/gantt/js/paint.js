// Draws one frame of the view onto the canvas. It reads the view and changes nothing.

const AXIS = 40;
const SCROLLBAR = 10;
const MERGE = 0.7; // bars narrower than this many pixels merge with their neighbours
const PAUSE = 6; // pauses narrower than this many pixels are not told apart from work
const STATUS_LATE = 0;
const FACT = "•"; // before what planners have recorded of a machine or an order

class Painter {
  constructor(canvas, model, view) {
    this.canvas = canvas;
    this.g = canvas.getContext("2d");
    this.model = model;
    this.view = view;
  }

  paint(theme) {
    const { canvas, g, view, model } = this;
    const ratio = window.devicePixelRatio || 1;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    if (canvas.width !== Math.round(this.width * ratio) || canvas.height !== Math.round(this.height * ratio)) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    this.theme = theme;
    if (this.colouring?.by !== view.colourBy || this.colouring.theme !== theme) {
      this.colouring = new Colouring(model, view.colourBy, theme);
      this.colouring.theme = theme;
    }
    this.left = view.gutter;
    this.right = this.width - SCROLLBAR;
    this.scale = (this.right - this.left) / (view.to - view.from);
    this.drawn = 0;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.globalAlpha = 1;
    g.fillStyle = theme.background;
    g.fillRect(0, 0, this.width, this.height);
    this.lines = this.visibleLines();
    this.clipped(() => {
      this.paintClosed();
      this.paintGrid();
      this.paintGroups();
      this.paintDown();
      this.paintGhosts();
      this.paintBars();
      paintActuals(this);
      this.paintSelection();
      this.paintNow();
      if (view.dragged) {
        this.paintIneligible(view.dragged, this.left, this.right);
        this.paintDragged(view.dragged);
      }
    });
    this.paintGutter();
    if (view.dragged) this.paintIneligible(view.dragged, 0, this.left - 1);
    this.paintAxis();
    this.paintScrollbar();
    if (!this.lines.length) this.paintNothing();
    return { drawn: this.drawn, bars: model.n };
  }

  x(minute) {
    return this.left + (minute - this.view.from) * this.scale;
  }

  y(line) {
    return AXIS + line.y - this.view.scroll;
  }

  clipped(draw) {
    const { g } = this;
    g.save();
    g.beginPath();
    g.rect(this.left, AXIS, this.right - this.left, this.height - AXIS);
    g.clip();
    draw();
    g.restore();
  }

  visibleLines() {
    const { layout, scroll } = this.view;
    const found = [];
    for (let i = Math.max(0, layout.at(Math.max(0, scroll))); i < layout.lines.length; i++) {
      const line = layout.lines[i];
      if (line.y - scroll > this.height - AXIS) break;
      if (line.y + line.h > scroll) found.push(line);
    }
    return found;
  }

  // ---------------------------------------------------------------- behind the bars
  // Grey where a row's machine does not work; neighbouring rows of one pattern share one rectangle.
  paintClosed() {
    const { g, theme } = this;
    g.fillStyle = theme.closed;
    const byTable = new Map();
    let run = null;
    const flush = () => {
      if (!run) return;
      for (const [x0, x1] of run.closed) g.rect(x0, run.y, x1 - x0, run.h);
    };
    g.beginPath();
    for (const line of this.lines) {
      if (line.row === undefined) {
        flush();
        run = null;
        continue;
      }
      const table = this.model.rows[line.row].calendar;
      if (!byTable.has(table)) byTable.set(table, this.closedSpans(table));
      const closed = byTable.get(table);
      if (run && run.closed === closed) run.h += line.h;
      else {
        flush();
        run = { closed, y: this.y(line), h: line.h };
      }
    }
    flush();
    g.fill();
  }

  closedSpans(table) {
    const { model, view } = this;
    const found = [];
    let open = Math.max(view.from, model.head.first_known);
    const push = (from, to) => {
      const x0 = this.x(from);
      const x1 = this.x(to);
      if (x1 - x0 >= MERGE) found.push([x0, x1]);
    };
    const end = model.span_first[table + 1];
    let i = model.spanAfter(table, open);
    for (; i < end && model.span_start[i] < view.to; i++) {
      if (model.span_start[i] > open) push(open, model.span_start[i]);
      open = Math.max(open, model.span_end[i]);
    }
    const last = Math.min(view.to, model.head.last_known, i < end ? model.span_start[i] : Infinity);
    if (last > open) push(open, last);
    return found;
  }

  paintGrid() {
    const { g, theme, view, model } = this;
    g.strokeStyle = theme.grid;
    g.lineWidth = 1;
    g.beginPath();
    for (const line of this.lines) {
      const y = Math.round(this.y(line) + line.h) - 0.5;
      if (line.h >= 12) {
        g.moveTo(this.left, y);
        g.lineTo(this.right, y);
      }
    }
    for (const t of model.clock.ticks(view.from, view.to, this.scale, 56).found) {
      const x = Math.round(this.x(t)) + 0.5;
      g.moveTo(x, AXIS);
      g.lineTo(x, this.height);
    }
    g.stroke();
    g.strokeStyle = theme.midnight;
    g.beginPath();
    if (1440 * this.scale > 24) {
      for (const t of model.clock.midnights(view.from, view.to)) {
        const x = Math.round(this.x(t)) + 0.5;
        g.moveTo(x, AXIS);
        g.lineTo(x, this.height);
      }
    }
    g.stroke();
  }

  // A group's header shows its load over time, so that a folded plant still tells where it is full and where it is late.
  paintGroups() {
    const { g, theme } = this;
    for (const line of this.lines) {
      if (!line.group) continue;
      const top = this.y(line);
      g.fillStyle = theme.group;
      g.fillRect(this.left, top, this.right - this.left, line.h);
      if (this.model.head.view === "job") continue;
      const load = this.groupLoad(line.rows);
      const room = line.h - 4;
      for (const b of load) {
        const h = b.busy * room;
        g.fillStyle = theme.load;
        g.fillRect(b.x, top + line.h - 2 - h, b.w - 0.5, h);
        if (b.late > 0) {
          g.fillStyle = theme.status[STATUS_LATE];
          const late = Math.max(2, b.late * room);
          g.fillRect(b.x, top + line.h - 2 - late, b.w - 0.5, late);
        }
      }
    }
  }

  groupLoad(rows) {
    const { model, view } = this;
    const width = 8;
    const count = Math.ceil((this.right - this.left) / width);
    const step = width / this.scale;
    const open = new Float64Array(count);
    const busy = new Float64Array(count);
    const late = new Float64Array(count);
    for (const row of rows) {
      const { table } = model.rows[row];
      let before = model.workingBefore(table, view.from);
      for (let k = 0; k < count; k++) {
        const to = view.from + (k + 1) * step;
        const after = model.workingBefore(table, to);
        open[k] += after - before;
        before = after;
      }
      for (let i = model.barAfter(row, view.from); i < model.firstBar[row + 1] && model.start[i] < view.to; i++) {
        const k1 = Math.min(count - 1, Math.floor((model.end[i] - view.from) / step));
        for (let k = Math.max(0, Math.floor((model.start[i] - view.from) / step)); k <= k1; k++) {
          const from = Math.max(model.start[i], view.from + k * step);
          const to = Math.min(model.end[i], view.from + (k + 1) * step);
          const worked = model.working(table, from, to);
          busy[k] += worked;
          if (model.status[i] === STATUS_LATE) late[k] += worked;
        }
      }
    }
    const found = [];
    for (let k = 0; k < count; k++) {
      if (open[k] <= 0) continue;
      const share = (minutes) => Math.min(1, minutes / open[k]);
      found.push({ x: this.left + k * width, w: width, busy: share(busy[k]), late: share(late[k]) });
    }
    return found;
  }

  paintDown() {
    const { g, theme, model, view } = this;
    for (const line of this.lines) {
      if (line.row === undefined) continue;
      for (let i = model.firstDown[line.row]; i < model.firstDown[line.row + 1]; i++) {
        if (model.down_end[i] <= view.from || model.down_start[i] >= view.to) continue;
        const x = Math.max(this.left, this.x(model.down_start[i]));
        const w = Math.max(1, Math.min(this.right, this.x(model.down_end[i])) - x);
        const y = this.y(line);
        g.fillStyle = theme.down;
        g.fillRect(x, y + 1, w, line.h - 2);
        g.fillStyle = theme.hatchLight;
        g.fillRect(x, y + 1, w, line.h - 2);
        if (line.h >= 14 && w > 40) {
          const words = this.shortened(tr("down: {reason}", { reason: model.head.reasons[model.down_reason[i]] }), w - 12);
          g.font = this.font(11, false);
          g.fillStyle = theme.down;
          g.fillRect(x + 2, y + 1, g.measureText(words).width + 5, line.h - 2);
          this.text(words, x + 4, y + line.h / 2, w - 8, theme.onDown);
        }
      }
    }
  }

  paintGhosts() {
    const { g, theme, model, view } = this;
    g.strokeStyle = theme.ghost;
    g.lineWidth = 1;
    g.setLineDash([3, 2]);
    g.beginPath();
    for (const line of this.lines) {
      if (line.row === undefined || line.h < 6) continue;
      for (let i = model.firstGhost[line.row]; i < model.firstGhost[line.row + 1]; i++) {
        if (model.ghost_end[i] <= view.from || model.ghost_start[i] >= view.to) continue;
        const x = this.x(model.ghost_start[i]);
        const w = (model.ghost_end[i] - model.ghost_start[i]) * this.scale;
        if (w >= 2) g.rect(x + 0.5, this.y(line) + 1.5, w - 1, line.h - 3);
      }
    }
    g.stroke();
    g.setLineDash([]);
  }

  // ---------------------------------------------------------------- bars
  paintBars() {
    const { g, theme, model, view } = this;
    const { colouring } = this;
    const levels = colouring.fills.length;
    // Rectangles by [colour][dimmed]: each pair is filled in one go, the most urgent last and so on top.
    const fills = Array.from({ length: levels * 2 }, () => []);
    const pauses = Array.from({ length: levels * 2 }, () => []);
    const outlines = [];
    const dimOutlines = [];
    const details = [];
    const dim = view.emphasis();
    for (const line of this.lines) {
      if (line.row === undefined) continue;
      const pad = line.h >= 14 ? 2 : line.h >= 8 ? 1 : 0.5;
      const y = this.y(line) + pad;
      const h = line.h - 2 * pad;
      const end = model.firstBar[line.row + 1];
      let merged = null;
      const flush = () => {
        if (merged) fills[merged.kind].push(merged.x, y, Math.max(MERGE, merged.end - merged.x), h);
        merged = null;
      };
      for (let i = model.barAfter(line.row, view.from); i < end && model.start[i] < view.to; i++) {
        const x = this.x(model.start[i]);
        const w = (model.end[i] - model.start[i]) * this.scale;
        const kind = colouring.of(i) * 2 + (dim && !dim[i] ? 1 : 0);
        this.drawn++;
        if (w < MERGE) {
          // The group of merged bars takes its most urgent status: a late one is never hidden.
          if (merged && x <= merged.end + MERGE) {
            merged.end = Math.max(merged.end, x + w);
            merged.kind = Math.min(merged.kind, kind);
          } else {
            flush();
            merged = { x, end: x + w, kind };
          }
          continue;
        }
        flush();
        const piece = this.splitAtPauses(i, y, h, fills[kind], pauses[kind]);
        if (w >= 3) (kind & 1 ? dimOutlines : outlines).push(x, y, w, h, i);
        if (w >= 5 && h >= 5) details.push(x, y, w, h, i, kind, piece);
      }
      flush();
    }
    for (let k = levels - 1; k >= 0; k--) {
      for (const faint of [1, 0]) {
        const kind = k * 2 + faint;
        g.fillStyle = colouring.fills[k];
        g.globalAlpha = faint ? 0.22 : 1;
        fillRects(g, fills[kind]);
        g.globalAlpha = faint ? 0.18 : 0.75;
        fillRects(g, pauses[kind]);
      }
    }
    g.globalAlpha = 1;
    g.strokeStyle = theme.outline;
    g.lineWidth = 1;
    this.strokeBars(outlines);
    g.globalAlpha = 0.3;
    this.strokeBars(dimOutlines);
    g.globalAlpha = 1;
    for (let k = 0; k < details.length; k += 7) this.paintDetail(...details.slice(k, k + 7));
  }

  // Full height where the machine works, a thin line where the operation pauses. Returns the widest piece in sight as
  // [left, right]: that is where words can be read.
  splitAtPauses(i, y, h, full, thin) {
    const { model, view } = this;
    const from = Math.max(model.start[i], view.from - 1);
    const to = Math.min(model.end[i], view.to + 1);
    const table = model.table[i];
    const last = model.span_first[table + 1];
    let widest = [0, 0];
    const piece = (a, b) => {
      const x = this.x(a);
      const w = Math.max(MERGE, (b - a) * this.scale);
      full.push(x, y, w, h);
      const seen = [Math.max(this.left, x), Math.min(this.right, x + w)];
      if (seen[1] - seen[0] > widest[1] - widest[0]) widest = seen;
    };
    let begun = from; // where the piece at hand begins
    let done = from; // how far the operation is known to work
    const pause = (until) => {
      const wide = (until - done) * this.scale >= PAUSE;
      if (!wide) return;
      if (done > begun) piece(begun, done);
      thin.push(this.x(done), y + h / 2 - 1, (until - done) * this.scale, 2);
      begun = until;
    };
    for (let s = model.spanAfter(table, from); s < last && model.span_start[s] < to; s++) {
      pause(Math.max(from, model.span_start[s]));
      done = Math.min(to, model.span_end[s]);
    }
    pause(to);
    if (to > begun) piece(begun, to);
    return widest;
  }

  strokeBars(rects) {
    const { g } = this;
    g.beginPath();
    for (let k = 0; k < rects.length; k += 5) {
      const [x, y, w, h] = [rects[k], rects[k + 1], rects[k + 2], rects[k + 3]];
      const left = Math.max(this.left - 2, x);
      const right = Math.min(this.right + 2, x + w);
      if (right > left) g.rect(left + 0.5, y + 0.5, right - left - 1, h - 1);
    }
    g.stroke();
  }

  paintDetail(x, y, w, h, i, kind, piece) {
    const { g, theme, model } = this;
    const flags = model.flags[i];
    const faint = kind & 1;
    const ready = model.setup_end[i];
    if ((ready - model.start[i]) * this.scale >= 2) this.paintSetup(i, y, h, faint);
    if (flags & FIXED) {
      g.strokeStyle = theme.text;
      g.lineWidth = 2;
      g.globalAlpha = faint ? 0.35 : 1;
      g.strokeRect(x + 1, y + 1, Math.max(1, w - 2), h - 2);
      g.globalAlpha = 1;
    }
    if (flags & LAST) this.paintDue(i, x, y, w, h);
    if (faint || h < 11) return;
    const ink = this.colouring.inks[this.colouring.of(i)];
    let left = piece[0] + 3;
    const right = piece[1] - 3;
    // Behind the setup's hatching where there is room, so that both can be read.
    const behind = this.x(ready) + 3;
    if (behind > left && right - behind > 34) left = behind;
    if (flags & FIXED && right - left > 10) {
      this.paintLock(left, y + h / 2, ink);
      left += 11;
    }
    const mark = model.head.marks[model.status[i]];
    const name = (flags & IMPORTANT ? "★ " : "") + model.caption(i);
    if (right - left > 34) this.text(mark ? mark + " " + name : name, left, y + h / 2, right - left, ink);
    else if (mark && right - left > 6 * mark.length) this.text(mark, left, y + h / 2, right - left + 2, ink, true);
  }

  // Hatching over the working minutes of the setup; a pause in between stays a pause.
  paintSetup(i, y, h, faint) {
    const { g, theme, model } = this;
    const [start, ready, table] = [model.start[i], model.setup_end[i], model.table[i]];
    g.fillStyle = this.colouring.inks[this.colouring.of(i)] === "#ffffff" ? theme.hatchLight : theme.hatchDark;
    g.globalAlpha = faint ? 0.3 : 1;
    const last = model.span_first[table + 1];
    for (let s = model.spanAfter(table, start); s < last && model.span_start[s] < ready; s++) {
      const left = Math.max(this.left - 8, this.x(Math.max(start, model.span_start[s])));
      const right = Math.min(this.right, this.x(Math.min(ready, model.span_end[s])));
      if (right > left) g.fillRect(left, y, right - left, h);
    }
    g.globalAlpha = 1;
  }

  // A small flag at the end of the job's last operation; the due date itself where it lies within reach of the row.
  paintDue(i, x, y, w, h) {
    const { g, theme, model, view } = this;
    const job = model.head.jobs[model.job[i]];
    if (job.due === null) return;
    const alone = model.head.view === "job";
    const due = this.x(job.due);
    const inside = job.due >= model.start[i] && job.due <= model.end[i];
    g.fillStyle = theme.text;
    if ((alone || inside) && job.due >= view.from && job.due <= view.to) {
      g.beginPath();
      g.moveTo(due - 4, y - 1);
      g.lineTo(due + 4, y - 1);
      g.lineTo(due, y + 5);
      g.closePath();
      g.fill();
      g.fillRect(due - 0.5, y - 1, 1, h + 2);
    }
    if (w >= 8) {
      g.beginPath();
      g.moveTo(x + w, y);
      g.lineTo(x + w - 6, y);
      g.lineTo(x + w, y + 6);
      g.closePath();
      g.fill();
    }
  }

  paintLock(x, y, ink) {
    const { g } = this;
    g.fillStyle = ink;
    g.fillRect(x, y - 1, 8, 5);
    g.strokeStyle = ink;
    g.lineWidth = 1.4;
    g.beginPath();
    g.arc(x + 4, y - 1, 2.6, Math.PI, 0);
    g.stroke();
  }

  // ---------------------------------------------------------------- in front of the bars
  paintSelection() {
    const { g, theme, model, view } = this;
    const chain = model.head.chain;
    this.whisker = null; // where it stands, for the pointer
    if (view.selected < 0) return;
    const job = model.job[view.selected];
    const due = model.head.jobs[job].due;
    if (due !== null) {
      const x = Math.round(this.x(due)) + 0.5;
      g.strokeStyle = theme.text;
      g.lineWidth = 2;
      g.setLineDash([6, 3]);
      g.beginPath();
      g.moveTo(x, AXIS);
      g.lineTo(x, this.height);
      g.stroke();
      g.setLineDash([]);
      this.flag(tr("due {moment}", { moment: model.clock.stamp(due) }), x, theme.text);
    }
    g.strokeStyle = theme.accent;
    g.lineWidth = 1.5;
    const bars = model.barsOfJob.get(job);
    for (const i of bars) this.frame(i, i === view.selected ? 3 : 1.5);
    // The job's way through the plant: from each operation to the next.
    const way = model.operationsOf(job);
    for (let k = 0; k + 1 < way.length; k++) if (model.row[way[k]] !== model.row[way[k + 1]]) this.connect(way[k], way[k + 1]);
    this.linked = way.length;
    this.paintWhisker(way);
    if (chain.length > 1) {
      g.setLineDash([4, 3]);
      for (let k = 0; k + 1 < chain.length; k++) this.connect(chain[k + 1], chain[k]);
      g.setLineDash([]);
    }
  }

  // Where the picked job is likely to end: a line from P50 to P95 at the height of its last bar, with a longer tick at P80.
  paintWhisker(way) {
    const { g, theme, model } = this;
    const { whisker } = model.head;
    const at = whisker && way.length ? this.place(way[way.length - 1]) : null;
    if (!at || model.job[way[way.length - 1]] !== whisker.job) return;
    const y = Math.round(at.y + at.h / 2) + 0.5;
    const [left, middle, right] = [whisker.p50, whisker.p80, whisker.p95].map((minute) => Math.round(this.x(minute)) + 0.5);
    const draw = (style, width) => {
      g.strokeStyle = style;
      g.lineWidth = width;
      g.beginPath();
      g.moveTo(left, y);
      g.lineTo(right, y);
      for (const [x, half] of [[left, 5], [middle, 3], [right, 5]]) {
        g.moveTo(x, y - half);
        g.lineTo(x, y + half);
      }
      g.stroke();
    };
    draw(theme.background, 5);
    draw(theme.text, 2);
    this.whisker = { left: left - 4, right: right + 4, top: y - 7, bottom: y + 7 };
  }

  frame(i, width) {
    const at = this.place(i);
    if (!at) return;
    const { g, theme } = this;
    g.strokeStyle = theme.accent;
    g.lineWidth = width;
    g.strokeRect(at.x - 1, at.y, Math.max(3, at.w + 2), at.h);
  }

  // A line from the end of one bar to the start of another that had to wait for it.
  connect(from, to) {
    const a = this.place(from);
    const b = this.place(to);
    if (!a || !b) return;
    const { g } = this;
    g.beginPath();
    g.moveTo(a.x + a.w, a.y + a.h / 2);
    g.lineTo(b.x - 6, a.y + a.h / 2);
    g.lineTo(b.x - 6, b.y + b.h / 2);
    g.lineTo(b.x, b.y + b.h / 2);
    g.stroke();
    g.beginPath();
    g.arc(b.x, b.y + b.h / 2, 3, 0, 7);
    g.fillStyle = this.theme.accent;
    g.fill();
  }

  place(i) {
    const { model, view } = this;
    const k = view.layout.lineOfRow[model.row[i]];
    if (k < 0) return null;
    const line = view.layout.lines[k];
    return { x: this.x(model.start[i]), y: this.y(line) + 1, w: (model.end[i] - model.start[i]) * this.scale, h: line.h - 2 };
  }

  // The bar in the planner's hand, as long as in the plan, with the time it would be given.
  paintDragged({ bar, row, start }) {
    const { g, theme, model, view } = this;
    const k = view.layout.lineOfRow[row];
    if (k < 0) return;
    const line = view.layout.lines[k];
    const x = this.x(start);
    const w = Math.max(4, (model.end[bar] - model.start[bar]) * this.scale);
    const legal = view.dragged.mayStandOn(row);
    g.fillStyle = legal ? theme.accent : theme.refused;
    g.globalAlpha = 0.4;
    g.fillRect(x, this.y(line) + 1, w, line.h - 2);
    g.globalAlpha = 1;
    g.strokeStyle = legal ? theme.accent : theme.refused;
    g.lineWidth = 2;
    g.strokeRect(x, this.y(line) + 1, w, line.h - 2);
    const where = model.rows[row].label + ", " + model.clock.stamp(start);
    this.flag(legal ? where : tr("It cannot run on {machine}", { machine: model.rows[row].label }), x, legal ? theme.accent : theme.refused);
  }

  // Rows on which the bar in the hand must not stand step back.
  paintIneligible(dragged, from, to) {
    const { g, theme } = this;
    g.fillStyle = theme.background;
    g.globalAlpha = 0.72;
    for (const line of this.lines) {
      if (line.row !== undefined && !dragged.mayStandOn(line.row)) {
        const top = Math.max(AXIS, this.y(line));
        g.fillRect(from, top, to - from, this.y(line) + line.h - top);
      }
    }
    g.globalAlpha = 1;
  }

  paintNow() {
    const { g, theme, model } = this;
    const now = model.head.now;
    if (now === null) return;
    const x = Math.round(this.x(now)) + 0.5;
    g.strokeStyle = theme.accent;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x, AXIS);
    g.lineTo(x, this.height);
    g.stroke();
  }

  flag(text, x, color) {
    const { g, theme } = this;
    g.font = this.font(11, true);
    const w = g.measureText(text).width + 8;
    const left = Math.min(Math.max(this.left, x - w / 2), this.right - w);
    g.fillStyle = color;
    g.fillRect(left, AXIS + 1, w, 16);
    g.fillStyle = theme.background;
    g.textBaseline = "middle";
    g.fillText(text, left + 4, AXIS + 9.5);
  }

  // ---------------------------------------------------------------- around the picture
  paintGutter() {
    const { g, theme, model, view } = this;
    const bar = 46;
    g.save();
    g.beginPath();
    g.rect(0, AXIS, this.left, this.height - AXIS);
    g.clip();
    g.fillStyle = theme.background;
    g.fillRect(0, AXIS, this.left, this.height - AXIS);
    for (const line of this.lines) {
      const y = this.y(line);
      if (line.group) {
        g.fillStyle = theme.group;
        g.fillRect(0, y, this.left, line.h);
        this.text(line.folded ? "▸" : "▾", 8, y + line.h / 2, 12, theme.text);
        this.text(line.group.name, 22, y + line.h / 2, this.left - (this.isBottleneck(line.group) ? 130 : 60), theme.text, true);
        if (this.isBottleneck(line.group)) this.text(tr("bottleneck"), this.left - 28, y + line.h / 2, 76, theme.accent, true, "right");
        this.text(String(line.rows.length), this.left - 8, y + line.h / 2, 40, theme.faint, false, "right");
        continue;
      }
      const row = model.rows[line.row];
      const hit = view.search && view.search.rows[line.row];
      const picked = view.machine !== null && row.machine === view.machine;
      if (line.alone || picked) {
        g.fillStyle = picked ? theme.accent : theme.group;
        g.fillRect(0, y, this.left, line.h);
      }
      const share = model.head.view === "machine" ? model.utilisation(line.row, view.from, view.to) : null;
      if (line.h >= 10) {
        const room = this.left - 26 - (share ? bar + 34 : 8);
        const ink = picked ? theme.onAccent : hit ? theme.accent : theme.text;
        const label = row.facts.length ? FACT + " " + row.label : row.label;
        this.text(label, 22, y + line.h / 2, room, ink, Boolean(hit) || picked);
        if (line.alone) {
          const used = g.measureText(label).width + 8;
          const words = this.isBottleneck(line.alone) ? line.alone.name + " · " + tr("bottleneck") : line.alone.name;
          if (room - used > 20) this.text(words, 22 + used, y + line.h / 2, room - used, picked ? theme.onAccent : theme.text);
        }
        if (row.detail) this.text(row.detail, this.left - 8, y + line.h / 2, 84, theme.faint, false, "right");
      }
      if (!share) continue;
      const left = this.left - bar - 6;
      const top = y + Math.max(0.5, line.h / 2 - 4);
      const h = Math.min(8, line.h - 1);
      let x = left;
      for (const [part, colour] of [[share.run, theme.run], [share.setup, theme.setup], [share.down, theme.down]]) {
        g.fillStyle = colour;
        g.fillRect(x, top, part * bar, h);
        x += part * bar;
      }
      g.strokeStyle = theme.midnight;
      g.lineWidth = 1;
      g.strokeRect(left + 0.5, top + 0.5, bar - 1, h - 1);
      if (line.h >= 12) {
        const percent = model.head.percent_pattern.replace("{number}", Math.round(share.busy * 100));
        this.text(percent, left - 4, y + line.h / 2, 36, picked ? theme.onAccent : theme.faint, false, "right");
      }
    }
    g.restore();
    g.fillStyle = theme.midnight;
    g.fillRect(this.left - 1, 0, 1, this.height);
  }

  isBottleneck(group) {
    return this.model.head.groups[this.model.head.opens_on] === group;
  }

  paintAxis() {
    const { g, theme, model, view } = this;
    g.fillStyle = theme.background;
    g.fillRect(0, 0, this.width, AXIS);
    g.save();
    g.beginPath();
    g.rect(this.left, 0, this.right - this.left, AXIS);
    g.clip();
    this.paintShifts();
    const dayWidth = 1440 * this.scale;
    const clock = model.clock;
    // Upper tier: days (or weeks, where days are too narrow); lower tier: hours.
    const days = dayWidth >= 62 ? clock.midnights(view.from, view.to) : clock.ticks(view.from, view.to, this.scale, 62).found;
    const step = dayWidth >= 62 ? 1440 : clock.ticks(view.from, view.to, this.scale, 62).step;
    for (const t of days) {
      const x = this.x(t);
      const next = this.x(clock.later(t, step));
      const left = Math.max(x, this.left) + 5;
      if (next - left > 30) this.text(clock.day(t), left, 11, next - left - 4, theme.text, true);
      g.fillStyle = theme.midnight;
      g.fillRect(Math.round(x), 0, 1, AXIS);
    }
    if (dayWidth >= 62) {
      for (const t of clock.ticks(view.from, view.to, this.scale, 40).found) {
        if (clock.isMidnight(t) && dayWidth < 400) continue;
        this.text(clock.time(t), this.x(t), 29, 60, theme.faint, false, "center");
      }
    } else {
      for (const t of clock.ticks(view.from, view.to, this.scale, 22).found) {
        this.text(String(clock.date(t).getUTCDate()), this.x(t) + 2, 29, 30, theme.faint);
      }
    }
    const now = model.head.now;
    if (now !== null && now >= view.from && now <= view.to) {
      const x = this.x(now);
      const label = tr("now {time}", { time: clock.time(now) });
      g.font = this.font(11, true);
      const w = g.measureText(label).width + 8;
      const left = Math.min(Math.max(this.left, x - w / 2), this.right - w);
      g.fillStyle = theme.accent;
      g.fillRect(left, AXIS - 18, w, 16);
      this.text(label, left + 4, AXIS - 10, w, theme.onAccent, true);
    }
    g.restore();
    this.text(model.head.corner, 8, 11, this.left - 14, theme.text, true);
    this.text(model.head.zone, 8, 29, this.left - 14, theme.faint);
    g.fillStyle = theme.midnight;
    g.fillRect(0, AXIS - 1, this.width, 1);
  }

  // When the plant works, by the calendar that most of its machines have: a line along the axis, with gaps where it is shut.
  paintShifts() {
    const { g, theme, model, view } = this;
    const table = model.head.shifts;
    g.fillStyle = theme.run;
    const last = model.span_first[table + 1];
    for (let s = model.spanAfter(table, view.from); s < last && model.span_start[s] < view.to; s++) {
      g.fillRect(this.x(model.span_start[s]), AXIS - 4, Math.max(0.5, (model.span_end[s] - model.span_start[s]) * this.scale), 3);
    }
  }

  paintScrollbar() {
    const { g, theme, view } = this;
    const room = this.height - AXIS;
    if (view.layout.height <= room) return;
    g.fillStyle = theme.group;
    g.fillRect(this.right, AXIS, SCROLLBAR, room);
    const h = Math.max(24, (room * room) / view.layout.height);
    const top = AXIS + (view.scroll / (view.layout.height - room)) * (room - h);
    g.fillStyle = theme.faint;
    g.fillRect(this.right + 2, top, SCROLLBAR - 4, h);
  }

  paintNothing() {
    this.text(tr("No row matches."), this.left + 16, AXIS + 24, 400, this.theme.faint);
  }

  // ---------------------------------------------------------------- text
  font(size, bold) {
    return (bold ? "600 " : "") + size + "px " + this.theme.font;
  }

  // Text that never leaves its room: shortened with an ellipsis, drawn as pixels and so never interpreted.
  text(words, x, y, room, color, bold = false, align = "left") {
    const { g } = this;
    g.font = this.font(11, bold);
    g.textBaseline = "middle";
    g.textAlign = align;
    g.fillStyle = color;
    g.fillText(this.shortened(words, room), x, y);
    g.textAlign = "left";
  }

  shortened(words, room) {
    const { g } = this;
    if (g.measureText(words).width <= room) return words;
    const fit = lowest(0, words.length, (n) => g.measureText(words.slice(0, n) + "…").width > room) - 1;
    return fit <= 0 ? "" : words.slice(0, fit) + "…";
  }
}

function fillRects(g, rects) {
  if (!rects.length) return;
  g.beginPath();
  for (let k = 0; k < rects.length; k += 4) g.rect(rects[k], rects[k + 1], rects[k + 2], rects[k + 3]);
  g.fill();
}
