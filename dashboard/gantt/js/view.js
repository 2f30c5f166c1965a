// What is in sight and what the pointer and the keys make of it. Knows nothing of Streamlit.

const MIN_SPAN = 30; // minutes
const ROW_HEIGHTS = [5, 8, 12, 16, 20, 26, 34];
const SETTLE = 0.4; // share of the way to the wanted window that each frame goes

class View {
  constructor(model, kept, width) {
    this.model = model;
    this.gutter = width < 700 ? 170 : 236;
    this.rowHeight = kept.rowHeight ?? 20;
    this.folded = new Set(kept.folded ?? []);
    this.scroll = kept.scroll ?? 0;
    const [from, to] = this.opening();
    // Plans may count from different moments: a kept window stays where it is on the wall clock.
    const shift = kept.from === undefined ? 0 : (kept.origin - model.clock.origin) / 60000;
    this.from = this.wantedFrom = (kept.from ?? from) + shift;
    this.to = this.wantedTo = (kept.to ?? to) + shift;
    this.selected = -1;
    this.machine = null; // the machine whose name is picked
    this.colourBy = COLOURINGS.includes(kept.colourBy) ? kept.colourBy : "status";
    this.search = null;
    this.searchText = kept.searchText ?? "";
    this.onlyHits = kept.onlyHits ?? false;
    this.hit = kept.hit;
    this.hitNumber = kept.hitNumber;
    this.actuals = kept.actuals ?? true;
    this.arrange();
    // The first look begins with the work centre that holds the plan up.
    const opening = model.head.groups[model.head.opens_on];
    if (kept.scroll === undefined && opening) this.scroll = this.layout.top(opening);
  }

  // The first look: a week from now, which is what a shift's planner works on.
  opening() {
    const now = this.model.head.now ?? 0;
    return [now - 120, Math.min(now + 7 * 1440, Math.max(now + 1440, this.model.head.last + 120))];
  }

  arrange() {
    this.search = this.model.find(this.searchText);
    let shown = null;
    if (this.search && this.onlyHits) {
      shown = new Uint8Array(this.model.rows.length);
      for (let r = 0; r < shown.length; r++) shown[r] = this.search.rows[r] ? 1 : 0;
      for (let i = 0; i < this.model.n; i++) if (this.search.hits[i]) shown[this.model.row[i]] = 1;
    }
    this.layout = new Layout(this.model, this.rowHeight, this.folded, shown);
    this.limitScroll();
  }

  limitScroll(room = this.room ?? 400) {
    this.scroll = Math.max(0, Math.min(this.scroll, this.layout.height - room));
  }

  // Which bars stand out; null: all alike. A search outranks a selection.
  emphasis() {
    if (this.search) return this.search.hits;
    if (this.selected < 0) return null;
    if (this.emphasisOf !== this.selected) {
      this.emphasised = new Uint8Array(this.model.n);
      for (const i of this.model.barsOfJob.get(this.model.job[this.selected])) this.emphasised[i] = 1;
      for (const i of this.model.head.chain) this.emphasised[i] = 1;
      this.emphasisOf = this.selected;
    }
    return this.emphasised;
  }

  want(from, to, at_once = false) {
    const { first, last } = this.model.head;
    const whole = Math.max(MIN_SPAN, last - first);
    const span = Math.max(MIN_SPAN, Math.min(to - from, whole * 1.5 + 2880));
    // At least a sliver of the plan stays in sight.
    const middle = Math.max(first - span / 3, Math.min((from + to) / 2, last + span / 3));
    this.wantedFrom = middle - span / 2;
    this.wantedTo = middle + span / 2;
    if (at_once) {
      this.from = this.wantedFrom;
      this.to = this.wantedTo;
    }
  }

  // One frame towards the wanted window; false when it is reached.
  step() {
    const span = this.to - this.from;
    const left = this.wantedFrom - this.from;
    const right = this.wantedTo - this.to;
    if (Math.abs(left) + Math.abs(right) < span * 0.002) {
      this.from = this.wantedFrom;
      this.to = this.wantedTo;
      return false;
    }
    this.from += left * SETTLE;
    this.to += right * SETTLE;
    return true;
  }

