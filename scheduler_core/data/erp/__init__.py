"""The ERP's tables, read-only, as a plant: open jobs, the machine park, the calendar, and everything that is unusable."""

from scheduler_core.data.erp.config import ErpConfig, load_config
from scheduler_core.data.erp.indexes import missing_indexes
from scheduler_core.data.erp.reading import NothingToPlan, Pull, fingerprint, read, time_now

__all__ = ["ErpConfig", "NothingToPlan", "Pull", "fingerprint", "load_config", "missing_indexes", "read", "time_now"]
