// The whole plan in a strip below the picture: load and lateness over time, and the window in sight as a frame to drag.

const MINIMAP = 34;

class Minimap {
  constructor(canvas, model, view) {
    this.canvas = canvas;
    this.g = canvas.getContext("2d");
    this.model = model;
    this.view = view;
  }

  // Minutes at the strip's ends.
  get span() {
    const { first, last } = this.model.head;
    const margin = (last - first) * 0.02 + 30;
    return [first - margin, last + margin];
  }

  minute(x) {
    const [from, to] = this.span;
    return from + ((x - this.view.gutter) / Math.max(1, this.canvas.clientWidth - this.view.gutter - SCROLLBAR)) * (to - from);
  }

  paint(theme) {
    const { canvas, g, view } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(MINIMAP * ratio);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = theme.background;
    g.fillRect(0, 0, width, MINIMAP);
    const left = view.gutter;
    const right = width - SCROLLBAR;
    const [from, to] = this.span;
    const x = (minute) => left + ((minute - from) / (to - from)) * (right - left);
    const { busy, late, most } = this.load(Math.max(1, Math.floor((right - left) / 3)));
    const w = (right - left) / busy.length;
    busy.forEach((minutes, k) => {
      const h = (minutes / most) * (MINIMAP - 6);
      g.fillStyle = theme.load;
      g.fillRect(left + k * w, MINIMAP - h, w - 0.5, h);
      const l = late[k] ? Math.max(1.5, (late[k] / most) * (MINIMAP - 6)) : 0;
      g.fillStyle = theme.status[STATUS_LATE];
      g.fillRect(left + k * w, MINIMAP - l, w - 0.5, l);
    });
    g.font = "11px " + theme.font;
    g.fillStyle = theme.faint;
    g.textBaseline = "middle";
    g.fillText(tr("Whole plan: load, late"), 8, MINIMAP / 2, left - 14);
    const a = Math.max(left, x(view.from));
    const b = Math.min(right, x(view.to));
    g.fillStyle = theme.dark ? "rgba(255,255,255,0.12)" : "rgba(0,0,0,0.08)";
    g.fillRect(a, 0, Math.max(3, b - a), MINIMAP);
    g.strokeStyle = theme.accent;
    g.lineWidth = 2;
    g.strokeRect(a + 1, 1, Math.max(2, b - a - 2), MINIMAP - 2);
  }

  // Minutes held and minutes held by late jobs in each of so many slices of the plan; kept, as the plan does not change.
  load(count) {
    if (this.kept?.busy.length === count) return this.kept;
    const { model } = this;
    const [from, to] = this.span;
    const step = (to - from) / count;
    const busy = new Float64Array(count);
    const late = new Float64Array(count);
    for (let i = 0; i < model.n; i++) {
      const last = Math.min(count - 1, Math.floor((model.end[i] - from) / step));
      for (let k = Math.max(0, Math.floor((model.start[i] - from) / step)); k <= last; k++) {
        const held = Math.min(model.end[i], from + (k + 1) * step) - Math.max(model.start[i], from + k * step);
        busy[k] += held;
        if (model.status[i] === STATUS_LATE) late[k] += held;
      }
    }
    this.kept = { busy, late, most: Math.max(1, ...busy) };
    return this.kept;
  }
}