  zoom(factor, around) {
    const centre = around ?? (this.wantedFrom + this.wantedTo) / 2;
    this.want(centre - (centre - this.wantedFrom) * factor, centre + (this.wantedTo - centre) * factor);
  }

  pan(minutes, at_once = false) {
    this.want(this.wantedFrom + minutes, this.wantedTo + minutes, at_once);
  }

  fit() {
    const { first, last } = this.model.head;
    const margin = (last - first) * 0.02 + 30;
    this.want(first - margin, last + margin);
  }

  span(minutes) {
    const from = (this.model.head.now ?? 0) - minutes * 0.02;
    this.want(from, from + minutes);
  }

  // The same span of time from another moment on.
  goTo(minute) {
    const span = this.wantedTo - this.wantedFrom;
    this.want(minute - span * 0.02, minute + span * 0.98);
  }

  scrollBy(pixels) {
    this.scroll += pixels;
    this.limitScroll();
  }

  setRowHeight(step) {
    const k = lowest(0, ROW_HEIGHTS.length, (i) => ROW_HEIGHTS[i] >= this.rowHeight) + step;
    const height = ROW_HEIGHTS[Math.max(0, Math.min(ROW_HEIGHTS.length - 1, k))];
    const middle = (this.scroll + this.room / 2) / Math.max(1, this.layout.height);
    this.rowHeight = height;
    this.arrange();
    this.scroll = middle * this.layout.height - this.room / 2;
    this.limitScroll();
  }

  foldAll(fold) {
    this.folded = new Set(fold ? this.model.head.groups.map((g) => g.name) : []);
    this.arrange();
  }

  fold(name) {
    if (!this.folded.delete(name)) this.folded.add(name);
    this.arrange();
  }

  // Brings a bar into sight: its group unfolded, its row in the middle, its time inside the window.
  reveal(bar) {
    const { model } = this;
    const row = model.row[bar];
    if (this.layout.lineOfRow[row] < 0) {
      this.folded = new Set([...this.folded].filter((name) => name !== this.groupOf(row)));
      this.arrange();
    }
    const line = this.layout.lines[this.layout.lineOfRow[row]];
    if (line) {
      const out = line.y < this.scroll || line.y + line.h > this.scroll + this.room;
      if (out) this.scroll = line.y - this.room / 2;
      this.limitScroll();
    }
    const start = model.start[bar];
    const end = model.end[bar];
    if (end > this.wantedTo || start < this.wantedFrom) {
      const span = Math.max(this.wantedTo - this.wantedFrom, (end - start) * 1.2);
      this.want(start - span * 0.3, start + span * 0.7);
    }
  }

  groupOf(row) {
    let passed = 0;
    for (const g of this.model.head.groups) {
      passed += g.rows;
      if (row < passed) return g.name;
    }
    return null;
  }

  // The next bar that the search found, by time from the present selection on, around the end.
  nextHit(step) {
    if (!this.search) return -1;
    const found = [];
    for (let i = 0; i < this.model.n; i++) if (this.search.hits[i]) found.push(i);
    if (!found.length) return -1;
    found.sort((a, b) => this.model.start[a] - this.model.start[b] || a - b);
    const at = found.indexOf(this.hit ?? -1);
    this.hit = found[(at + step + found.length) % found.length];
    this.hitNumber = found.indexOf(this.hit) + 1;
    this.hitCount = found.length;
    return this.hit;
  }

  kept() {
    return {
      from: this.wantedFrom, to: this.wantedTo, scroll: this.scroll, rowHeight: this.rowHeight,
      folded: [...this.folded], searchText: this.searchText, onlyHits: this.onlyHits, colourBy: this.colourBy, actuals: this.actuals,
      origin: this.model.clock.origin,
    };
  }
}
