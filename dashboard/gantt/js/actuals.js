// Where operations really ran: a thin bar at the foot of the row, thinner where the machine does not work. Dark is what the
// pulls are sure of; light, at both ends, is the time between two pulls in which it began or ended.

const UNKNOWN_BEGINNING = 1;
const RUNNING = 2;
const PLANNED = 4;

function actualHeight(line) {
  return line.h >= 14 ? 5 : line.h >= 8 ? 3 : 2;
}

// Calls `piece(from, until, works)` for the stretches of [from, until) in which a pattern works and does not. What lies
// beyond the known hours counts as working.
function workedPieces(model, table, from, until, piece) {
  const { first_known, last_known } = model.head;
  let at = from;
  const go = (to, works) => {
    if (to > at) piece(at, to, works);
    at = Math.max(at, to);
  };
  go(Math.min(until, first_known), true);
  const last = model.span_first[table + 1];
  for (let s = model.spanAfter(table, at); s < last && model.span_start[s] < until; s++) {
    go(Math.min(until, model.span_start[s]), false);
    go(Math.min(until, model.span_end[s]), true);
  }
  go(Math.min(until, last_known), false);
  go(until, true);
}

function paintActuals(painter) {
  const { g, theme, model, view } = painter;
  if (!view.actuals || !model.head.has_actuals) return;
  const light = [];
  const dark = [];
  const ground = [];
  for (const line of painter.lines) {
    if (line.row === undefined) continue;
    const h = actualHeight(line);
    const y = painter.y(line) + line.h - h;
    const { table, calendar } = model.rows[line.row];
    const push = (to, from, until) => {
      workedPieces(model, table < 0 ? calendar : table, Math.max(from, view.from), Math.min(until, view.to), (a, b, works) => {
        const w = Math.max(1, painter.x(b) - painter.x(a));
        if (works) to.push(painter.x(a), y, w, h);
        else to.push(painter.x(a), y + h - 1, w, 1);
        if (works && to === light) ground.push(painter.x(a) - 1, y - 1, w + 2, h + 1);
      });
    };
    for (let i = model.firstActual[line.row]; i < model.firstActual[line.row + 1]; i++) {
      if (model.actual_ended[i] <= view.from || model.actual_after[i] >= view.to) continue;
      push(light, model.actual_after[i], model.actual_ended[i]);
      if (model.actual_until[i] > model.actual_begun[i]) push(dark, model.actual_begun[i], model.actual_until[i]);
    }
  }
  g.fillStyle = theme.background;
  fillRects(g, ground);
  g.fillStyle = theme.text;
  g.globalAlpha = 0.35;
  fillRects(g, light);
  g.globalAlpha = 1;
  fillRects(g, dark);
}

// The actual bar under the pointer, or -1. Of several that may have run then, the one that is sure to have.
function actualAt(chart, e) {
  const { model, view, painter } = chart;
  if (!view.actuals || !model.head.has_actuals || e.offsetX < painter.left || e.offsetY < AXIS) return -1;
  const line = view.layout.lines[view.layout.at(e.offsetY - AXIS + view.scroll)];
  if (!line || line.row === undefined || e.offsetY < painter.y(line) + line.h - actualHeight(line) - 1) return -1;
  const minute = chart.minute(e.offsetX);
  let found = -1;
  for (let i = model.firstActual[line.row]; i < model.firstActual[line.row + 1]; i++) {
    if (minute < model.actual_after[i] || minute >= model.actual_ended[i]) continue;
    if (found < 0 || (minute >= model.actual_begun[i] && minute < model.actual_until[i])) found = i;
  }
  return found;
}

function describeActual(model, i) {
  const { clock, head } = model;
  const at = (minute) => clock.stamp(minute);
  const flags = model.actual_flags[i];
  const [after, begun, until, ended] = [model.actual_after[i], model.actual_begun[i], model.actual_until[i], model.actual_ended[i]];
  const lines = [head.actual_names[model.actual_name[i]]];
  if (flags & UNKNOWN_BEGINNING) lines.push(tr("Actual start before {moment}", { moment: at(begun) }));
  else lines.push(tr("Actual start between {first} and {last}", { first: at(after), last: at(begun) }));
  if (flags & RUNNING) lines.push(tr("Running at the pull of {moment}", { moment: at(ended) }));
  else lines.push(tr("Actual end between {first} and {last}", { first: at(until), last: at(ended) }));
  if (flags & PLANNED) {
    lines.push(tr("The plan in force then: {start} – {end}", { start: at(model.actual_planned_start[i]), end: at(model.actual_planned_end[i]) }));
  }
  return lines;
}
