// Plant time: minutes from plan_start, shown on the plant's wall clock. The browser's own time zone plays no part:
// the naive plant time is read as if it were UTC, and only UTC getters are used.

const DAY = 1440;
// Tick distances in minutes; the first that leaves enough pixels between ticks is taken.
const TICKS = [5, 10, 15, 30, 60, 120, 180, 360, 720, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 56 * DAY];

const two = (n) => String(n).padStart(2, "0");

class Clock {
  // head: plan_start, and utc_offset, how many minutes it is ahead of UTC; clock_minutes, the minutes at which the zone's
  // clocks change, and clock_ahead, how many minutes the wall clock is ahead of plan_start plus the minutes that passed, before,
  // between and after them; the reader's days from Monday, months from January, and how a day is written.
  constructor(head) {
    this.names = head;
    this.origin = Date.parse(head.plan_start + ":00Z");
    this.changes = head.clock_minutes;
    this.ahead = head.clock_ahead;
    const start = new Date(this.origin);
    // Wall minute (from plan_start) of the Monday midnight before it: ticks are counted from there, so they fall on the hour.
    this.monday = -(((start.getUTCDay() + 6) % 7) * DAY + start.getUTCHours() * 60 + start.getUTCMinutes());
  }

  part(minute) {
    const next = this.changes.findIndex((change) => minute < change);
    return next < 0 ? this.changes.length : next;
  }

  // Wall minutes from plan_start that the clock shows at a minute.
  shown(minute) {
    return minute + this.ahead[this.part(minute)];
  }

  // The first minute that shows so many wall minutes from plan_start; where none does, the change over which they are left out.
  minuteOf(wall) {
    for (let part = 0; part < this.ahead.length; part++) {
      const minute = wall - this.ahead[part];
      if (part > 0 && minute < this.changes[part - 1]) return this.changes[part - 1];
      if (part === this.changes.length || minute < this.changes[part]) return minute;
    }
  }

  date(minute) {
    return new Date(this.origin + this.shown(Math.round(minute)) * 60000);
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

  // With the offset from UTC where the clock shows the time twice.
  stamp(minute) {
    const wall = this.shown(minute);
    const own = this.part(minute);
    const twice = this.ahead.some((ahead, part) => part !== own && this.part(wall - ahead) === part);
    const offset = this.names.utc_offset + this.ahead[own];
    const text = (offset < 0 ? "-" : "+") + two(Math.floor(Math.abs(offset) / 60)) + ":" + two(Math.abs(offset) % 60);
    return this.day(minute) + " " + this.time(minute) + (twice ? " (" + text + ")" : "");
  }

  // The day of a minute, and the first minute of a day, as "2025-07-21".
  isoDay(minute) {
    return this.date(minute).toISOString().slice(0, 10);
  }

  minuteOfDay(iso) {
    return this.minuteOf((Date.parse(iso + "T00:00Z") - this.origin) / 60000);
  }

  isMidnight(minute) {
    return (((this.shown(minute) - this.monday) % DAY) + DAY) % DAY === 0;
  }

  // Tick minutes in [from, to] at a distance that leaves at least `gap` pixels between two; those of a repeated hour twice.
  ticks(from, to, pixelsPerMinute, gap) {
    const step = TICKS.find((t) => t * pixelsPerMinute >= gap) ?? TICKS[TICKS.length - 1];
    if (step >= DAY) return { step, found: this.days(from, to, step).filter((t) => t >= from) };
    const found = [];
    for (let part = this.part(from); part <= this.part(to); part++) {
      const ahead = this.ahead[part];
      const first = part > 0 ? Math.max(from, this.changes[part - 1]) : from;
      const last = part < this.changes.length ? Math.min(to + 1, this.changes[part]) : to + 1;
      let t = this.monday + Math.ceil((first + ahead - this.monday) / step) * step - ahead;
      for (; t < last && t <= to; t += step) found.push(t);
    }
    return { step, found };
  }

  midnights(from, to) {
    return this.days(from, to, DAY);
  }

  // The beginnings of days at a distance of `step`, from the last one before `from` on.
  days(from, to, step) {
    const found = [];
    let wall = this.monday + Math.floor((this.shown(from) - this.monday) / step) * step;
    for (let t = this.minuteOf(wall); t <= to; t = this.minuteOf((wall += step))) found.push(t);
    return found;
  }

  // The minute at which the clock shows so much more than at another one.
  later(minute, step) {
    return this.minuteOf(this.shown(minute) + step);
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
