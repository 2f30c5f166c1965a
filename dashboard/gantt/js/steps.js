// From one operation to the next by keyboard: along a row, and between the rows in sight or unfolded.

// The bar before or after on the same row; at the end of the row, the bar itself.
function stepAlong(model, bar, step) {
  const row = model.row[bar];
  return Math.max(model.firstBar[row], Math.min(model.firstBar[row + 1] - 1, bar + step));
}

// The bar of the next row up or down that has one, nearest in time to the middle of this one.
function stepRow(model, layout, bar, step) {
  const middle = (model.start[bar] + model.end[bar]) / 2;
  for (let k = layout.lineOfRow[model.row[bar]] + step; k >= 0 && k < layout.lines.length; k += step) {
    const row = layout.lines[k].row;
    if (row === undefined || model.firstBar[row] === model.firstBar[row + 1]) continue;
    return nearestBar(model, row, middle);
  }
  return bar;
}

function nearestBar(model, row, minute) {
  const last = model.firstBar[row + 1] - 1;
  const after = Math.min(last, model.barAfter(row, minute));
  const before = Math.max(model.firstBar[row], after - 1);
  const away = (i) => Math.max(0, model.start[i] - minute, minute - model.end[i]);
  return away(before) < away(after) ? before : after;
}

// Where the keyboard begins: the first bar in sight, else the first one of the first row that has one.
function firstInSight(model, lines, view) {
  for (const seen of [true, false]) {
    for (const { row } of lines) {
      if (row === undefined) continue;
      const bar = seen ? model.barAfter(row, view.from) : model.firstBar[row];
      if (bar < model.firstBar[row + 1] && (!seen || model.start[bar] < view.to)) return bar;
    }
  }
  return -1;
}
