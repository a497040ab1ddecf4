"""The queues that steps wait in."""

WORKFLOW_QUEUE = "imports"
PARSE_QUEUE = "parse"
EXTRACT_QUEUE = "extract-offline"
EMBED_QUEUE = "embed-static"
GRAPH_QUEUE = "graph"
WEBHOOK_QUEUE = "webhooks"
SWEEP_QUEUE = "sweeps"


def provider_queue(provider: str) -> str:
    """The queue of a provider's requests; its rate is the provider's."""
    return f"provider-{provider}"
