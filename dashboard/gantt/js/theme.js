// Colours and fonts from the page's theme (Streamlit's CSS variables), light or dark.

function readTheme(element, head) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const background = read("--st-background-color", "#ffffff");
  const text = read("--st-text-color", "#222222");
  const dark = luminance(background) < 0.4;
  return {
    key: background + text,
    background,
    text,
    dark,
    font: read("--st-font", "sans-serif"),
    accent: dark ? "#6cb6ff" : "#0b5cad",
    onAccent: dark ? "#10161d" : "#ffffff",
    faint: dark ? "#a3abb5" : "#5c6670",
    closed: dark ? "#262c33" : "#e9ebee",
    group: dark ? "#313941" : "#dfe4e8",
    grid: dark ? "#2f363d" : "#e3e6e9",
    midnight: dark ? "#55606b" : "#b4bcc4",
    load: dark ? "#7d93a8" : "#7f97ad",
    outline: dark ? "rgba(255,255,255,0.75)" : "rgba(0,0,0,0.6)",
    ghost: dark ? "#c9d1d9" : "#4a5560",
    refused: dark ? "#ff8fa0" : "#a1001d",
    onDown: "#ffffff",
    down: dark ? "#6b7480" : "#3f4750",
    run: dark ? "#6fa8dc" : "#3d78b0",
    setup: dark ? "#d9b36c" : "#c58b2a",
    status: dark ? head.dark_colours : head.colours,
    ink: head.inks,
    hatchLight: hatch("rgba(255,255,255,0.6)"),
    hatchDark: hatch("rgba(0,0,0,0.45)"),
  };
}

function luminance(colour) {
  const g = document.createElement("canvas").getContext("2d");
  g.fillStyle = colour;
  g.fillRect(0, 0, 1, 1);
  const [r, gr, b] = g.getImageData(0, 0, 1, 1).data;
  return (0.299 * r + 0.587 * gr + 0.114 * b) / 255;
}

// Diagonal lines as a repeating pattern.
function hatch(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const g = tile.getContext("2d");
  g.strokeStyle = colour;
  g.lineWidth = 1.6;
  g.beginPath();
  for (const shift of [-6, 0, 6]) {
    g.moveTo(shift, 6);
    g.lineTo(shift + 6, 0);
  }
  g.stroke();
  return g.createPattern(tile, "repeat");
}
