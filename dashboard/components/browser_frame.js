// What the browser does for all pages. Streamlit makes an entry of the history for every change of the address: a page that
// notes its choices there would take one step back for each of them. Here a page has one entry, whatever it notes, and a
// way from page to page leaves the page that it comes from as it was.
const STEP = 3000; // milliseconds in which a change of page follows the parameters that Streamlit sends ahead of it

export default function ({ data }) {
  const known = (window.shopwrightFrame ??= { before: null, at: 0 });
  known.words = data.words;
  if (known.installed) return;
  known.installed = true;
  oneEntryPerPage(known);
  new MutationObserver(() => ownWords(known.words)).observe(document.body, { childList: true, subtree: true });
}

function oneEntryPerPage(known) {
  const push = window.history.pushState.bind(window.history);
  const replace = window.history.replaceState.bind(window.history);
  window.history.pushState = (state, title, url) => {
    const now = new URL(window.location.href);
    const next = new URL(url ?? now, now);
    if (next.pathname === now.pathname) {
      known.before = now.href;
      known.at = Date.now();
      replace(state, title, url);
      return;
    }
    const sentAhead = known.before !== null && Date.now() - known.at < STEP && next.search === now.search;
    if (sentAhead) replace(window.history.state, "", known.before);
    known.before = null;
    push(state, title, url);
  };
}

// Streamlit's message for a server that is away asks for the internet, which a board on one's own network does without.
function ownWords(words) {
  const dialog = document.querySelector('[role="dialog"]');
  if (dialog === null || !dialog.textContent.includes("connected to the internet")) return;
  const texts = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.includes("connected to the internet")) text.data = words;
  }
}
