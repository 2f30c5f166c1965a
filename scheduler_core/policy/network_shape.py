"""The two-head network's sizes, and the tensors that a checkpoint of these sizes holds."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.policy.features import N_GLOBAL, N_JOB, N_MACHINE


@dataclass(frozen=True)
class NetworkShape:
    """Sizes that a checkpoint's card states; the candidates' and plants' sizes are not among them."""

    hidden: int = 64
    job_features: int = N_JOB
    machine_features: int = N_MACHINE
    global_features: int = N_GLOBAL

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by its name: network.Network's ``state_dict`` in its order."""
        f, g, h = self.job_features, self.global_features, self.hidden
        critic = {"0.weight": (h, 1 + g + 3 * f), "0.bias": (h,), "2.weight": (h, h), "2.bias": (h,)}
        return {
            **_head("job", f, g, h),
            **_head("machine", self.machine_features + f, g, h),
            **{f"critic.{name}": shape for name, shape in critic.items()},
        }


def _head(head: str, features: int, globals_: int, hidden: int) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {
        "beta": (),
        "first.weight": (hidden, features),
        "first.bias": (hidden,),
        "context.weight": (hidden, globals_),
        "second.weight": (hidden, hidden),
        "second.bias": (hidden,),
        "pooled.weight": (hidden, hidden),
        "last.weight": (1, hidden),
        "skip.weight": (1, features),
    }
    return {f"{head}.{name}": shape for name, shape in found.items()}
