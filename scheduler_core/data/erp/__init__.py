"""The ERP's tables, read-only, as a plant: open jobs, the machine park, the calendar, and everything that is unusable."""

from scheduler_core.data.erp.config import ErpConfig, load_config
from scheduler_core.data.erp.indexes import missing_indexes
from scheduler_core.data.erp.mapping import load_mapping
from scheduler_core.data.erp.reach import unreadable
from scheduler_core.data.erp.reading import NothingToPlan, Pull, fingerprint, read, time_now
from scheduler_core.data.erp.sample import ErpSample, sample

__all__ = [
    "ErpConfig",
    "ErpSample",
    "NothingToPlan",
    "Pull",
    "fingerprint",
    "load_config",
    "load_mapping",
    "missing_indexes",
    "read",
    "sample",
    "time_now",
    "unreadable",
]
