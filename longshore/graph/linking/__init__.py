"""Relations across documents, derived from what is committed.

Every step replaces what it derived before for its share of the documents, so that the result is a function of the
committed set alone: neither the order of imports nor a repeated attempt can show. The last import to link sees all.
"""

from longshore.graph.linking.owed import links_are_owed
from longshore.graph.linking.steps import plan_steps, run_step

__all__ = ["links_are_owed", "plan_steps", "run_step"]
