"""The kinds of event, their versions and bodies. Owns names and shapes; decides nothing.

Bodies are JSON objects; times are microseconds of site time. ``subject`` names what it is about.

===================== ================== ==========================================================
kind                  subject            body
===================== ================== ==========================================================
started               site               wall, boot_id, config_hash, alive_at (or null)
stopped               site               ends {programme: settled to}
marked                site               wall
clock_adopted         site               offset (wall minus site), was
clock_disputed        site               offset, was: a step only a person may adopt
calendar_extended     site               intervals {programme: [[from, to, expected]]}, known_to
condition_turned      condition          value, was (or null), not_before, not_after, held_to
condition_lost        condition          was, held_to, cause
piece_opened          programme          start, possible [observed], blind (cause or null), presumed
programme_withdrawn   programme          (no longer configured)
bad_proven            programme          reason, not_before, not_after, bad_at, stage, conditions
fault_turned          programme/fault    programme, fault, state, was, since
incident_opened       incident           programme, fault, severity, reason, stage, conditions,
                                         opened_at, since (first proven)
incident_revised      incident           reason, stage, conditions
incident_joined       incident           programme, fault: another programme with the same cause
incident_acknowledged incident           person: who has seen it
impact_began          incident           programme, number, reason, column, not_before, not_after
impact_ended          incident           programme, number, began_not_before, began_not_after,
                                         not_before, not_after, least, most_seen, most
incident_closed       incident           cause: cleared | withdrawn
message_waiting       person             incident, tell_at
message_owed          person             incident, told (opened | revised | recovered | ...)
message_dropped       person             incident, why
attempt_began         person             incident, attempt, channel, alert {...}
attempt_ended         person             incident, attempt, delivered, lost, permanent, detail,
                                         channel_index, next_at, order
===================== ================== ==========================================================
"""

from __future__ import annotations

from typing import Final

VERSIONS: Final[dict[str, int]] = {
    "started": 1,
    "stopped": 1,
    "marked": 1,
    "clock_adopted": 1,
    "clock_disputed": 1,
    "calendar_extended": 1,
    "condition_turned": 1,
    "condition_lost": 1,
    "piece_opened": 1,
    "programme_withdrawn": 1,
    "bad_proven": 1,
    "fault_turned": 1,
    "incident_opened": 1,
    "incident_revised": 1,
    "incident_joined": 1,
    "incident_acknowledged": 1,
    "impact_began": 1,
    "impact_ended": 1,
    "incident_closed": 1,
    "message_waiting": 1,
    "message_owed": 1,
    "message_dropped": 1,
    "attempt_began": 1,
    "attempt_ended": 1,
}
