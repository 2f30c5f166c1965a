import assert from "node:assert/strict";
import { test } from "node:test";
import { chart, packed, plan, ZONE } from "./modules.mjs";

// row, job, sequence, start, end of setup, end
const BARS = [
  [0, 0, 1, 0, 30, 120], [0, 1, 1, 200, 200, 300], [0, 2, 1, 1440, 1440, 1500],
  [2, 0, 2, 130, 140, 400], [2, 1, 2, 400, 400, 1460],
];
const model = plan(BARS);

test("packed columns are read from any place in memory", () => {
  const bytes = packed({ ...ZONE, jobs: [] }, [["start", "i4", [7]]]);
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  assert.equal(chart.headOf(moved.subarray(3)).plan_start, ZONE.plan_start);
  assert.deepEqual([...model.start], [0, 200, 1440, 130, 400]);
  assert.deepEqual([...model.firstBar], [0, 3, 3, 5], "the second machine has none");
});

test("the bar at a minute includes its start and not its end", () => {
  assert.equal(model.barAt(0, 0), 0);
  assert.equal(model.barAt(0, 119), 0);
  assert.equal(model.barAt(0, 120), -1);
  assert.equal(model.barAt(0, 5000), -1);
  assert.equal(model.barAt(1, 10), -1);
  assert.equal(model.barAfter(0, 120), 1);
});

test("working minutes are those of the calendar", () => {
  assert.equal(model.working(0, 0, 480), 480);
  assert.equal(model.working(0, 400, 1500), 140);
  assert.equal(model.working(0, 480, 1440), 0);
  assert.equal(model.working(0, 300, 200), 0);
  assert.equal(model.working(0, -100, 99999), 960);
});

test("shares of a machine's time add up", () => {
  const used = model.utilisation(0, 0, 480);
  assert.deepEqual(used, { run: 190 / 480, setup: 30 / 480, down: 0, busy: 220 / 480 });
  assert.equal(model.utilisation(1, 0, 480).busy, 0);
  assert.equal(model.utilisation(0, 500, 1400), null, "nothing is open");
});

test("a search needs every word, in the job or in where it runs", () => {
  assert.deepEqual([...model.find("axle").hits], [1, 0, 0, 1, 0]);
  assert.deepEqual([...model.find("J1  MILL").hits], [0, 0, 0, 1, 0]);
  assert.deepEqual(model.find("saws").rows, [true, true, false]);
  assert.deepEqual([...model.find("nothing").hits], [0, 0, 0, 0, 0]);
  assert.equal(model.find("   "), null);
});

test("operations of a job stand in their order, machines held at once count once", () => {
  const both = plan([[0, 0, 2, 100, 100, 200], [1, 0, 2, 100, 100, 200], [2, 0, 1, 0, 0, 50]]);
  assert.deepEqual(both.operationsOf(0), [2, 0]);
});

test("labels leave out what is missing", () => {
  assert.equal(model.label(0), "Axle · J1");
  assert.equal(model.label(1), "J2");
  assert.equal(model.rowOfMachine(21), 2);
  assert.equal(model.rowOfMachine(99), -1);
});

test("the lowest number that holds, or the end", () => {
  assert.equal(chart.lowest(0, 10, (k) => k * k >= 20), 5);
  assert.equal(chart.lowest(0, 10, () => false), 10);
  assert.deepEqual([...chart.firstOf([0, 0, 2], 3)], [0, 2, 2, 3]);
});

// ---------------------------------------------------------------- lines
test("a heading stands above a work centre and not above a single machine", () => {
  const layout = new chart.Layout(model, 20, new Set(), null);
  assert.deepEqual(layout.lines.map((line) => line.row ?? line.group.name), ["Saws", 0, 1, 2]);
  assert.equal(layout.height, 24 + 3 * 20);
  assert.equal(layout.top(model.head.groups[1]), 24 + 2 * 20);
  assert.deepEqual([0, 23, 24, 83, 84, -1].map((y) => layout.at(y)), [0, 0, 1, 3, -1, -1]);
});

test("a folded work centre shows its heading alone", () => {
  const layout = new chart.Layout(model, 20, new Set(["Saws"]), null);
  assert.deepEqual([...layout.lineOfRow], [-1, -1, 1]);
  assert.equal(layout.height, 24 + 20);
});

test("rows that are left out take no room, and neither does a heading without rows", () => {
  const layout = new chart.Layout(model, 20, new Set(), [0, 0, 1]);
  assert.deepEqual(layout.lines.map((line) => line.row), [2]);
});

