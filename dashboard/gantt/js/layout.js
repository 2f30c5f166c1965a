// Which line of the picture shows which row: groups with their headers, folded or not, and their heights in pixels.

const GROUP_HEIGHT = 24;

class Layout {
  constructor(model, rowHeight, folded, shown) {
    this.lines = [];
    this.lineOfRow = new Int32Array(model.rows.length).fill(-1);
    let y = 0;
    let row = 0;
    for (const group of model.head.groups) {
      // A work centre of one machine needs no heading of its own: the machine's row names it.
      const alone = group.rows === 1 && model.head.view === "machine";
      const rows = [];
      for (let k = 0; k < group.rows; k++, row++) if (!shown || shown[row]) rows.push(row);
      if (!rows.length) continue;
      const isFolded = folded.has(group.name);
      if (group.name && (isFolded || !alone)) {
        this.lines.push({ group, rows, folded: isFolded, y, h: GROUP_HEIGHT });
        y += GROUP_HEIGHT;
      }
      if (isFolded) continue;
      for (const r of rows) {
        this.lineOfRow[r] = this.lines.length;
        this.lines.push(alone ? { row: r, alone: group, y, h: rowHeight } : { row: r, y, h: rowHeight });
        y += rowHeight;
      }
    }
    this.height = y;
  }

  // Where a group begins, in pixels; 0 where it is not shown.
  top(group) {
    return this.lines.find((line) => line.group === group || line.alone === group)?.y ?? 0;
  }

  // Number of the line at a height, or -1.
  at(y) {
    const i = lowest(0, this.lines.length, (k) => this.lines[k].y + this.lines[k].h > y);
    return i < this.lines.length && this.lines[i].y <= y ? i : -1;
  }
}
