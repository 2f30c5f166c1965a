"""What the store keeps, as frozen records: the one door to all of them.

Times are aware UTC unless a field says plant time (naive).
"""

from scheduler_core.data.store.records.actuals import ReadPull, UnreadPull
from scheduler_core.data.store.records.alerts import (
    Act,
    AlertMessage,
    HostSign,
    Incident,
    IncidentChanges,
    IncidentEvent,
    NewIncident,
)
from scheduler_core.data.store.records.answers import KeptAnswer
from scheduler_core.data.store.records.audit import AuditEntry, Broken, Verification
from scheduler_core.data.store.records.automation import AutomationAct, AutomationHost, AutomationKind
from scheduler_core.data.store.records.downtimes import DowntimeChange, NewDowntime, RecordedDowntime
from scheduler_core.data.store.records.facts import AppliedFact, NewFact, StoredFact
from scheduler_core.data.store.records.frozen_zones import FrozenZone
from scheduler_core.data.store.records.odds import ReleaseOdds, ReleaseWithoutOdds
from scheduler_core.data.store.records.releases import (
    DELIVERY_OVERDUE,
    ApprovalRequest,
    Delivery,
    DeliveryState,
    DispatchRow,
    ExporterSign,
    KnownRelease,
    Proposal,
    ProposalRequest,
    Release,
    ReleaseEpoch,
    RollbackRequest,
)
from scheduler_core.data.store.records.roles import Granted
from scheduler_core.data.store.records.runs import MANUAL, STANDING, Run, RunRequest, RunState, StopRequest
from scheduler_core.data.store.records.scenarios import AssumptionAnswer, NewScenario, Scenario
from scheduler_core.data.store.records.schedules import StoredSchedule, StoredViolation
from scheduler_core.data.store.records.snapshots import (
    NewSnapshot,
    PullCounts,
    PullNote,
    QuarantinedRow,
    SnapshotInfo,
    Source,
)
from scheduler_core.data.store.records.tokens import NewToken, ServiceToken

__all__ = [
    "DELIVERY_OVERDUE", "MANUAL", "STANDING", "Act", "AlertMessage", "AppliedFact", "ApprovalRequest",
    "AssumptionAnswer", "AuditEntry", "AutomationAct", "AutomationHost", "AutomationKind", "Broken", "Delivery",
    "DeliveryState", "DispatchRow", "DowntimeChange", "ExporterSign", "FrozenZone", "Granted", "HostSign", "Incident",
    "IncidentChanges", "IncidentEvent", "KeptAnswer", "KnownRelease", "NewDowntime", "NewFact", "NewIncident",
    "NewScenario", "NewSnapshot", "NewToken", "Proposal", "ProposalRequest", "PullCounts", "PullNote", "QuarantinedRow",
    "ReadPull", "RecordedDowntime", "Release", "ReleaseEpoch", "ReleaseOdds", "ReleaseWithoutOdds", "RollbackRequest",
    "Run", "RunRequest", "RunState", "Scenario", "ServiceToken", "SnapshotInfo", "Source", "StopRequest", "StoredFact",
    "StoredSchedule", "StoredViolation", "UnreadPull", "Verification",
]  # fmt: skip
