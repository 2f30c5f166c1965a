// What the keys and the pointer do, over the picture ("?").

const KEYS = () => [
  ["← → ↑ ↓", say("move through time and rows (Page up and down: a page)")],
  ["+  −", say("zoom in and out")],
  [say("Home, End"), say("the whole plan, one week")],
  ["/", say("search; Enter: next match; Escape: clear")],
  ["[  ]", say("lower and higher rows")],
  ["F", say("fold or unfold all groups")],
  ["M", say("the overview strip on or off")],
  [say("Escape"), say("clears the selection, puts a bar in the hand back, closes this")],
  [say("Wheel"), say("zooms; Shift: rows; Ctrl: row height")],
  [say("Drag"), say("moves the picture; a bar where the plan may be changed by hand")],
  [say("Click"), say("an operation: its times and why; a group: folds it")],
];

function buildHelp(close) {
  const rows = KEYS().map(([keys, words]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, words)));
  const button = element("button", { type: "button", onclick: close }, say("Close"));
  return element("div", { class: "help", role: "dialog", "aria-label": say("Keys of the Gantt"), hidden: "" },
    element("table", {}, ...rows), button);
}
