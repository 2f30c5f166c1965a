import assert from "node:assert/strict";
import { test } from "node:test";
import { component } from "./modules.mjs";

// Just enough of a browser: a history with the addresses that "back" would show, and a body that tells of changes.
function browser(address) {
  const entries = [address];
  const window = { location: { href: address }, history: {} };
  window.history.pushState = (_state, _title, url) => {
    window.location.href = String(new URL(url, window.location.href));
    entries.push(window.location.href);
  };
  window.history.replaceState = (_state, _title, url) => {
    window.location.href = String(new URL(url, window.location.href));
    entries[entries.length - 1] = window.location.href;
  };
  return { window, entries };
}

test("a page has one entry of the history, whatever it notes in its address", async () => {
  const frame = await component("components/browser_frame.js");
  const { window, entries } = browser("http://plant/today?plan=1");
  const observed = [];
  Object.assign(globalThis, {
    window, document: { body: {} },
    MutationObserver: class { observe(node) { observed.push(node); } },
  });
  frame({ data: { words: "away" } });
  frame({ data: { words: "away again" } });
  assert.equal(observed.length, 1, "installed once for a loaded page");
  window.history.pushState(null, "", "/today?plan=2");
  assert.deepEqual(entries, ["http://plant/today?plan=2"]);
  window.history.pushState(null, "", "/gantt?plan=2");
  assert.deepEqual(entries, ["http://plant/today?plan=1", "http://plant/gantt?plan=2"], "parameters sent ahead belong to the next page");
  window.history.pushState(null, "", "/jobs");
  assert.equal(entries.length, 3);
});

test("the words of a server that is away are ours", async () => {
  const frame = await component("components/browser_frame.js");
  const { window } = browser("http://plant/");
  let changed = null;
  const text = { data: "Is your machine connected to the internet?" };
  const dialog = { textContent: text.data };
  const nodes = [text];
  Object.assign(globalThis, {
    window, NodeFilter: { SHOW_TEXT: 4 },
    document: {
      body: {}, querySelector: () => dialog,
      createTreeWalker: () => ({ nextNode() { return (this.currentNode = nodes.shift()) !== undefined; } }),
    },
    MutationObserver: class { constructor(call) { changed = call; } observe() {} },
  });
  frame({ data: { words: "The server does not answer." } });
  changed();
  assert.equal(text.data, "The server does not answer.");
});

// A button and the keys of a document; what is opened and printed is kept.
function printing() {
  const heard = {};
  const opened = [];
  const button = {
    addEventListener: (name, call) => (heard[name] = call), querySelector: () => button.span, span: { textContent: "" }, title: "",
  };
  class Element { constructor(typing) { this.typing = typing; } matches() { return this.typing; } }
  Object.assign(globalThis, {
    Element, Blob: class { constructor([text]) { this.text = text; } },
    window: { open: (address) => { opened.push(address); return null; }, setTimeout: () => 0 },
    document: { addEventListener: (name, call) => (heard[name] = call), removeEventListener: (name) => delete heard[name] },
  });
  URL.createObjectURL = (blob) => blob.text;
  return { heard, opened, button, Element };
}

const key = (name, target, more = {}) => ({ key: name, composedPath: () => [target], preventDefault() {}, ...more });

test("the button and the key P open the document that came last", async () => {
  const show = await component("printing/print_button.js");
  const { heard, opened, button, Element } = printing();
  const parentElement = { querySelector: () => button };
  show({ data: { document: "old", label: "Print", title: "P" }, parentElement });
  const leave = show({ data: { document: "new", label: "Print", title: "P" }, parentElement });
  heard.click();
  heard.keydown(key("p", new Element(false)));
  assert.deepEqual(opened, ["new", "new"]);
  assert.equal(button.span.textContent, "Print");
  leave();
  assert.equal(heard.keydown, undefined);
});

test("a P that is typed or held with another key opens nothing", async () => {
  const show = await component("printing/print_button.js");
  const { heard, opened, button, Element } = printing();
  show({ data: { document: "sheet", label: "", title: "" }, parentElement: { querySelector: () => button } });
  heard.keydown(key("p", new Element(true)));
  heard.keydown(key("p", new Element(false), { ctrlKey: true }));
  heard.keydown(key("p", new Element(false), { repeat: true }));
  heard.keydown(key("q", new Element(false)));
  assert.deepEqual(opened, []);
});
