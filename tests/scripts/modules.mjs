// The chart's pure modules for the tests: joined as the page joins them, without a browser.

import { readFileSync } from "node:fs";

const GANTT = new URL("../../dashboard/gantt/js/", import.meta.url);
const PURE = ["message", "time", "model", "layout", "colouring", "actuals", "view", "drag", "steps"];
const NAMES = [
  "speak", "headOf", "tr", "Clock", "hoursMinutes", "signedDays", "Model", "lowest", "firstOf", "Layout", "Colouring", "inkOn",
  "View", "OperationDrag", "workedPieces", "stepAlong", "stepRow", "firstInSight",
];

const source = PURE.map((name) => readFileSync(new URL(`${name}.js`, GANTT), "utf8")).join("\n");
export const chart = new Function(`${source}\nreturn { ${NAMES.join(", ")} };`)();

// A component's default export, from its file below the dashboard; globals as they are when it is called.
export async function component(path) {
  const text = readFileSync(new URL(`../../dashboard/${path}`, import.meta.url), "utf8");
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

const ARRAYS = { i4: Int32Array, u1: Uint8Array };

// The bytes of a plan as Python packs them: the head's length, the head, then the columns, each at a multiple of 8.
export function packed(head, columns) {
  const parts = [];
  const described = [];
  let offset = 0;
  for (const [name, type, values] of columns) {
    const bytes = new Uint8Array(ARRAYS[type].from(values).buffer);
    described.push([name, type, offset, values.length]);
    parts.push([offset, bytes]);
    offset += Math.ceil(bytes.length / 8) * 8;
  }
  const text = new TextEncoder().encode(JSON.stringify({ ...head, columns: described }));
  const whole = new Uint8Array(4 + text.length + offset);
  new DataView(whole.buffer).setUint32(0, text.length, true);
  whole.set(text, 4);
  for (const [at, bytes] of parts) whole.set(bytes, 4 + text.length + at);
  return whole;
}

export const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// A clock's head: a Wednesday, 06:30, in a zone that is two hours ahead of UTC and changes nothing.
export const ZONE = {
  plan_start: "2031-05-14T06:30", utc_offset: 120, clock_minutes: [], clock_ahead: [0], days: DAYS, months: MONTHS,
  day_pattern: "{weekday} {day} {month}",
};

// Three machines in two work centres; bars as [row, job, sequence, start, setup_end, end]. Every machine works from minute 0
// to 480 and from 1440 to 1920.
export function plan(bars, head = {}) {
  const of = (k) => bars.map((bar) => bar[k]);
  const same = (value) => bars.map(() => value);
  return new chart.Model(packed({
    ...ZONE, view: "machine", now: 0, first: 0, last: 1920, first_known: 0, last_known: 1920, chain: [], opens_on: -1,
    rows: [
      { label: "Saw 1", detail: "", machine: 11, table: 0, calendar: 0 }, { label: "Saw 2", detail: "", machine: 12, table: 0, calendar: 0 },
      { label: "Mill", detail: "old", machine: 21, table: 0, calendar: 0 },
    ],
    groups: [{ name: "Saws", rows: 2 }, { name: "Mills", rows: 1 }],
    jobs: [
      { id: "J1", product: "Axle", family: "steel" }, { id: "J2", product: "", family: "brass" }, { id: "J3", product: "Bolt", family: null },
    ],
    places: ["Saw 1", "Saw 2", "Mill"], place_machines: [11, 12, 21], processes: ["cut", "mill"], eligible_sets: [[11, 12], [21]],
    palette: ["#0b6fc2", "#ffe08a"], words: ["late", "on time"], marks: ["!", ""], ...head,
  }, [
    ["row", "i4", of(0)], ["job", "i4", of(1)], ["sequence", "i4", of(2)], ["start", "i4", of(3)], ["setup_end", "i4", of(4)], ["end", "i4", of(5)],
    ["place", "i4", of(0)], ["process", "i4", of(0).map((row) => (row === 2 ? 1 : 0))], ["eligible", "i4", of(0).map((row) => (row === 2 ? 1 : 0))],
    ["table", "i4", same(0)], ["status", "u1", same(0)], ["down_row", "i4", []], ["ghost_row", "i4", []], ["actual_row", "i4", []],
    ["span_first", "i4", [0, 2]], ["span_start", "i4", [0, 1440]], ["span_end", "i4", [480, 1920]],
  ]));
}
