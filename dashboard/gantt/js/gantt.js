// The component: joins model, view, painter and toolbar, listens to pointer and keys, and tells Python what was clicked.

const MIN_HEIGHT = 220;
const LEGEND_ROOM = 52 + MINIMAP;
const STACK_ROOM = 430 + MINIMAP; // what stands above and below charts that share the window
const LINK_EVENT = "shopwright-gantt-window";
// One chart per mount point: Streamlit calls the default export again at every rerun and every change of theme.
const charts = new WeakMap();

class Chart {
  constructor(root) {
    this.root = root;
    this.born = performance.now();
    this.frames = 0;
    this.worstFrame = 0;
    this.canvas = element("canvas", { tabindex: "0", role: "application", class: "canvas" });
    this.tip = element("div", { class: "tip", role: "tooltip" });
    this.help = buildHelp(() => this.toggleHelp(false));
    this.notice = new Notice();
    this.menu = new Menu((what, target) => this.ask(what, target), () => this.canvas.focus({ preventScroll: true }));
    this.said = element("div", { class: "said", role: "status", "aria-live": "polite" });
    this.stage = element("div", { class: "stage" }, this.canvas, this.tip, this.help, this.notice.box, this.menu.box, this.said);
    this.map = element("canvas", { class: "minimap", "aria-hidden": "true" });
    this.tools = buildToolbar(this.actions());
    this.legend = element("div", {});
    // The picture comes first for the Tab key; the style sheet draws its tools above it.
    this.root.replaceChildren(element("div", { class: "gantt" }, this.stage, this.tools.bar, this.map, this.legend));
    this.listen();
  }

  // Takes new data; keeps the window, the folds and the search of the one before.
  show(data, setTriggerValue) {
    this.setTriggerValue = setTriggerValue;
    const model = new Model(data);
    const { head } = model;
    if (this.model?.head.stamp !== head.stamp) {
      const sameView = this.model?.head.view === head.view;
      const kept = sameView && this.view ? { ...this.view.kept(), hit: this.view.hit, hitNumber: this.view.hitNumber } : recall(head.key + "/" + head.view, model.clock.origin);
      this.model = model;
      this.view = new View(model, kept, this.root.clientWidth || 1000);
      this.tools.search.value = this.view.searchText;
      this.tools.only.checked = this.view.onlyHits;
      this.tools.onlyLabel.hidden = false;
      this.tools.colour.value = this.view.colourBy;
      this.tools.actuals.checked = this.view.actuals;
      this.tools.actualsLabel.hidden = !head.has_actuals;
      fillDays(this.tools.day, model.clock, head.first, head.last);
      this.drawLegend(head);
      const legend = this.legend;
      // Charts above each other are one instrument: one toolbar, one legend.
      this.tools.bar.hidden = head.place > 1;
      legend.hidden = head.place < head.stacked;
      this.map.hidden = head.place < head.stacked || hiddenMap();
      this.fit();
      this.canvas.setAttribute("aria-label", tr("{title}: arrows go from operation to operation, Enter opens the details, / searches, ? lists all keys", { title: head.title }));
      this.painter = new Painter(this.canvas, model, this.view);
      this.minimap = new Minimap(this.map, model, this.view);
      this.stats = { bars: model.n, rows: model.rows.length, ghosts: model.ghost_row.length, actuals: model.actual_row.length };
      this.sayCount();
    } else {
      Object.assign(this.model.head, { selected: head.selected, chain: head.chain, focus: head.focus, whisker: head.whisker });
      this.request();
    }
    if (this.droppedAt !== undefined) {
      // For tests and measurements: how long the answer to a drop took, from letting go to the new picture's data.
      this.answered = performance.now() - this.droppedAt;
      this.droppedAt = undefined;
    }
    if (head.told !== this.told) {
      this.told = head.told;
      this.notice.show(head.message, head.refused);
    }
    this.view.dragged = null;
    this.view.machine = head.machine;
    this.view.emphasisOf = undefined;
    this.select(head.selected, false);
    if (head.focus !== this.focus) {
      this.focus = head.focus;
      this.pendingReveal = head.selected;
    }
    this.theme = null;
    this.request();
  }

