import assert from "node:assert/strict";
import { test } from "node:test";
import { chart, ZONE } from "./modules.mjs";

const clock = new chart.Clock(ZONE);
// Clocks are put back by an hour after 1000 minutes, at 23:10, and forward by two after 3000.
const changing = new chart.Clock({ ...ZONE, clock_minutes: [1000, 3000], clock_ahead: [0, -60, 60] });

test("a minute is shown on the plant's wall clock, whatever zone this machine is in", () => {
  assert.equal(clock.time(0), "06:30");
  assert.equal(clock.day(0), "We 14 May");
  assert.equal(clock.stamp(1110), "Th 15 May 01:00");
  assert.equal(clock.isoDay(1049), "2031-05-14");
  assert.equal(clock.isoDay(1050), "2031-05-15");
  assert.equal(clock.minuteOfDay("2031-05-15"), 1050);
});

test("midnights are those of the wall clock", () => {
  assert.ok(clock.isMidnight(1050));
  assert.ok(clock.isMidnight(1050 - 1440));
  assert.ok(!clock.isMidnight(1051));
  assert.deepEqual(clock.midnights(1060, 4000), [1050, 2490, 3930]);
});

test("ticks keep their distance in pixels and fall on the hour", () => {
  const { step, found } = clock.ticks(0, 240, 1, 60);
  assert.equal(step, 60);
  assert.deepEqual(found, [30, 90, 150, 210]);
  assert.equal(clock.ticks(0, 240, 1, 61).step, 120);
  assert.equal(clock.ticks(0, 1e6, 1e-6, 60).step, 56 * 1440, "the longest distance where none is long enough");
  assert.ok(clock.ticks(2000, 90000, 0.01, 60).found.every((tick) => clock.isMidnight(tick) && tick >= 2000));
});

test("a time that comes twice is told with its offset from UTC", () => {
  assert.equal(changing.time(999), "23:09");
  assert.equal(changing.time(1000), "22:10");
  assert.equal(changing.stamp(990), "We 14 May 23:00 (+02:00)");
  assert.equal(changing.stamp(1050), "We 14 May 23:00 (+01:00)");
  assert.equal(changing.stamp(900), "We 14 May 21:30");
});

test("a time that is left out is the minute of the change", () => {
  assert.equal(changing.minuteOf(3000), 3000);
  assert.equal(changing.shown(2999), 2939);
  assert.equal(changing.shown(3000), 3060);
});

test("the hour that is repeated has its ticks twice", () => {
  const hours = changing.ticks(900, 1200, 1, 60).found.map((minute) => changing.time(minute));
  assert.deepEqual(hours, ["22:00", "23:00", "23:00", "00:00", "01:00"]);
});

test("spans of time in words", () => {
  chart.speak({});
  assert.equal(chart.hoursMinutes(95), "1:35");
  assert.equal(chart.hoursMinutes(-5), "−0:05");
  assert.equal(chart.signedDays(3000), "+2 d 2 h");
  assert.equal(chart.signedDays(-125), "−2 h");
  assert.equal(chart.signedDays(0), "±0:00 h");
});

test("texts come in the reader's language, names that are not given stay", () => {
  const before = chart.speak({ "{n} h": "{n} Std." });
  assert.notEqual(before, chart.speak({}));
  chart.speak({ "{n} h": "{n} Std." });
  assert.equal(chart.tr("{n} h", { n: 4 }), "4 Std.");
  assert.equal(chart.tr("{a} and {b}", { a: 1 }), "1 and {b}");
  chart.speak({});
});