// ---------------------------------------------------------------- keys
test("keys go along a row and stop at its ends", () => {
  assert.equal(chart.stepAlong(model, 0, 1), 1);
  assert.equal(chart.stepAlong(model, 0, -1), 0);
  assert.equal(chart.stepAlong(model, 2, 1), 2);
  assert.equal(chart.stepAlong(model, 3, -1), 3, "never into another row");
});

test("keys go to the next row that has bars, to the nearest in time", () => {
  const layout = new chart.Layout(model, 20, new Set(), null);
  assert.equal(chart.stepRow(model, layout, 0, 1), 3, "over the empty machine");
  assert.equal(chart.stepRow(model, layout, 2, 1), 4);
  assert.equal(chart.stepRow(model, layout, 3, 1), 3, "there is none below");
  assert.equal(chart.stepRow(model, layout, 4, -1), 2);
});

test("the keyboard begins with what is in sight", () => {
  const { lines } = new chart.Layout(model, 20, new Set(), null);
  assert.equal(chart.firstInSight(model, lines, { from: 150, to: 250 }), 1);
  assert.equal(chart.firstInSight(model, lines, { from: 9000, to: 9100 }), 0, "nothing in sight: the first of all");
  assert.equal(chart.firstInSight(plan([]), lines, { from: 0, to: 100 }), -1);
});

// ---------------------------------------------------------------- dragging
test("a dragged bar clings to the end before it, else to five minutes", () => {
  const drag = new chart.OperationDrag(model, 1, 210);
  drag.over(0, 133, 1);
  assert.deepEqual([drag.start, drag.moved], [120, true], "the end of the bar before");
  drag.over(0, 176, 1);
  assert.equal(drag.start, 165);
  drag.over(undefined, -500, 1);
  assert.deepEqual([drag.row, drag.start], [0, 0], "not before the plan");
});

test("a bar may stand on the machines of its operation only", () => {
  const drag = new chart.OperationDrag(model, 0, 10);
  assert.deepEqual([0, 1, 2].map((row) => drag.mayStandOn(row)), [true, true, false]);
  drag.over(1, 10, 1);
  assert.deepEqual(drag.told, { job: "J1", sequence: 1, machine: 12, start: 0 });
});

// ---------------------------------------------------------------- what is in sight
test("the window stays on the plan and is never narrower than half an hour", () => {
  const view = new chart.View(model, {}, 1000);
  view.want(100, 101, true);
  assert.equal(view.to - view.from, 30);
  view.want(1e6, 1e6 + 600, true);
  assert.ok(view.from < model.head.last + 600);
  while (view.step());
  assert.deepEqual([view.from, view.to], [view.wantedFrom, view.wantedTo]);
});

test("what a reader has chosen is found again", () => {
  const view = new chart.View(model, {}, 1000);
  view.fold("Saws");
  view.searchText = "bolt";
  view.arrange();
  const again = new chart.View(model, JSON.parse(JSON.stringify(view.kept())), 1000);
  assert.deepEqual([...again.folded], ["Saws"]);
  assert.deepEqual([...again.search.hits], [0, 0, 1, 0, 0]);
  assert.equal(again.nextHit(1), 2);
  again.reveal(2);
  assert.equal(again.folded.size, 0, "its work centre is unfolded");
});

test("a search outranks the selected order", () => {
  const view = new chart.View(model, {}, 1000);
  assert.equal(view.emphasis(), null);
  view.selected = 0;
  assert.deepEqual([...view.emphasis()], [1, 0, 0, 1, 0]);
  view.search = model.find("bolt");
  assert.deepEqual([...view.emphasis()], [0, 0, 1, 0, 0]);
});

test("ink is the one of the two that is read better", () => {
  assert.equal(chart.inkOn("#000000"), "#ffffff");
  assert.equal(chart.inkOn("#ffe08a"), "#10161d");
  const byFamily = new chart.Colouring(model, "family", { status: [], ink: [] });
  assert.deepEqual(byFamily.families, ["brass", "steel"]);
  assert.equal(byFamily.of(0), 1);
  assert.equal(byFamily.of(2), 0, "no family: the colour after the last one, from the beginning");
});

// ---------------------------------------------------------------- actuals
test("an actual bar is cut where work stops, and beyond the known hours counts as work", () => {
  const pieces = [];
  chart.workedPieces(model, 0, -60, 2000, (from, until, works) => pieces.push([from, until, works]));
  assert.deepEqual(pieces, [[-60, 0, true], [0, 480, true], [480, 1440, false], [1440, 1920, true], [1920, 2000, true]]);
  pieces.length = 0;
  chart.workedPieces(model, 0, 500, 600, (from, until, works) => pieces.push([from, until, works]));
  assert.deepEqual(pieces, [[500, 600, false]]);
});
