// What the keys and the pointer do, over the picture ("?").

const KEYS = () => [
  ["← → ↑ ↓", tr("select an operation along the row, or in the row above or below")],
  ["Enter", tr("opens the details of the selected operation")],
  [tr("Menu, Shift+F10"), tr("the menu of the selected operation; the same as a right click")],
  [tr("Shift + arrows"), tr("move through time and rows (Page up and down: a page)")],
  ["+  −", tr("zoom in and out")],
  [tr("Home, End"), tr("the whole plan, one week")],
  ["/", tr("search; Enter: next match; Escape: clear")],
  ["Ctrl+Z, Ctrl+Y", tr("undo and redo a move")],
  ["[  ]", tr("lower and higher rows")],
  ["F", tr("fold or unfold all groups")],
  ["M", tr("the overview strip on or off")],
  [tr("Escape"), tr("clears the selection, puts a dragged bar back, closes this help")],
  [tr("Wheel"), tr("scrolls the rows; Ctrl: zooms at the pointer; Shift: scrolls time")],
  [tr("Drag"), tr("moves the picture; moves a bar if the plan may be changed by hand")],
  [tr("Click"), tr("an operation: its times and why; a machine: selects it; a group: folds it")],
];

function buildHelp(close) {
  const rows = KEYS().map(([keys, words]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, words)));
  const button = element("button", { type: "button", onclick: close }, tr("Close"));
  return element("div", { class: "help", role: "dialog", "aria-label": tr("Keys of the Gantt"), hidden: "" },
    element("table", {}, ...rows), button);
}
