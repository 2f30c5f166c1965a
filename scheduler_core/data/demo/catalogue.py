"""What the demo's factory is made of: its work centres, and the words that its products are named with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkCentre:
    """A machine type. ``stage`` orders a routing (cutting 1, packing 7); ``load``: its wanted work in hours per machine."""

    id: int
    code: str
    name: str
    machines: int
    stage: int
    load: float


WORK_CENTRES: tuple[WorkCentre, ...] = tuple(
    WorkCentre(number, code, name, machines, stage, load)
    for number, (code, name, machines, stage, load) in enumerate(
        [
            ("PP", "Power press 80 t", 21, 2, 22),
            ("CM", "CNC milling", 21, 3, 26),
            ("CL", "CNC turning", 11, 3, 30),
            ("SW", "Spot welding", 8, 4, 18),
            ("MW", "MIG welding", 8, 4, 26),
            ("PB", "Press brake", 7, 2, 104),
            ("LC", "Laser cutting", 6, 1, 118),
            ("DT", "Drilling and tapping", 6, 3, 24),
            ("DB", "Deburring", 5, 5, 20),
            ("TP", "Turret punching", 4, 1, 30),
            ("WE", "Wire EDM", 4, 3, 112),
            ("SG", "Surface grinding", 3, 3, 126),
            ("RW", "Robot welding", 3, 4, 136),
            ("VF", "Vibratory finishing", 3, 5, 14),
            ("HP", "Hydraulic press 200 t", 3, 2, 28),
            ("SA", "Sawing", 3, 1, 22),
            ("QI", "Final inspection", 3, 7, 26),
            ("CG", "Cylindrical grinding", 2, 3, 24),
            ("SE", "Sinker EDM", 2, 3, 30),
            ("PC", "Powder coating", 2, 6, 142),
            ("ZN", "Zinc plating", 2, 6, 136),
            ("TB", "Tube bending", 2, 2, 18),
            ("RF", "Roll forming", 2, 2, 16),
            ("SH", "Shearing", 2, 1, 20),
            ("RV", "Riveting", 2, 4, 12),
            ("MM", "Coordinate measuring", 2, 7, 118),
            ("HT", "Heat treatment", 1, 5, 148),
            ("BR", "Broaching", 1, 3, 16),
            ("GH", "Gear hobbing", 1, 3, 34),
            ("HO", "Honing", 1, 3, 12),
            ("LM", "Laser marking", 1, 6, 22),
            ("PV", "Passivation", 1, 6, 14),
            ("AN", "Anodising", 1, 6, 36),
            ("SB", "Shot blasting", 1, 5, 26),
            ("UC", "Ultrasonic cleaning", 1, 5, 18),
            ("BA", "Balancing", 1, 7, 8),
            ("LT", "Leak testing", 1, 7, 14),
            ("TR", "Thread rolling", 1, 3, 20),
            ("DD", "Deep drawing 400 t", 1, 2, 152),
            ("AC", "Assembly cell", 1, 7, 36),
            ("PK", "Packing line", 1, 7, 30),
        ],
        start=1,
    )
)
"""The 41 machine types with 152 machines; the ten with a load above 100 hours per machine are the plant's bottlenecks."""

FAMILY_LETTERS: tuple[str, ...] = ("CP", "BK", "HS", "SF", "TR", "VB")
"""First letters of product codes: cover plates, brackets, housings, shafts, trays, valve bodies."""

BREAKS: tuple[tuple[str, str, str, int], ...] = (
    ("morning tea", "10:00:00", "10:15:00", 15),
    ("lunch", "12:30:00", "13:15:00", 45),
    ("afternoon tea", "15:30:00", "15:45:00", 15),
)
HOLIDAYS: tuple[tuple[str, str], ...] = (
    ("2025-08-01", "Company day"),
    ("2025-08-31", "Merdeka Day"),
    ("2025-09-01", "Merdeka Day (observed)"),
    ("2025-09-16", "Malaysia Day"),
)
