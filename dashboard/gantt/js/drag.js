// Dragging an operation by hand: where the pointer would set it down. Python judges whether it may stand there.

const SNAP = 8; // pixels within which a bar clings to the end of what it could follow
const GRID = 5; // minutes to which it clings otherwise

class OperationDrag {
  constructor(model, bar, minute) {
    this.model = model;
    this.bar = bar;
    this.grip = minute - model.start[bar];
    this.row = model.row[bar];
    this.start = model.start[bar];
  }

  // Whether the operation may run on the row's machine; by job it stays on its own row.
  mayStandOn(row) {
    const { model, bar } = this;
    if (model.head.view !== "machine") return row === model.row[bar];
    this.eligible ??= new Set(model.head.eligible_sets[model.eligible[bar]]);
    return this.eligible.has(model.rows[row].machine);
  }

  // Over a row (undefined: none, then the last one stays) and a minute.
  over(row, minute, scale) {
    // A job's row stays the job's: there only the time changes.
    if (row !== undefined && this.model.head.view === "machine") this.row = row;
    this.start = this.snapped(minute - this.grip, SNAP / scale);
  }

  get moved() {
    return this.row !== this.model.row[this.bar] || this.start !== this.model.start[this.bar];
  }

  snapped(minute, reach) {
    const { model, bar } = this;
    const ends = model.barsOfJob.get(model.job[bar]).filter((i) => model.sequence[i] < model.sequence[bar]).map((i) => model.end[i]);
    const behind = model.barAfter(this.row, minute - reach);
    for (let i = behind; i < model.firstBar[this.row + 1] && model.end[i] <= minute + reach; i++) {
      if (i !== bar) ends.push(model.end[i]);
    }
    const near = ends.filter((end) => Math.abs(end - minute) <= reach).sort((a, b) => Math.abs(a - minute) - Math.abs(b - minute));
    return Math.max(0, near.length ? near[0] : Math.round(minute / GRID) * GRID);
  }

  // What Python is told.
  get told() {
    const { model, bar } = this;
    return {
      job: model.head.jobs[model.job[bar]].id, sequence: model.sequence[bar],
      machine: model.rows[this.row].machine ?? model.head.place_machines[model.place[bar]],
      start: this.start,
    };
  }
}
