"""The product's own store: snapshots, runs, schedules, releases and the audit trail, on SQLite or MariaDB.

One repository per subject. Every method of a repository is one transaction, so a ``Store`` may be shared between threads and
holds nothing but its connection pool; everything is found again by its id. Unknown ids raise ``NotFound``. The statements
behind a repository lie in the module of its subject (``snapshots``, ``runs``, ``schedules``, ``approvals``, ``audit``, ...).
"""

from __future__ import annotations

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, open_store
from scheduler_core.data.store.actual_repository import ActualRepository
from scheduler_core.data.store.alert_repository import AlertRepository
from scheduler_core.data.store.answer_repository import AnswerRepository
from scheduler_core.data.store.audit_repository import AuditRepository
from scheduler_core.data.store.automation_repository import AutomationRepository
from scheduler_core.data.store.bound_repository import BoundRepository
from scheduler_core.data.store.delivery_repository import DeliveryRepository
from scheduler_core.data.store.downtime_repository import DowntimeRepository
from scheduler_core.data.store.fact_repository import FactRepository
from scheduler_core.data.store.frozen_zone_repository import FrozenZoneRepository
from scheduler_core.data.store.odds_repository import OddsRepository
from scheduler_core.data.store.release_repository import ReleaseRepository
from scheduler_core.data.store.role_repository import RoleRepository
from scheduler_core.data.store.run_repository import RunRepository
from scheduler_core.data.store.scenario_repository import ScenarioRepository
from scheduler_core.data.store.schedule_repository import ScheduleRepository
from scheduler_core.data.store.service_token_repository import ServiceTokenRepository
from scheduler_core.data.store.snapshot_repository import SnapshotRepository
from scheduler_core.data.store.withdrawal_repository import WithdrawalRepository
from scheduler_core.settings import locations


class Store:
    """See the module's text. Open one with ``Store.open(url)``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.snapshots: SnapshotRepository = SnapshotRepository(database)
        self.runs: RunRepository = RunRepository(database)
        self.schedules: ScheduleRepository = ScheduleRepository(database)
        self.bounds: BoundRepository = BoundRepository(database)
        self.scenarios: ScenarioRepository = ScenarioRepository(database)
        self.withdrawals: WithdrawalRepository = WithdrawalRepository(database)
        self.frozen_zones: FrozenZoneRepository = FrozenZoneRepository(database)
        self.downtimes: DowntimeRepository = DowntimeRepository(database)
        self.facts: FactRepository = FactRepository(database)
        self.actuals: ActualRepository = ActualRepository(database)
        self.releases: ReleaseRepository = ReleaseRepository(database)
        self.odds: OddsRepository = OddsRepository(database)
        self.deliveries: DeliveryRepository = DeliveryRepository(database)
        self.alerts: AlertRepository = AlertRepository(database)
        self.roles: RoleRepository = RoleRepository(database)
        self.automation: AutomationRepository = AutomationRepository(database)
        self.tokens: ServiceTokenRepository = ServiceTokenRepository(database)
        self.answers: AnswerRepository = AnswerRepository(database)
        self.audit: AuditRepository = AuditRepository(database)

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Connect (default: ``locations.database_url()``) and bring the tables up to date."""
        database = open_store(url or locations.database_url())
        migrations.upgrade(database)
        return cls(database)

    def close(self) -> None:
        """Close all pooled connections."""
        self._database.close()

    @property
    def url(self) -> str:
        """The database's URL, password included: for a child process, never for a log."""
        return self._database.url