  drawLegend(head) {
    const legend = buildLegend(head, new Colouring(this.model, this.view.colourBy, readTheme(this.root.host ?? this.root, head)));
    legend.hidden = this.legend.hidden;
    this.legend.replaceWith(legend);
    this.legend = legend;
  }

  // As high as the window allows: a planner's screen is not to be wasted, nor the page to be scrolled for the chart.
  fit() {
    const { stacked } = this.model.head;
    const top = Math.max(0, this.stage.getBoundingClientRect().top);
    const high = window.innerHeight;
    const height = stacked > 1 ? (high - STACK_ROOM) / stacked : Math.max(high - top - LEGEND_ROOM, high * 0.5);
    this.stage.style.height = Math.round(Math.max(MIN_HEIGHT, Math.min(height, high * 0.9))) + "px";
  }

  actions() {
    const then = (act) => (...given) => {
      act(...given);
      this.changed();
    };
    return {
      search: then((text) => {
        this.view.searchText = text;
        this.view.hit = undefined;
        this.view.arrange();
        this.sayCount();
      }),
      jump: then((step) => {
        const bar = this.view.nextHit(step);
        if (bar >= 0) {
          this.view.reveal(bar);
          this.select(bar, true);
        }
        this.sayCount();
      }),
      onlyHits: then((on) => {
        this.view.onlyHits = on;
        this.view.arrange();
      }),
      colour: then((by) => {
        this.view.colourBy = by;
        this.drawLegend(this.model.head);
      }),
      actuals: then((on) => {
        this.view.actuals = on;
      }),
      day: then((iso) => this.view.goTo(this.model.clock.minuteOfDay(iso))),
      now: then(() => this.view.goTo(this.model.head.now ?? 0)),
      span: then((minutes) => this.view.span(minutes)),
      fit: then(() => this.view.fit()),
      zoom: then((factor) => this.view.zoom(factor)),
      rowHeight: then((step) => this.view.setRowHeight(step)),
      foldAll: then((fold) => this.view.foldAll(fold)),
      png: () => this.savePicture(),
      help: () => this.toggleHelp(),
    };
  }

  toggleHelp(show = this.help.hidden) {
    this.help.hidden = !show;
    if (show) this.help.querySelector("button").focus();
    else this.canvas.focus({ preventScroll: true });
  }

