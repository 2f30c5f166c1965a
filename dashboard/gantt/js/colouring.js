// What a bar's colour tells: its job's status, its product family, or its order.

const COLOURINGS = ["status", "family", "order"];

class Colouring {
  constructor(model, by, theme) {
    const { head } = model;
    this.by = by;
    this.families = [...new Set(head.jobs.map((j) => j.family))].filter((name) => name !== null).sort();
    this.fills = by === "status" ? theme.status : head.palette;
    this.inks = by === "status" ? theme.ink : head.palette.map(inkOn);
    if (by === "status") this.of = (bar) => model.status[bar];
    else {
      const place = new Map(this.families.map((name, k) => [name, k]));
      const byJob = head.jobs.map((j, k) => (by === "order" ? k : place.get(j.family) ?? this.families.length) % this.fills.length);
      this.of = (bar) => byJob[model.job[bar]];
    }
  }

  // What the legend tells: [fill, ink, mark, words] of each colour.
  legend(head) {
    if (this.by === "status") return this.fills.map((fill, k) => [fill, this.inks[k], head.marks[k], head.words[k]]);
    if (this.by === "order") return [[this.fills[0], this.inks[0], "", tr("a colour per order; colours repeat")]];
    return this.families.map((name, k) => [this.fills[k % this.fills.length], this.inks[k % this.inks.length], "", name]);
  }
}

// White or black, the one that is read better on a colour "#rrggbb".
function inkOn(fill) {
  const linear = [1, 3, 5].map((at) => {
    const c = parseInt(fill.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.0577 ? "#ffffff" : "#10161d";
}
