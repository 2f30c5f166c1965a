"""The time axis of the day on which the clocks change, on paper and on the canvas."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page

from dashboard.gantt import drawing, payload
from dashboard.gantt.component import FOLDER
from dashboard.gantt.drawing import Picture
from dashboard.gantt.request import GanttRequest
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.plant import Plant
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import HOUR, at, job, operation, plant, schedule
from tests.support.wall_clock import in_zone

SPRING, AUTUMN = datetime(2027, 3, 27, 22), datetime(2027, 10, 30, 22)
PLAN = schedule(at("J", 1, 1, 0, 60))
ASK = """({ source, head, spans }) => {
  const Clock = new Function(source + "; return Clock;")();
  const clock = new Clock(head);
  const times = (ticks) => ticks.map((t) => clock.isoDay(t).slice(8) + " " + clock.time(t));
  return {
    hours: spans.map(([from, to]) => times(clock.ticks(from, to, 1, 60).found)),
    days: times(clock.midnights(0, 3 * 1440)),
    minutes: ["2027-03-28", "2027-03-29", "2027-10-31", "2027-11-01"].map((day) => clock.minuteOfDay(day)),
    later: clock.later(120, 1440),
    stamps: [239, 270, 330, 360].map((minute) => clock.stamp(minute)),
  };
}"""


def shop(start: datetime) -> Plant:
    return in_zone(plant(job("J", operation(60))), "Europe/Berlin", start)


@pytest.mark.parametrize(
    ("start", "times"),
    [
        (SPRING, ["22:00", "23:00", "01:00", "03:00", "04:00", "05:00"]),
        (AUTUMN, ["22:00", "23:00", "01:00", "02:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_the_printed_axis_names_the_hours_that_pass(start: datetime, times: list[str]) -> None:
    made = shop(start)
    what = Picture(made, OpenHours(made, PLAN), {"J": JobStatus.ON_TIME}, 0, 8 * HOUR, "night")
    root = ET.fromstring(drawing.svg(what, ()))
    texts = [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if len(text) == 5 and text[2] == ":"][: len(times)] == times


def test_the_axis_of_the_canvas_names_the_hours_that_pass(page: Page) -> None:
    source = (FOLDER / "js" / "time.js").read_text("utf-8")
    found = {}
    for name, start in (("spring", SPRING), ("autumn", AUTUMN)):
        made = shop(start)
        data = payload.pack(made, PLAN, OpenHours(made, PLAN), GanttRequest())
        head = json.loads(data[4 : 4 + struct.unpack_from("<I", data)[0]])
        spans = [[60, 8 * HOUR], [-30, 30]]
        found[name] = page.evaluate(ASK, {"source": source, "head": head, "spans": spans})
    spring, autumn = found["spring"], found["autumn"]
    assert spring["hours"] == [
        ["27 23:00", "28 00:00", "28 01:00", "28 03:00", "28 04:00", "28 05:00", "28 06:00", "28 07:00"], ["27 22:00"],
    ]  # fmt: skip
    assert autumn["hours"][0] == [
        "30 23:00", "31 00:00", "31 01:00", "31 02:00", "31 02:00", "31 03:00", "31 04:00", "31 05:00",
    ]  # fmt: skip
    assert [stamp[-14:] for stamp in autumn["stamps"][1:3]] == ["02:30 (+02:00)", "02:30 (+01:00)"]
    assert [autumn["stamps"][0][-5:], autumn["stamps"][3][-5:]] == ["01:59", "03:00"]
    assert [stamp[-5:] for stamp in spring["stamps"]] == ["01:59", "03:30", "04:30", "05:00"]
    assert spring["days"] == ["27 00:00", "28 00:00", "29 00:00", "30 00:00"]
    assert (spring["minutes"][:2], spring["later"]) == ([2 * HOUR, 25 * HOUR], 25 * HOUR)
    assert (autumn["minutes"][2:], autumn["later"]) == ([2 * HOUR, 27 * HOUR], 27 * HOUR)
