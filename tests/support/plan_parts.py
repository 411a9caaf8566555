"""What a plan is made of, and in what two plans differ. Owns the parts of these comparisons."""

from __future__ import annotations

from monitord.core.differences import Differences, Part, differences
from monitord.core.plan import Plan, as_read


def parts_of(plan: Plan) -> dict[Part, object]:
    """Return what a plan is made of, to be compared with another one."""
    stages = {("stage", f"{p.id}/{stage.id}"): stage for p in plan.programmes for stage in p.chain}
    return {
        **{("device", one.id): as_read(one) for one in plan.devices},
        **{("programme", one.id): one for one in plan.programmes},
        **stages,
        **{("person", one.id): one for one in plan.people},
    }


def differences_of(before: Plan | None, now: Plan) -> Differences | None:
    """Return in what a plan differs from the one that counted before; None if in nothing."""
    if before is None or before == now:
        return None
    return differences(parts_of(before), parts_of(now))
