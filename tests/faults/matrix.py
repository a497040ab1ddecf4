"""The fault matrix, F01 to F69: each is tried, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults import chaos, clocks, deploys, doors, engines, kills, load, operators, wires, workers
from tests.faults.bench import Bench
from tests.faults.seams import Order
from tests.faults.suites import tests
from tests.faults.trials import Fault, Trial


def every_kill(bench: Bench) -> Iterable[Trial]:
    for order in kills.every_place(bench.undisturbed):
        yield kills.trial(bench.rig, bench.undisturbed, order)
    for sequel in bench.sequels:
        for order in kills.further_places(sequel, bench.undisturbed):
            yield kills.trial(bench.rig, sequel, order)


def like_a_fresh_import(bench: Bench) -> Iterable[Trial]:
    for sequel in bench.sequels:
        yield kills.compared_with_fresh(bench.rig, sequel)


def every_lost_answer(bench: Bench) -> Iterable[Trial]:
    for place in sorted(bench.undisturbed.counts):
        if place.endswith((".after_commit", ".before_return")):
            yield kills.trial(bench.rig, bench.undisturbed, Order(place, 1, "lose"))


MATRIX = (
    Fault("F01", "a worker is killed at each seam, at its first, middle and last crossing", [every_kill]),
    Fault("F02", "two workers are killed at random for a minute", [workers.killed_at_random]),
    Fault("F03", "a worker freezes within a step, and thaws when another has done it", [workers.frozen]),
    Fault(
        "F04",
        "a worker is told to stop, twice, killed in its grace, replaced by the next",
        [workers.told_to_stop, wires.told_to_stop_in_silence],
    ),
    Fault(
        "F05",
        "a document needs more memory or time than a parser may have",
        [tests("parsing/test_pool.py", "poison/test_corpus.py")],
    ),
    Fault("F06", "no worker is there, and then one is", [doors.never_a_worker, doors.no_worker]),
    Fault("F07", "workers of another version are deployed in mid-import", [deploys.versioned]),
    Fault(
        "F08",
        "a workflow's code does not fit its history",
        [deploys.misfitting, tests("workflows/test_replay.py", "workflows/test_changing.py")],
    ),
    Fault("F09", "a worker has not the keys of the histories", [tests("security/test_codec.py")]),
    Fault("F10", "Temporal is killed", [engines.temporal_killed, doors.no_temporal]),
    Fault("F11", "Temporal is killed during its first boot", [tests("stack/test_temporal.py")]),
    Fault("F12", "Temporal is away for 20 s", [engines.temporal_away]),
    Fault("F13", "Temporal's disk is full, and then is not", [engines.temporal_disk_full]),
    Fault("F14", "Temporal has forgotten a closed import", [operators.forgotten, doors.history_gone]),
    Fault("F15", "histories are at their limit", [engines.history_limits]),
    Fault("F16", "a run is terminated, cancelled or reset in Temporal", [operators.ended_from_outside]),
    Fault("F17", "payloads and histories are too large", [operators.history_is_small]),
    Fault("F18", "search attributes are gone", [tests("stack/test_temporal.py")]),
    Fault(
        "F20",
        "Postgres is killed, or away for 20 s",
        [engines.postgres_killed, engines.postgres_away, doors.no_postgres],
    ),
    Fault("F21", "it is done, and the answer is lost", [every_lost_answer, wires.commits_cut_off]),
    Fault("F22", "Postgres' disk is full, and then is not", [engines.postgres_disk_full]),
    Fault(
        "F23",
        "transactions meet",
        [tests("graph/test_overlapping.py", "graph/test_sharing.py", "graph/test_holders.py")],
    ),
    Fault("F24", "connections are reset, or silent for 15 s", [wires.cut_or_silent]),
    Fault("F25", "engines answer late, or in drips", [wires.slow]),
    Fault("F30", "the API is killed during a submission", [doors.killed_in_a_submission]),
    Fault(
        "F31", "the API is killed or stopped while it is watched", [tests("api/test_main.py", "api/test_streams.py")]
    ),
    Fault("F32", "a stream of events is cut or stays idle", [tests("api/test_events.py")]),
    Fault("F33", "a stream of events dies in silence", [tests("web/test_connection.py")]),
    Fault("F34", "a thousand watch, of whom 200 never read", [load.watchers]),
    Fault("F35", "uploads break off, repeat, or lie", [tests("api/test_blobs.py", "test_blobs.py")]),
    Fault("F36", "requests never arrive", [tests("security/test_bodies.py", "security/test_streams.py")]),
    Fault("F37", "preflights flood the API", [tests("security/test_origins.py", "security/test_buckets.py")]),
    Fault("F40", "a provider says when to come again, or talks nonsense", [tests("providers/test_waiting.py")]),
    Fault("F41", "a provider refuses everybody", [tests("providers/test_gates.py")]),
    Fault("F42", "a client of a provider tries again by itself", [tests("providers/test_client.py")]),
    Fault("F43", "a provider is overloaded or broken", [tests("providers/test_classifying.py")]),
    Fault("F44", "answers of a provider are cut, slow, endless", [tests("providers/test_client.py")]),
    Fault("F45", "vectors of a provider lie", [tests("embedding/test_remote.py", "embedding/test_vectors.py")]),
    Fault("F46", "a provider wants another key, or money", [tests("providers/test_classifying.py")]),
    Fault("F47", "a model talks nonsense, or differently each time", [tests("extraction/test_answers.py")]),
    Fault("F48", "a provider takes its time", [tests("providers/test_client.py")]),
    Fault("F50", "PDFs are broken, locked, endless", [tests("parsing/test_pdf.py", "parsing/test_pool.py")]),
    Fault("F51", "archives lie", [tests("sources/test_zip.py")]),
    Fault("F52", "RDF is hostile", [tests("sources/test_zotero_library.py", "sources/test_zotero_items.py")]),
    Fault("F53", "repositories are hostile", [tests("sources/test_git.py")]),
    Fault(
        "F54",
        "a source has changed when it is imported again",
        [like_a_fresh_import, tests("integration/test_files.py", "integration/test_git.py")],
    ),
    Fault("F60", "one submission arrives fifty times at once", [doors.same_submission_at_once]),
    Fault("F61", "one key comes with another submission", [tests("api/test_submit.py")]),
    Fault("F62", "fifty imports share their items", [load.overlapping_imports]),
    Fault("F63", "an import is cancelled at each stage", [operators.cancelled]),
    Fault("F64", "a worker is replaced while an import is paused", [operators.paused]),
    Fault("F65", "300 batches end at once", [load.batches_at_once]),
    Fault("F66", "a thousand small imports at once", [load.small_imports]),
    Fault("F67", "clocks are off by an hour", [clocks.skewed]),
    Fault("F68", "256 open files, and a full folder for temporary files", [workers.few_files, workers.scratch_full]),
    Fault("F69", "a storm of all this, by a seed, for a minute", [chaos.storm]),
)
