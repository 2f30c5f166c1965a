// Plant time: minutes from plan_start, shown on the plant's wall clock. The browser's own time zone plays no part:
// the naive plant time is read as if it were UTC, and only UTC getters are used.

const DAY = 1440;
// Tick distances in minutes; the first that leaves enough pixels between ticks is taken.
const TICKS = [5, 10, 15, 30, 60, 120, 180, 360, 720, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 56 * DAY];

const two = (n) => String(n).padStart(2, "0");

class Clock {
  // names: the reader's days from Monday, months from January, and how a day is written.
  constructor(planStart, names) {
    this.names = names;
    this.origin = Date.parse(planStart + ":00Z");
    const start = new Date(this.origin);
    // Minute (from plan_start) of the Monday midnight before it: ticks are counted from there, so they fall on the hour.
    this.monday = -(((start.getUTCDay() + 6) % 7) * DAY + start.getUTCHours() * 60 + start.getUTCMinutes());
  }

  date(minute) {
    return new Date(this.origin + Math.round(minute) * 60000);
  }

  time(minute) {
    const d = this.date(minute);
    return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes());
  }

  day(minute) {
    const d = this.date(minute);
    const parts = {
      weekday: this.names.days[(d.getUTCDay() + 6) % 7], day: d.getUTCDate(), month: this.names.months[d.getUTCMonth()],
      number: d.getUTCMonth() + 1,
    };
    return this.names.day_pattern.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  }

  stamp(minute) {
    return this.day(minute) + " " + this.time(minute);
  }

  // The day of a minute, and the first minute of a day, as "2025-07-21".
  isoDay(minute) {
    return this.date(minute).toISOString().slice(0, 10);
  }

  minuteOfDay(iso) {
    return (Date.parse(iso + "T00:00Z") - this.origin) / 60000;
  }

  isMidnight(minute) {
    return (((minute - this.monday) % DAY) + DAY) % DAY === 0;
  }

  // Tick minutes in [from, to] at a distance that leaves at least `gap` pixels between two.
  ticks(from, to, pixelsPerMinute, gap) {
    const step = TICKS.find((t) => t * pixelsPerMinute >= gap) ?? TICKS[TICKS.length - 1];
    const found = [];
    for (let t = this.monday + Math.ceil((from - this.monday) / step) * step; t <= to; t += step) found.push(t);
    return { step, found };
  }

  midnights(from, to) {
    const found = [];
    for (let t = this.monday + Math.floor((from - this.monday) / DAY) * DAY; t <= to; t += DAY) found.push(t);
    return found;
  }
}

// 95 -> "1:35"
function hoursMinutes(minutes) {
  const m = Math.abs(Math.round(minutes));
  return (minutes < 0 ? "−" : "") + Math.floor(m / 60) + ":" + two(m % 60);
}

// Signed days and hours: 3000 -> "+2 d 2 h"
function signedDays(minutes) {
  const sign = minutes > 0 ? "+" : minutes < 0 ? "−" : "±";
  const m = Math.abs(minutes);
  const d = Math.floor(m / DAY);
  const h = Math.floor((m % DAY) / 60);
  if (d === 0 && h === 0) return sign + tr("{time} h", { time: hoursMinutes(m) });
  const hours = tr("{n} h", { n: h });
  return sign + (d ? tr("{days} d {hours}", { days: d, hours }) : hours);
}
