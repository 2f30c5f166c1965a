// Opens the document that came with the page. A typed P is a letter, and only elsewhere the shortcut.
const TYPING = "input, textarea, select, [contenteditable='true']";
const openers = new WeakMap();

function mount(button) {
  const opener = { document: "", pressed: null };
  const open = () => {
    const address = URL.createObjectURL(new Blob([opener.document], { type: "text/html;charset=utf-8" }));
    const tab = window.open(address, "_blank");
    if (tab) tab.addEventListener("load", () => tab.print());
    window.setTimeout(() => URL.revokeObjectURL(address), 60000);
  };
  opener.pressed = (event) => {
    if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.composedPath().some((node) => node instanceof Element && node.matches(TYPING))) return;
    event.preventDefault();
    open();
  };
  button.addEventListener("click", open);
  document.addEventListener("keydown", opener.pressed);
  openers.set(button, opener);
  return opener;
}

// Called anew whenever the document changes: the button and the key are bound once.
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const opener = openers.get(button) ?? mount(button);
  opener.document = data.document;
  button.querySelector("span").textContent = data.label;
  button.title = data.title;
  return () => {
    document.removeEventListener("keydown", opener.pressed);
    openers.delete(button);
  };
}
