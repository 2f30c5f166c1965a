// The reader's language: texts come with the data, English is what stands in the scripts.

let TEXTS = {};

// Takes the reader's texts; returns what tells one language from another.
function speak(texts) {
  TEXTS = texts;
  return JSON.stringify(texts);
}

// The head of the packed bytes: see model.js.
function headOf(bytes) {
  const u8 = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const length = new DataView(u8.buffer, u8.byteOffset, u8.byteLength).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(u8.subarray(4, 4 + length)));
}

// A text in the reader's language, its {names} filled in.
function tr(text, values = {}) {
  return (TEXTS[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
