// What the keys and the pointer do, over the picture ("?").

const KEYS = [
  ["← → ↑ ↓", "move through time and rows (Page up and down: a page)"],
  ["+  −", "zoom in and out"],
  ["Home, End", "the whole plan, one week"],
  ["/", "search; Enter: next match; Escape: clear"],
  ["[  ]", "lower and higher rows"],
  ["F", "fold or unfold all groups"],
  ["M", "the overview strip on or off"],
  ["Escape", "clears the selection, puts a bar in the hand back, closes this"],
  ["Wheel", "zooms; Shift: rows; Ctrl: row height"],
  ["Drag", "moves the picture; a bar where the plan may be changed by hand"],
  ["Click", "an operation: its times and why; a group: folds it"],
];

function buildHelp(close) {
  const rows = KEYS.map(([keys, words]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, words)));
  const button = element("button", { type: "button", onclick: close }, "Close");
  return element("div", { class: "help", role: "dialog", "aria-label": "Keys of the Gantt", hidden: "" },
    element("table", {}, ...rows), button);
}
