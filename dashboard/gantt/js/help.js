// What the keys and the pointer do, over the picture ("?").

const KEYS = () => [
  ["← → ↑ ↓", tr("move through time and rows (Page up and down: a page)")],
  ["+  −", tr("zoom in and out")],
  [tr("Home, End"), tr("the whole plan, one week")],
  ["/", tr("search; Enter: next match; Escape: clear")],
  ["[  ]", tr("lower and higher rows")],
  ["F", tr("fold or unfold all groups")],
  ["M", tr("the overview strip on or off")],
  [tr("Escape"), tr("clears the selection, puts a bar in the hand back, closes this")],
  [tr("Wheel"), tr("zooms; Shift: rows; Ctrl: row height")],
  [tr("Drag"), tr("moves the picture; a bar where the plan may be changed by hand")],
  [tr("Click"), tr("an operation: its times and why; a group: folds it")],
];

function buildHelp(close) {
  const rows = KEYS().map(([keys, words]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, words)));
  const button = element("button", { type: "button", onclick: close }, tr("Close"));
  return element("div", { class: "help", role: "dialog", "aria-label": tr("Keys of the Gantt"), hidden: "" },
    element("table", {}, ...rows), button);
}
