"""The texts of messages in English: one template a key.

``zh.py`` has the same keys and parameters; no sentence is written anywhere else.
"""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    # Parts of a title.
    "title.site": "{site}: {sentence}",
    "title.joined": "{sentence} The same cause also affects {programmes}.",
    "title.drill": "[DRILL] {sentence}",
    "title.unrecorded": (
        "{sentence} (This message could not be recorded: write it in the duty log too.)"
    ),
    "list.separator": ", ",
    # Off air. "over": the programme is back, the incident is still open.
    "title.off_air.opened": "{programme} is off air ({reason}) since {began}.",
    "title.off_air.opened.over": (
        "{programme} was off air ({reason}) from {began} to {ended}, {lasted}; "
        "it is back and being watched until it is steady."
    ),
    "title.off_air.revised": (
        "Update: {programme} is off air ({reason}) since {began}; see the cause."
    ),
    "title.off_air.revised.over": (
        "Update: {programme} was off air ({reason}) from {began} to {ended}, {lasted}; "
        "it is back and being watched until it is steady."
    ),
    "title.off_air.recovered": (
        "{programme}: off air ({reason}) since {began} is closed; its end was not observed."
    ),
    "title.off_air.recovered.over": (
        "{programme} is back on air: it was off air ({reason}) from {began} to {ended}, {lasted}."
    ),
    "title.off_air.closed_before_told": (
        "{programme} was off air for a short time ({reason}) since {began}; "
        "it ended before you were told."
    ),
    "title.off_air.closed_before_told.over": (
        "{programme} was off air for a short time ({reason}) from {began} to {ended}, {lasted}; "
        "it was back before you were told."
    ),
    # Blind.
    "title.blind.opened": (
        "{programme} cannot be seen ({reason}) since {began}: nobody knows whether it is on air."
    ),
    "title.blind.opened.over": (
        "{programme} could not be seen ({reason}) from {began} to {ended}, {lasted}; "
        "it is seen again and being watched until it is steady."
    ),
    "title.blind.revised": (
        "Update: {programme} cannot be seen ({reason}) since {began}: "
        "nobody knows whether it is on air."
    ),
    "title.blind.revised.over": (
        "Update: {programme} could not be seen ({reason}) from {began} to {ended}, {lasted}; "
        "it is seen again and being watched until it is steady."
    ),
    "title.blind.recovered": (
        "{programme}: blind ({reason}) since {began} is closed; its end was not observed."
    ),
    "title.blind.recovered.over": (
        "{programme} is seen again: it could not be seen ({reason}) from {began} to {ended}, "
        "{lasted}; whether it was on air then is not known."
    ),
    "title.blind.closed_before_told": (
        "{programme} could not be seen for a short time ({reason}) since {began}; "
        "it ended before you were told."
    ),
    "title.blind.closed_before_told.over": (
        "{programme} could not be seen for a short time ({reason}) from {began} to {ended}, "
        "{lasted}; it ended before you were told."
    ),
    # Reserve lost.
    "title.reserve_lost.opened": (
        "{programme} is on air with {reason} since {began}: one more fault takes it off air."
    ),
    "title.reserve_lost.opened.over": (
        "{programme} had {reason} from {began} to {ended}, {lasted}; "
        "the reserve is back and being watched until it is steady."
    ),
    "title.reserve_lost.revised": (
        "Update: {programme} is on air with {reason} since {began}: "
        "one more fault takes it off air."
    ),
    "title.reserve_lost.revised.over": (
        "Update: {programme} had {reason} from {began} to {ended}, {lasted}; "
        "the reserve is back and being watched until it is steady."
    ),
    "title.reserve_lost.recovered": (
        "{programme} has a reserve again: {reason} since {began}, the incident is closed."
    ),
    "title.reserve_lost.recovered.over": (
        "{programme} has a reserve again: {reason} from {began} to {ended}, {lasted}."
    ),
    "title.reserve_lost.closed_before_told": (
        "{programme} had {reason} for a short time since {began}; it ended before you were told."
    ),
    "title.reserve_lost.closed_before_told.over": (
        "{programme} had {reason} for a short time from {began} to {ended}, {lasted}; "
        "the reserve was back before you were told."
    ),
    # Degraded.
    "title.degraded.opened": (
        "{programme} is degraded ({reason}) since {began}: on air, below the quality limit."
    ),
    "title.degraded.opened.over": (
        "{programme} was degraded ({reason}) from {began} to {ended}, {lasted}; "
        "it is good again and being watched until it is steady."
    ),
    "title.degraded.revised": (
        "Update: {programme} is degraded ({reason}) since {began}: on air, below the quality limit."
    ),
    "title.degraded.revised.over": (
        "Update: {programme} was degraded ({reason}) from {began} to {ended}, {lasted}; "
        "it is good again and being watched until it is steady."
    ),
    "title.degraded.recovered": (
        "{programme}: degraded ({reason}) since {began} is closed; its end was not observed."
    ),
    "title.degraded.recovered.over": (
        "{programme} is good again: it was degraded ({reason}) from {began} to {ended}, {lasted}."
    ),
    "title.degraded.closed_before_told": (
        "{programme} was degraded for a short time ({reason}) since {began}; "
        "it ended before you were told."
    ),
    "title.degraded.closed_before_told.over": (
        "{programme} was degraded for a short time ({reason}) from {began} to {ended}, {lasted}; "
        "it was good again before you were told."
    ),
    "title.withdrawn": (
        "{programme} is no longer configured and not watched any more; "
        "the incident since {began} ({reason}) is closed with it."
    ),
    # Moments and lengths of time.
    "moment.exact": "{at}",
    "moment.between": "a moment between {first} and {last}",
    "lasted.exact": "{length} in all",
    "lasted.between": "between {shortest} and {longest} in all",
    "lasted.unseen": "{lasted} (up to {most} with the time that could not be seen)",
    "length.seconds": "{seconds} s",
    "length.minutes": "{minutes} min {seconds} s",
    "length.hours": "{hours} h {minutes} min {seconds} s",
    # Reasons of bad and degraded.
    "reason.no_carrier": "no carrier",
    "reason.no_service": "no service",
    "reason.black": "black picture",
    "reason.freeze": "frozen picture",
    "reason.silence": "silence",
    "reason.wrong_programme": "wrong programme",
    "reason.filler": "filler",
    "reason.empty_carrier": "empty carrier",
    "reason.reduced_power": "reduced power",
    "reason.reserve_lost": "no reserve ready",
    # Causes of blindness.
    "reason.timeout": "the device does not answer",
    "reason.refused": "the device refuses the connection",
    "reason.unreachable": "no way through the network",
    "reason.bad_answer": "the device's answer makes no sense",
    "reason.error_status": "the device answers with an error",
    "reason.exception": "the device answers with an exception code",
    "reason.no_value": "the device gives no such value",
    "reason.absent": "monitord itself was not running",
    "reason.not_yet": "nothing was read yet",
    "reason.withdrawn": "no longer configured",
    "reason.disputed": "off-air receiver and chain contradict each other",
    "reason.between": "too few readings to tell",
    "reason.unknown": "reason not known",
    # Causes.
    "cause.conditions": "Cause: {faults} ({stage}).",
    "cause.stage": "Cause: {stage}.",
    "cause.reason": "Cause: {reason}.",
    "cause.separator": "; ",
    "cause.fault": "{devices}: {what}",
    "cause.fault.several": "{devices}: {what}",
    "cause.abnormal": "abnormal",
    # Columns of the ledger.
    "column.on_air": "on air",
    "column.degraded": "degraded",
    "column.off_air": "off air",
    "column.blind": "monitoring lost",
    "column.between": "undetermined",
    "column.planned_off": "planned off-air",
    "column.closed": "outside hours",
    # Severities.
    "severity.critical": "critical",
    "severity.major": "major",
    "severity.minor": "minor",
    "severity.warning": "warning",
    # What to do, at 03:00 and alone.
    "action.no_carrier": (
        "Go to the transmitter's panel now: 1 is mains there, is a breaker out; 2 has it tripped, "
        "is the interlock open; 3 does the exciter give power, is reflected power high. "
        "If it does not come up, change over to the reserve by the card. Call the shift leader now."
    ),
    "action.no_service": (
        "Check the signal source: 1 encoder, multiplexer, line; 2 is the transmitter's input "
        "locked; 3 switch to the other route or the backup. Call the shift leader now."
    ),
    "action.black": (
        "Look at the monitor, make sure it is black: 1 check playout server and switcher; "
        "2 switch to the backup; 3 without a backup put the filler on by the emergency plan. "
        "Call the shift leader now."
    ),
    "action.freeze": (
        "Look at the monitor, make sure it is frozen: 1 check playout server and encoder; "
        "2 switch to the backup; 3 without a backup put the filler on by the emergency plan. "
        "Call the shift leader now."
    ),
    "action.silence": (
        "Listen, make sure it is silent: 1 check playout, audio switch and cables; "
        "2 switch to the backup audio; 3 without a backup play the filler music by the emergency "
        "plan. Call the shift leader now."
    ),
    "action.wrong_programme": (
        "Compare with the playlist: 1 switch back to the right signal at once; 2 if that fails "
        "put the filler on by the emergency plan; 3 keep the recordings, change nothing in them. "
        "Call the shift leader now."
    ),
    "action.filler": (
        "Filler is on air: 1 find out why main and backup were lost; 2 when the signal is steady, "
        "switch back by the operation ticket; 3 note from when to when. Call the shift leader now."
    ),
    "action.empty_carrier": (
        "There is a carrier without a programme: 1 listen and look; 2 check the source and the "
        "transmitter's input; 3 switch to the backup signal. Call the shift leader now."
    ),
    "action.reduced_power": (
        "Go to the transmitter's panel: 1 amplifier modules; 2 reflected power, temperature; "
        "3 fans, air conditioning. If power goes on falling, change over to the reserve by the "
        "card. Call the shift leader."
    ),
    "action.reserve_lost": (
        "The programme is on air, leave the main one alone: 1 check the reserve's mains, interlock "
        "and alarms; 2 are coaxial switch and changeover in automatic; 3 stay close until the "
        "reserve is back. Call the shift leader."
    ),
    "action.off_air": (
        "Make sure now: 1 listen or look with a receiver; 2 go to the transmitter's panel; "
        "3 follow the card. Call the shift leader now."
    ),
    "action.degraded": (
        "Listen and look: 1 read the alarms on the equipment; 2 follow the card; 3 if it gets "
        "worse, treat it as off air. Call the shift leader."
    ),
    "action.blind": (
        "First listen or look with a receiver: 1 if it is on air, check network and device; "
        "2 if not, treat it as off air. Call the shift leader."
    ),
    "action.timeout": (
        "First listen or look with a receiver. Then: 1 has the device power; 2 network cable, "
        "lights of the switch; 3 does its panel react. If it is not on air, treat it as off air. "
        "Call the shift leader."
    ),
    "action.refused": (
        "First listen or look with a receiver. Then: 1 has the device just restarted; 2 is its "
        "remote port closed or taken. If it is not on air, treat it as off air. "
        "Call the shift leader."
    ),
    "action.unreachable": (
        "First listen or look with a receiver. Then: 1 network cable, lights of the switch; "
        "2 the switch's power; 3 was an address changed. If it is not on air, treat it as off "
        "air. Call the shift leader."
    ),
    "action.bad_answer": (
        "First listen or look with a receiver. Note the readings on the device's panel; another "
        "device or version may stand at this address: tell maintenance. If it is not on air, "
        "treat it as off air. Call the shift leader."
    ),
    "action.error_status": (
        "First listen or look with a receiver. Note the readings on the device's panel; tell "
        "maintenance to check the monitoring settings. If it is not on air, treat it as off air. "
        "Call the shift leader."
    ),
    "action.exception": (
        "First listen or look with a receiver. Note the readings on the device's panel; tell "
        "maintenance to check the register settings. If it is not on air, treat it as off air. "
        "Call the shift leader."
    ),
    "action.no_value": (
        "First listen or look with a receiver. Read the value on the device's panel, write it in "
        "the duty log, tell maintenance. If it is not on air, treat it as off air. "
        "Call the shift leader."
    ),
    "action.absent": (
        "First listen or look with a receiver. The monitoring itself had stopped: check its "
        "computer's power and system log, write the gap in the duty log. Call the shift leader."
    ),
    "action.not_yet": (
        "First listen or look with a receiver. Monitoring has just begun and the device has not "
        "answered: check network cable and the device's power. If it is not on air, treat it as "
        "off air. Call the shift leader."
    ),
    "action.disputed": (
        "Trust your ears and eyes: use a receiver, then go to the transmitter's panel, and tell "
        "the shift leader what you found."
    ),
    "action.recovered": (
        "Listen and look that all is well; write begin, end and what was done in the duty log; "
        "tell the shift leader."
    ),
    "action.closed_before_told": (
        "No hurry: listen and look once, write it in the duty log, mention it at handover."
    ),
}
