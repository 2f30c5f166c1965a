// The context menu of an operation or a machine: ways into other pages, with what was clicked taken along.

class Menu {
  // ask(what, target): tells the page. leave(): gives the focus back to the picture.
  constructor(ask, leave) {
    this.ask = ask;
    this.leave = leave;
    this.box = element("div", { class: "menu", role: "menu", "aria-label": tr("What to do"), hidden: "" });
    this.box.addEventListener("keydown", (e) => this.onKey(e));
    this.box.addEventListener("contextmenu", (e) => e.preventDefault());
  }

  get open() {
    return !this.box.hidden;
  }

  // items: [what, words]; target: { job, sequence, machine } that goes along.
  show(x, y, title, items, target) {
    const choose = (what) => {
      this.close();
      this.ask(what, target);
    };
    const head = element("div", { class: "first", role: "presentation" });
    head.textContent = title;
    const entries = items.map(([what, words]) => element("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => choose(what) }, words));
    this.box.replaceChildren(head, ...entries);
    this.box.hidden = false;
    const room = this.box.parentElement;
    this.box.style.left = Math.max(0, Math.min(x, room.clientWidth - this.box.offsetWidth - 2)) + "px";
    this.box.style.top = Math.max(0, Math.min(y, room.clientHeight - this.box.offsetHeight - 2)) + "px";
    entries[0].focus({ preventScroll: true });
  }

  close() {
    if (!this.open) return;
    this.box.hidden = true;
    this.leave();
  }

  onKey(e) {
    e.stopPropagation();
    const entries = [...this.box.querySelectorAll("button")];
    const at = entries.indexOf(this.box.getRootNode().activeElement);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[e.key];
    if (go !== undefined) entries[go % entries.length].focus();
    else if (e.key === "Escape" || e.key === "Tab") this.close();
    else return;
    e.preventDefault();
  }
}
