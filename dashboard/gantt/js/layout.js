// Which line of the picture shows which row: groups with their headers, folded or not, and their heights in pixels.

const GROUP_HEIGHT = 24;

class Layout {
  constructor(model, rowHeight, folded, shown) {
    this.lines = [];
    this.lineOfRow = new Int32Array(model.rows.length).fill(-1);
    let y = 0;
    let row = 0;
    for (const group of model.head.groups) {
      const rows = [];
      for (let k = 0; k < group.rows; k++, row++) if (!shown || shown[row]) rows.push(row);
      if (!rows.length) continue;
      const isFolded = folded.has(group.name);
      if (group.name) {
        this.lines.push({ group, rows, folded: isFolded, y, h: GROUP_HEIGHT });
        y += GROUP_HEIGHT;
      }
      if (isFolded) continue;
      for (const r of rows) {
        this.lineOfRow[r] = this.lines.length;
        this.lines.push({ row: r, y, h: rowHeight });
        y += rowHeight;
      }
    }
    this.height = y;
  }

  // Number of the line at a height, or -1.
  at(y) {
    const i = lowest(0, this.lines.length, (k) => this.lines[k].y + this.lines[k].h > y);
    return i < this.lines.length && this.lines[i].y <= y ? i : -1;
  }
}
