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
    type: "search", placeholder: tr("Find job, part, machine, work centre"), "aria-label": tr("Find job, part, machine, work centre"),
    title: tr("Several words narrow the search"),
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
  const onlyLabel = element("label", { class: "only", title: tr("Show only the rows that match") }, only, tr("only these"));
  const colour = element("select", { "aria-label": tr("Colour by"), title: tr("Colour by"), onchange: () => act.colour(colour.value) },
    element("option", { value: "status" }, tr("Colour: status")), element("option", { value: "family" }, tr("Colour: family")),
    element("option", { value: "order" }, tr("Colour: order")));
  const actuals = element("input", { type: "checkbox", onchange: () => act.actuals(actuals.checked) });
  const actualsLabel = element("label", { class: "only", title: tr("Where operations actually ran, as far as the pulls show: a thin bar below the planned one") }, actuals, tr("Actual"));
  const day = element("select", {
    class: "days", "aria-label": tr("Go to date"), title: tr("Go to date"),
    onchange: () => {
      if (day.value) act.day(day.value);
      day.value = "";
    },
  });
  const bar = element(
    "div", { class: "toolbar", role: "toolbar", "aria-label": "Gantt" },
    element("span", { class: "cluster" }, search, button("↵", tr("Next match (Enter)"), () => act.jump(1)), count, onlyLabel),
    element(
      "span", { class: "cluster" },
      day,
      button(tr("Now"), tr("From now on"), () => act.now()),
      button(tr("Day"), tr("One day from now"), () => act.span(1440)),
      button(tr("3 days"), tr("Three days from now"), () => act.span(3 * 1440)),
      button(tr("Week"), tr("One week from now"), () => act.span(7 * 1440)),
      button(tr("All"), tr("The whole plan (Home)"), () => act.fit()),
      button("−", tr("Zoom out (-)"), () => act.zoom(1.5)),
      button("+", tr("Zoom in (+)"), () => act.zoom(1 / 1.5)),
    ),
    element(
      "span", { class: "cluster" },
      colour,
      actualsLabel,
      button(tr("Rows −"), tr("Lower rows"), () => act.rowHeight(-1)),
      button(tr("Rows +"), tr("Higher rows"), () => act.rowHeight(1)),
      button(tr("Fold"), tr("Fold all groups to their load"), () => act.foldAll(true)),
      button(tr("Unfold"), tr("Unfold all groups"), () => act.foldAll(false)),
      button("PNG", tr("Save the visible part as a picture"), () => act.png()),
      button("?", tr("Keys (?)"), () => act.help()),
    ),
  );
  return { bar, search, count, only, onlyLabel, colour, actuals, actualsLabel, day };
}

// The days from minute `first` to `last`, written as everywhere on the board: a browser's own date field has its own order.
function fillDays(select, clock, first, last) {
  select.replaceChildren(element("option", { value: "" }, tr("Go to date")));
  const start = clock.minuteOfDay(clock.isoDay(first));
  for (const minute of clock.midnights(start, last)) {
    select.append(element("option", { value: clock.isoDay(minute) }, clock.day(minute)));
  }
}

function buildLegend(head, colouring) {
  const item = (swatch, words) => element("span", { class: "key" }, swatch, words);
  const box = (style, text = "") => element("span", { class: "swatch", style }, text);
  const items = colouring.legend(head).map(([fill, ink, mark, words]) => item(box(`background:${fill};color:${ink}`, mark), words));
  items.push(item(box("", ""), tr("setup")));
  items[items.length - 1].firstChild.classList.add("hatched");
  items.push(item(box("border:2px solid currentColor"), tr("fixed")));
  if (head.has_down) items.push(item(box("background:#3f4750"), tr("down")));
  if (head.has_actuals) items.push(item(box("height:5px;background:currentColor;border:0"), tr("actual run")));
  if (head.has_ghosts) items.push(item(box("border:1px dashed currentColor"), head.ghost_words));
  return element("div", { class: "legend" }, ...items);
}
