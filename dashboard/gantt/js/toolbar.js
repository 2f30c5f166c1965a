// The strip above the picture: search, time spans, row heights, and what the colours and marks mean.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function buildToolbar(act) {
  const button = (label, title, action) => element("button", { type: "button", title, "aria-label": title, onclick: action }, label);
  const search = element("input", {
    type: "search", placeholder: say("Find job, part or machine"), "aria-label": say("Find job, part or machine"),
    oninput: () => act.search(search.value),
    onkeydown: (e) => {
      e.stopPropagation();
      if (e.key === "Enter") act.jump(e.shiftKey ? -1 : 1);
      if (e.key === "Escape") {
        search.value = "";
        act.search("");
      }
    },
  });
  const count = element("span", { class: "count", role: "status" });
  const only = element("input", { type: "checkbox", onchange: () => act.onlyHits(only.checked) });
  const onlyLabel = element("label", { class: "only", title: say("Show only the rows that match") }, only, say("only these"));
  const bar = element(
    "div", { class: "toolbar", role: "toolbar", "aria-label": "Gantt" },
    element("span", { class: "cluster" }, search, button("↵", say("Next match (Enter)"), () => act.jump(1)), count, onlyLabel),
    element(
      "span", { class: "cluster" },
      button(say("Day"), say("One day from now"), () => act.span(1440)),
      button(say("3 days"), say("Three days from now"), () => act.span(3 * 1440)),
      button(say("Week"), say("One week from now"), () => act.span(7 * 1440)),
      button(say("All"), say("The whole plan (Home)"), () => act.fit()),
      button("−", say("Zoom out (-)"), () => act.zoom(1.5)),
      button("+", say("Zoom in (+)"), () => act.zoom(1 / 1.5)),
    ),
    element(
      "span", { class: "cluster" },
      button(say("Rows −"), say("Lower rows"), () => act.rowHeight(-1)),
      button(say("Rows +"), say("Higher rows"), () => act.rowHeight(1)),
      button(say("Fold"), say("Fold all groups to their load"), () => act.foldAll(true)),
      button(say("Unfold"), say("Unfold all groups"), () => act.foldAll(false)),
      button("PNG", say("Save what is in sight as a picture"), () => act.png()),
      button("?", say("Keys (?)"), () => act.help()),
    ),
  );
  return { bar, search, count, only, onlyLabel };
}

function buildLegend(head) {
  const item = (swatch, words) => element("span", { class: "key" }, swatch, words);
  const box = (style, text = "") => element("span", { class: "swatch", style }, text);
  const items = head.colours.map((colour, k) =>
    item(box(`background:${colour};color:${head.inks[k]}`, head.marks[k]), head.words[k]));
  items.push(item(box("", ""), say("setup")));
  items[items.length - 1].firstChild.classList.add("hatched");
  items.push(item(box("border:2px solid currentColor"), say("fixed")));
  if (head.has_down) items.push(item(box("background:#3f4750"), say("down")));
  if (head.has_ghosts) items.push(item(box("border:1px dashed currentColor"), head.ghost_words));
  return element("div", { class: "legend" }, ...items);
}