  savePicture() {
    this.canvas.toBlob((blob) => {
      const link = element("a", { href: URL.createObjectURL(blob), download: "gantt.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  }

  sayCount() {
    const { view } = this;
    if (!view.search) this.tools.count.textContent = "";
    else {
      const all = view.search.hits.reduce((sum, hit) => sum + hit, 0);
      this.tools.count.textContent = view.hit === undefined ? tr("{n} found", { n: all }) : tr("{k} of {n}", { k: view.hitNumber, n: all });
    }
  }

  // ---------------------------------------------------------------- drawing
  request() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  // After any change by the user: draw, tell the linked chart, remember.
  changed() {
    this.request();
    this.tell();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => remember(this.model.head.key + "/" + this.model.head.view, this.view.kept()), 300);
  }

  draw() {
    this.frame = 0;
    if (!this.model || !this.canvas.clientWidth) return;
    const begun = performance.now();
    this.theme ??= readTheme(this.root.host ?? this.root, this.model.head);
    this.view.room = this.canvas.clientHeight - AXIS;
    this.view.limitScroll();
    if (this.pendingReveal >= 0) this.view.reveal(this.pendingReveal);
    this.pendingReveal = -1;
    const moving = this.view.step();
    const drawn = this.painter.paint(this.theme);
    if (!this.map.hidden) this.minimap.paint(this.theme);
    const ms = performance.now() - begun;
    this.frames++;
    this.worstFrame = Math.max(this.worstFrame, this.frames > 1 ? ms : 0);
    this.firstDrawn ??= performance.now() - this.born;
    const { from, to, scroll, rowHeight, layout } = this.view;
    // For tests: what was drawn and how long it took. Nothing reads it in production.
    (window.__gantt ??= {})[this.model.head.key] = {
      ...this.stats, ...drawn, ms, firstDrawn: this.firstDrawn, frames: this.frames, worstFrame: this.worstFrame,
      from, to, scroll, rowHeight, height: layout.height, gutter: this.view.gutter, selected: this.view.selected,
      map: !this.map.hidden, answered: this.answered, machine: this.view.machine, colourBy: this.view.colourBy,
      linked: this.view.selected < 0 ? 0 : this.painter.linked, dragging: this.view.dragged !== null,
      mayStandOn: (row) => this.view.dragged?.mayStandOn(row), top: this.topGroup(), at: (bar) => this.painter.place(bar), fixed: (bar) => (this.model.flags[bar] & FIXED) !== 0, bar: (job, sequence) => this.barOf(job, sequence),
      row: (bar) => this.model.rows[this.model.row[bar]],
    };
    if (moving) this.request();
  }

  // Name of the group at the top of the picture.
  topGroup() {
    const line = this.view.layout.lines[Math.max(0, this.view.layout.at(this.view.scroll))];
    return line?.group?.name ?? line?.alone?.name ?? (line ? this.view.groupOf(line.row) : null);
  }

  barOf(job, sequence) {
    const { model } = this;
    for (let i = 0; i < model.n; i++) {
      if (model.head.jobs[model.job[i]].id === job && model.sequence[i] === sequence) return i;
    }
    return -1;
  }

  // ---------------------------------------------------------------- the linked chart
  tell() {
    const link = this.model.head.link;
    if (!link) return;
    const { wantedFrom, wantedTo, scroll, rowHeight, folded, searchText, onlyHits, selected, colourBy } = this.view;
    const job = selected < 0 ? null : this.model.head.jobs[this.model.job[selected]].id;
    const sequence = selected < 0 ? null : this.model.sequence[selected];
    const detail = {
      link, sender: this, from: wantedFrom, to: wantedTo, scroll, rowHeight, folded: [...folded], searchText, onlyHits, colourBy, job,
      sequence, origin: this.model.clock.origin,
    };
    window.dispatchEvent(new CustomEvent(LINK_EVENT, { detail }));
  }

  hear({ detail }) {
    if (!this.model || detail.sender === this || detail.link !== this.model.head.link) return;
    const { view } = this;
    // Two plans may count from different moments: the window is shared on the wall clock.
    const shift = (detail.origin - this.model.clock.origin) / 60000;
    view.want(detail.from + shift, detail.to + shift, true);
    view.rowHeight = detail.rowHeight;
    view.folded = new Set(detail.folded);
    view.searchText = this.tools.search.value = detail.searchText;
    view.onlyHits = this.tools.only.checked = detail.onlyHits;
    if (view.colourBy !== detail.colourBy) {
      view.colourBy = detail.colourBy;
      this.drawLegend(this.model.head);
    }
    view.arrange();
    view.scroll = detail.scroll;
    view.limitScroll();
    this.select(detail.job === null ? -1 : this.barOf(detail.job, detail.sequence), false);
    this.sayCount();
    this.request();
  }

  // ---------------------------------------------------------------- pointer and keys
  listen() {
    const { canvas } = this;
    const on = (target, name, handler, options) => target.addEventListener(name, handler, options);
    on(canvas, "wheel", (e) => this.onWheel(e), { passive: false });
    on(canvas, "pointerdown", (e) => this.onDown(e));
    on(canvas, "pointermove", (e) => this.onMove(e));
    on(canvas, "pointerup", (e) => this.onUp(e));
    on(canvas, "pointercancel", () => this.letGo());
    on(this.map, "pointerdown", (e) => this.onMap(e));
    on(this.map, "pointermove", (e) => e.buttons === 1 && this.onMap(e));
    on(canvas, "pointerleave", () => this.hideTip());
    on(canvas, "contextmenu", (e) => this.onMenu(e));
    on(canvas, "dblclick", (e) => this.model && this.view.zoom(0.4, this.minute(e.offsetX)) === undefined && this.changed());
    this.pressed = (e) => this.onPage(e);
    on(window, "keydown", this.pressed);
    on(canvas, "keydown", (e) => this.onKey(e));
    this.heard = (e) => this.hear(e);
    on(window, LINK_EVENT, this.heard);
    this.refit = () => this.model && this.fit();
    on(window, "resize", this.refit);
    // "/" leads to the search, and "?" to the keys, from anywhere on the page but a field that takes text.
    this.slash = (e) => this.onSlash(e);
    on(window, "keydown", this.slash);
    on(this.help, "keydown", (e) => {
      e.stopPropagation();
      if (e.key === "Escape" || e.key === "?") this.toggleHelp(false);
    });
    this.resized = new ResizeObserver(() => this.request());
    this.resized.observe(canvas);
  }

  close() {
    window.removeEventListener(LINK_EVENT, this.heard);
    window.removeEventListener("resize", this.refit);
    window.removeEventListener("keydown", this.slash);
    window.removeEventListener("keydown", this.pressed);
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  minute(x) {
    return this.view.from + (x - this.painter.left) / this.painter.scale;
  }

  // The bar under the pointer: exact, or within three pixels, so that slim bars can be hit.
  hit(e) {
    if (!this.painter || e.offsetX < this.painter.left || e.offsetY < AXIS || e.offsetX > this.painter.right) return -1;
    const line = this.view.layout.lines[this.view.layout.at(e.offsetY - AXIS + this.view.scroll)];
    if (!line || line.row === undefined) return -1;
    const minute = this.minute(e.offsetX);
    const exact = this.model.barAt(line.row, minute);
    if (exact >= 0) return exact;
    const near = this.model.barAfter(line.row, minute - 3 / this.painter.scale);
    const within = near < this.model.firstBar[line.row + 1] && this.model.start[near] <= minute + 3 / this.painter.scale;
    return within ? near : -1;
  }

  onWheel(e) {
    if (!this.painter) return;
    e.preventDefault();
    const unit = e.deltaMode === 1 ? 18 : 1;
    const along = Math.abs(e.deltaX) > Math.abs(e.deltaY);
    if (e.ctrlKey || e.metaKey) this.view.zoom(Math.exp(Math.max(-300, Math.min(300, e.deltaY * unit)) * 0.0018), this.minute(e.offsetX));
    else if (e.shiftKey || along) this.view.pan(((along ? e.deltaX : e.deltaY) * unit) / this.painter.scale, true);
    else this.view.scrollBy(e.deltaY * unit);
    this.menu.close();
    this.hideTip();
    this.changed();
  }

  onDown(e) {
    this.menu.close();
    if (e.button !== 0 || !this.painter) return;
    this.notice.hide();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(e.pointerId);
    this.drag = { x: e.offsetX, y: e.offsetY, moved: false, onBar: e.offsetX >= this.painter.right, dragged: this.draggable(e) };
  }

  // The operation that the pointer takes hold of, where the plan may be changed by hand.
  draggable(e) {
    const bar = this.model.head.editable ? this.hit(e) : -1;
    return bar >= 0 && !(this.model.flags[bar] & FIXED) ? new OperationDrag(this.model, bar, this.minute(e.offsetX)) : null;
  }

  dragOn(e, dragged) {
    const line = this.view.layout.lines[this.view.layout.at(e.offsetY - AXIS + this.view.scroll)];
    dragged.over(line?.row, this.minute(e.offsetX), this.painter.scale);
    this.view.dragged = dragged;
    this.request();
  }

  letGo() {
    this.drag = null;
    this.view.dragged = null;
    this.canvas.style.cursor = "";
    this.request();
  }

  onMap(e) {
    if (!this.minimap) return;
    this.map.setPointerCapture(e.pointerId);
    const half = (this.view.wantedTo - this.view.wantedFrom) / 2;
    const middle = this.minimap.minute(e.offsetX);
    this.view.want(middle - half, middle + half, true);
    this.changed();
  }

  onMove(e) {
    if (!this.painter) return;
    const { drag, view, painter } = this;
    if (!drag) {
      this.showTip(e);
      return;
    }
    const dx = e.offsetX - drag.x;
    const dy = e.offsetY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    this.hideTip();
    this.canvas.style.cursor = "grabbing";
    if (drag.dragged) {
      this.dragOn(e, drag.dragged);
      return;
    }
    if (drag.onBar) view.scrollBy((dy * view.layout.height) / view.room);
    else {
      if (drag.x >= painter.left) view.pan(-dx / painter.scale, true);
      view.scrollBy(-dy);
    }
    drag.x = e.offsetX;
    drag.y = e.offsetY;
    this.changed();
  }

  onUp(e) {
    const { drag } = this;
    this.letGo();
    if (drag?.moved && drag.dragged?.moved) {
      // The bar stays where it was set down until the answer is there.
      this.view.dragged = drag.dragged;
      this.droppedAt = performance.now();
      this.setTriggerValue("dropped", drag.dragged.told);
    }
    if (!drag || drag.moved || !this.model) return;
    const line = this.view.layout.lines[this.view.layout.at(e.offsetY - AXIS + this.view.scroll)];
    if (e.offsetY > AXIS && line?.group && e.offsetX < this.painter.right) {
      this.view.fold(line.group.name);
      this.changed();
      return;
    }
    if (e.offsetX < this.painter.left && e.offsetY > AXIS && line?.row !== undefined) this.pickRow(line.row);
    else this.select(this.hit(e), true);
  }

  // A click on a row's name: the machine, or by job its first operation.
  pickRow(row) {
    const { machine } = this.model.rows[row];
    if (machine === null) {
      if (this.model.firstBar[row] < this.model.firstBar[row + 1]) this.select(this.model.firstBar[row], true);
      return;
    }
    this.select(-1, false);
    this.view.machine = machine;
    this.announce(tr("Machine {machine} selected", { machine: this.model.rows[row].label }));
    this.setTriggerValue("picked", { job: null, sequence: null, machine });
    this.request();
  }

  announce(words) {
    this.said.textContent = words;
  }

  // ---------------------------------------------------------------- the context menu
  onMenu(e) {
    if (!this.model?.head.menu || !this.painter) return;
    e.preventDefault();
    this.hideTip();
    const bar = this.hit(e);
    const line = this.view.layout.lines[this.view.layout.at(e.offsetY - AXIS + this.view.scroll)];
    if (bar >= 0) this.menuOf(bar, e.offsetX, e.offsetY);
    else if (e.offsetY > AXIS && line?.row !== undefined && this.model.rows[line.row].machine !== null) {
      const { label, machine } = this.model.rows[line.row];
      const items = [["breakdown", tr("What if {machine} is down…", { machine: label })], ["down", tr("Record that {machine} is down…", { machine: label })]];
      this.menu.show(e.offsetX, e.offsetY, label, items, { machine });
    }
  }

  menuOf(bar, x, y) {
    const { model } = this;
    const machine = model.rows[model.row[bar]].machine ?? model.head.place_machines[model.place[bar]];
    this.select(bar, false);
    const items = [["details", tr("Why does it start then?")], ["order", tr("Open the order")], ["expedite", tr("Expedite the order…")]];
    items.push(["pin", model.flags[bar] & FIXED ? tr("Unpin…") : tr("Pin here…")], ["breakdown", tr("What if its machine is down…")]);
    items.push(["down", tr("Record that its machine is down…")]);
    this.menu.show(x, y, model.label(bar), items, { job: model.head.jobs[model.job[bar]].id, sequence: model.sequence[bar], machine });
  }

  ask(what, target) {
    this.setTriggerValue("asked", { what, ...target });
  }

  // Keys of the page, the picture focused or not: undo and redo, and the first Tab, which leads to the picture.
  onPage(e) {
    const head = this.model?.head;
    if (!head || head.place > 1) return;
    if (e.key === "Tab" && !e.shiftKey && document.activeElement === document.body && !e.defaultPrevented) {
      e.preventDefault();
      this.canvas.focus({ preventScroll: true });
      return;
    }
    if (!head.editable || !(e.ctrlKey || e.metaKey) || e.altKey || typing(e)) return;
    const key = e.key.toLowerCase();
    const what = key === "z" && !e.shiftKey ? "undo" : key === "y" || key === "z" ? "redo" : null;
    if (!what) return;
    e.preventDefault();
    this.ask(what, {});
  }

  onSlash(e) {
    if (!["/", "?"].includes(e.key) || e.ctrlKey || e.metaKey || e.altKey || !this.model || this.model.head.place > 1) return;
    if (typing(e)) return;
    e.preventDefault();
    if (e.key === "/") this.tools.search.focus();
    else this.toggleHelp();
  }

  onKey(e) {
    if (!this.painter || e.ctrlKey || e.metaKey || e.altKey) return;
    const { view } = this;
    const span = view.wantedTo - view.wantedFrom;
    const go = (step, pan) => () => (e.shiftKey ? pan() : this.step(step));
    const keys = {
      ArrowLeft: go((bar) => stepAlong(this.model, bar, -1), () => view.pan(-span / 6)),
      ArrowRight: go((bar) => stepAlong(this.model, bar, 1), () => view.pan(span / 6)),
      ArrowUp: go((bar) => stepRow(this.model, view.layout, bar, -1), () => view.scrollBy(-3 * view.rowHeight)),
      ArrowDown: go((bar) => stepRow(this.model, view.layout, bar, 1), () => view.scrollBy(3 * view.rowHeight)),
      Enter: () => view.selected >= 0 && this.tellPicked(view.selected),
      ContextMenu: () => this.menuByKey(),
      F10: () => e.shiftKey && this.menuByKey(),
      PageUp: () => view.scrollBy(-view.room * 0.9),
      PageDown: () => view.scrollBy(view.room * 0.9),
      "+": () => view.zoom(1 / 1.4),
      "=": () => view.zoom(1 / 1.4),
      "-": () => view.zoom(1.4),
      Home: () => view.fit(),
      End: () => view.span(7 * 1440),
      "[": () => view.setRowHeight(-1),
      "]": () => view.setRowHeight(1),
      f: () => view.foldAll(view.folded.size === 0),
      m: () => this.toggleMap(),
      "/": () => this.tools.bar.hidden || this.tools.search.focus(),
      "?": () => this.toggleHelp(),
      Escape: () => (this.drag ? this.letGo() : this.help.hidden ? this.select(-1, true) : this.toggleHelp(false)),
    };
    const act = keys[e.key];
    if (!act) return;
    e.preventDefault();
    e.stopPropagation();
    act();
    this.changed();
  }

  // The keyboard's next operation: brought into sight and told to a screen reader. The page hears of it at Enter.
  step(next) {
    const { view } = this;
    const bar = view.selected < 0 ? firstInSight(this.model, this.painter.lines, view) : next(view.selected);
    if (bar < 0) return;
    this.select(bar, false);
    view.reveal(bar);
    this.announce(this.describe(bar).join(", "));
  }

  menuByKey() {
    const at = this.model.head.menu && this.view.selected >= 0 ? this.painter.place(this.view.selected) : null;
    if (at) this.menuOf(this.view.selected, Math.max(this.painter.left, at.x) + 8, at.y + at.h);
  }

  toggleMap() {
    this.map.hidden = !this.map.hidden;
    remember("minimap", { hidden: this.map.hidden });
    this.fit();
  }

  select(bar, byUser) {
    const cleared = byUser && bar < 0 && this.view.machine !== null;
    if (this.view.selected === bar && !cleared) return;
    this.view.selected = bar;
    if (byUser) this.view.machine = null;
    this.view.emphasisOf = undefined;
    this.request();
    if (!byUser) return;
    this.tell();
    this.tellPicked(bar);
  }

  tellPicked(bar) {
    const { model } = this;
    if (bar >= 0) this.announce(this.describe(bar).join(", "));
    this.setTriggerValue("picked", bar < 0 ? { job: null, sequence: null } : { job: model.head.jobs[model.job[bar]].id, sequence: model.sequence[bar] });
  }

  // ---------------------------------------------------------------- tooltip
  showTip(e) {
    const bar = this.hit(e);
    const actual = this.painter ? actualAt(this, e) : -1;
    const beside = this.describeWhisker(e) || (actual >= 0 ? describeActual(this.model, actual) : null);
    const lines = beside || (bar >= 0 ? this.describe(bar) : this.describeDown(e));
    if (!lines) {
      this.hideTip();
      return;
    }
    this.canvas.style.cursor = bar >= 0 ? "pointer" : "";
    this.tip.replaceChildren(...lines.map((words, k) => {
      const made = element("div", k === 0 ? { class: "first" } : {});
      made.textContent = words;
      return made;
    }));
    this.tip.style.display = "block";
    const { offsetWidth: w, offsetHeight: h } = this.tip;
    const x = e.offsetX + 14 + w > this.canvas.clientWidth ? e.offsetX - w - 10 : e.offsetX + 14;
    const y = e.offsetY + 14 + h > this.canvas.clientHeight ? e.offsetY - h - 10 : e.offsetY + 14;
    this.tip.style.left = Math.max(0, x) + "px";
    this.tip.style.top = Math.max(0, y) + "px";
  }

  hideTip() {
    this.tip.style.display = "none";
    if (!this.drag) this.canvas.style.cursor = "";
  }

  describe(i) {
    const { model } = this;
    const { head, clock } = model;
    const job = head.jobs[model.job[i]];
    const worked = model.working(model.table[i], model.start[i], model.end[i]);
    const setup = model.working(model.table[i], model.start[i], model.setup_end[i]);
    const paused = model.end[i] - model.start[i] - worked;
    const lines = [
      (job.important ? "★ " : "") + model.label(i) + (job.quantity === null ? "" : " · " + tr("{n} pcs", { n: job.quantity })),
      tr("Operation {k} of {n}", { k: model.sequence[i], n: job.operations }) + " · " + head.processes[model.process[i]],
      head.places[model.place[i]],
      clock.stamp(model.start[i]) + " – " + clock.stamp(model.end[i]),
      tr("Run {time} h", { time: hoursMinutes(worked - setup) }) + (setup ? " · " + tr("setup {time} h", { time: hoursMinutes(setup) }) : "") + (paused ? " · " + tr("paused {time} h", { time: hoursMinutes(paused) }) : ""),
    ];
    if (job.due !== null) {
      lines.push(tr("Due {moment}", { moment: clock.stamp(job.due) }) + " · " + head.words[model.status[i]] + " (" + signedDays(job.lateness) + ")");
    }
    if (model.flags[i] & FIXED) lines.push(tr("Fixed: already running or set by hand"));
    if (head.whisker && head.whisker.job === model.job[i]) lines.push(head.whisker.words);
    return lines.concat(job.facts.map((words) => FACT + " " + words));
  }

  // What the whisker says, which lies above bars.
  describeWhisker(e) {
    const at = this.painter?.whisker;
    const { whisker, jobs } = this.model.head;
    if (!at || !whisker || e.offsetX < at.left || e.offsetX > at.right || e.offsetY < at.top || e.offsetY > at.bottom) return null;
    const job = jobs[whisker.job];
    return [job.product ? job.product + " · " + job.id : job.id, whisker.words];
  }

  describeDown(e) {
    if (e.offsetY < AXIS) return null;
    const line = this.view.layout.lines[this.view.layout.at(e.offsetY - AXIS + this.view.scroll)];
    if (!line || line.row === undefined) return null;
    const { model } = this;
    if (e.offsetX < this.painter.left) {
      const { label, facts } = model.rows[line.row];
      return facts.length ? [label, ...facts.map((words) => FACT + " " + words)] : null;
    }
    const minute = this.minute(e.offsetX);
    for (let k = model.firstDown[line.row]; k < model.firstDown[line.row + 1]; k++) {
      if (model.down_start[k] <= minute && minute < model.down_end[k]) {
        return [tr("Down: {reason}", { reason: model.head.reasons[model.down_reason[k]] }), model.clock.stamp(model.down_start[k]) + " – " + model.clock.stamp(model.down_end[k])];
      }
    }
    return null;
  }
}

// Whether a key goes into a field that takes text.
function typing(e) {
  const at = e.composedPath()[0];
  return at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
}

function hiddenMap() {
  return recall("minimap", undefined).hidden === true;
}

// The window survives a reload of the page, per browser tab.
function recall(key, origin) {
  try {
    const kept = JSON.parse(sessionStorage.getItem("shopwright-gantt/" + key)) ?? {};
    // The jobs were pulled anew since: yesterday's window would show the past.
    return kept.origin === origin ? kept : {};
  } catch {
    return {}; // storage may be forbidden; then the chart opens at its first look
  }
}

function remember(key, kept) {
  try {
    sessionStorage.setItem("shopwright-gantt/" + key, JSON.stringify(kept));
  } catch {
    // storage may be full or forbidden; then the window is simply not kept
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector("#shopwright-gantt");
  const spoken = speak(headOf(data).texts);
  let chart = charts.get(root);
  if (!chart || chart.spoken !== spoken) {
    chart?.close();
    chart = new Chart(root);
    chart.spoken = spoken;
    charts.set(root, chart);
  }
  chart.show(data, setTriggerValue);
  return () => {
    chart.close();
    charts.delete(root);
  };
}
