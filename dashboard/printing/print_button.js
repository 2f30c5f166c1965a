// Opens the document that came with the page. A typed P is a letter, and only elsewhere the shortcut.
const TYPING = "input, textarea, select, [contenteditable='true']";
const documents = new WeakMap();

function mount(button) {
  const entry = { document: "", pressed: null };
  const open = () => {
    const address = URL.createObjectURL(new Blob([entry.document], { type: "text/html;charset=utf-8" }));
    const tab = window.open(address, "_blank");
    if (tab) tab.addEventListener("load", () => tab.print());
    window.setTimeout(() => URL.revokeObjectURL(address), 60000);
  };
  entry.pressed = (event) => {
    if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.composedPath().some((node) => node instanceof Element && node.matches(TYPING))) return;
    event.preventDefault();
    open();
  };
  button.addEventListener("click", open);
  document.addEventListener("keydown", entry.pressed);
  documents.set(button, entry);
  return entry;
}

// Called anew whenever the document changes: the button and the key are bound once.
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const entry = documents.get(button) ?? mount(button);
  entry.document = data.document;
  button.querySelector("span").textContent = data.label;
  button.title = data.title;
  return () => {
    document.removeEventListener("keydown", entry.pressed);
    documents.delete(button);
  };
}
