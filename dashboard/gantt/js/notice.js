// What the last drop did, or why it was refused: over the picture, so that nothing below or above it moves.

const NOTICE_STAYS = 15000; // milliseconds

class Notice {
  constructor() {
    this.words = element("span", {});
    this.box = element("div", { class: "notice", role: "status", hidden: "" }, this.words,
      element("button", { type: "button", "aria-label": tr("Close"), onclick: () => this.hide() }, "×"));
  }

  show(message, refused) {
    clearTimeout(this.leaving);
    this.words.textContent = message;
    this.box.classList.toggle("refused", refused);
    this.box.hidden = !message;
    if (message) this.leaving = setTimeout(() => this.hide(), NOTICE_STAYS);
  }

  hide() {
    this.box.hidden = true;
  }
}
