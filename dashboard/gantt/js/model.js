// The plan as packed columns, and every question that drawing and pointing ask of it. Rows are sorted by start and never
// overlap, so each question is a binary search.

const FIXED = 1;
const LAST = 2;
const IMPORTANT = 4;
const TYPES = { i4: Int32Array, u2: Uint16Array, u1: Uint8Array };

class Model {
  constructor(bytes) {
    const u8 = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    const length = new DataView(u8.buffer, u8.byteOffset, u8.byteLength).getUint32(0, true);
    this.head = JSON.parse(new TextDecoder().decode(u8.subarray(4, 4 + length)));
    // A copy from the columns on is aligned for typed arrays, which the message buffer need not be.
    const body = u8.slice(4 + length).buffer;
    for (const [name, type, offset, count] of this.head.columns) this[name] = new TYPES[type](body, offset, count);
    this.n = this.start.length;
    this.clock = new Clock(this.head);
    this.rows = this.head.rows;
    this.firstBar = firstOf(this.row, this.rows.length);
    this.firstDown = firstOf(this.down_row, this.rows.length);
    this.firstGhost = firstOf(this.ghost_row, this.rows.length);
    this.firstActual = firstOf(this.actual_row, this.rows.length);
    this.barsOfJob = new Map();
    for (let i = 0; i < this.n; i++) {
      const list = this.barsOfJob.get(this.job[i]);
      if (list) list.push(i);
      else this.barsOfJob.set(this.job[i], [i]);
    }
    // Working minutes before each span of each pattern.
    this.spanBefore = new Int32Array(this.span_start.length + 1);
    for (let i = 0; i < this.span_start.length; i++) {
      this.spanBefore[i + 1] = this.spanBefore[i] + this.span_end[i] - this.span_start[i];
    }
  }

  // First bar of the row that ends after the minute.
  barAfter(row, minute) {
    return lowest(this.firstBar[row], this.firstBar[row + 1], (i) => this.end[i] > minute);
  }

  barAt(row, minute) {
    const i = this.barAfter(row, minute);
    return i < this.firstBar[row + 1] && this.start[i] <= minute ? i : -1;
  }

  // First working span of a pattern that ends after the minute.
  spanAfter(table, minute) {
    return lowest(this.span_first[table], this.span_first[table + 1], (i) => this.span_end[i] > minute);
  }

  // Working minutes of a pattern in [from, to).
  working(table, from, to) {
    return to <= from ? 0 : this.workingBefore(table, to) - this.workingBefore(table, from);
  }

  workingBefore(table, minute) {
    const i = this.spanAfter(table, minute);
    const whole = this.spanBefore[i] - this.spanBefore[this.span_first[table]];
    if (i === this.span_first[table + 1]) return whole;
    return whole + Math.max(0, minute - this.span_start[i]);
  }

  // Shares of the machine's regular open time in [from, to): run, setup, idle, down; null where nothing is open.
  utilisation(row, from, to) {
    const { table, calendar } = this.rows[row];
    if (table < 0) return null;
    const open = this.working(calendar, from, to);
    const usable = this.working(table, from, to);
    let run = 0;
    let setup = 0;
    for (let i = this.barAfter(row, from); i < this.firstBar[row + 1] && this.start[i] < to; i++) {
      const ready = this.setup_end[i];
      setup += this.working(this.table[i], Math.max(from, this.start[i]), Math.min(to, ready));
      run += this.working(this.table[i], Math.max(from, ready), Math.min(to, this.end[i]));
    }
    const total = Math.max(open, usable, run + setup);
    if (total <= 0) return null;
    const down = Math.max(0, Math.min(total - run - setup, open - usable));
    return { run: run / total, setup: setup / total, down: down / total, busy: usable ? Math.min(1, (run + setup) / usable) : 0 };
  }

  // What stands on a bar: what its row does not say already.
  caption(bar) {
    return this.head.view === "job" ? this.head.places[this.place[bar]] : this.label(bar);
  }

  label(bar) {
    const job = this.head.jobs[this.job[bar]];
    return job.product ? job.product + " · " + job.id : job.id;
  }

  // Bars of which job, part, family, machine, work centre or process contain every word of the text; and the rows whose own
  // name contains them all.
  find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const found = (texts) => {
      const joined = texts.filter(Boolean).join(" ").toLowerCase();
      return words.map((word) => joined.includes(word));
    };
    const jobs = this.head.jobs.map((j) => found([j.id, j.product, j.family]));
    const groups = this.head.groups.flatMap((g) => Array(g.rows).fill(this.head.view === "machine" ? g.name : ""));
    const rows = this.rows.map((r, k) => found([r.label, r.detail, groups[k]]));
    const places = this.head.places.map((name) => found([name]));
    const processes = this.head.processes.map((name) => found([name]));
    const hits = new Uint8Array(this.n);
    for (let i = 0; i < this.n; i++) {
      const of = [jobs[this.job[i]], rows[this.row[i]], places[this.place[i]], processes[this.process[i]]];
      hits[i] = words.every((_, k) => of.some((has) => has[k])) ? 1 : 0;
    }
    return { hits, rows: rows.map((has) => has.every(Boolean)) };
  }

  // The operations of a bar's job in their order, one bar of each: of several machines held at once the first.
  operationsOf(job) {
    const first = new Map();
    for (const i of this.barsOfJob.get(job)) if (!first.has(this.sequence[i])) first.set(this.sequence[i], i);
    return [...first.keys()].sort((a, b) => a - b).map((sequence) => first.get(sequence));
  }

  rowOfMachine(machine) {
    return this.rows.findIndex((r) => r.machine === machine);
  }
}

function lowest(low, high, holds) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Where each row's items begin in a column of row numbers that is sorted by row.
function firstOf(column, rows) {
  const first = new Int32Array(rows + 1);
  for (let i = 0; i < column.length; i++) first[column[i] + 1]++;
  for (let r = 0; r < rows; r++) first[r + 1] += first[r];
  return first;
}
