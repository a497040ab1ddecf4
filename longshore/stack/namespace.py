"""What Longshore needs of a Temporal namespace: its search attributes and the time that closed runs are kept.

The dev server takes both from its command line at its very first boot only, and a served Temporal never does, so they
are registered through the API on every start.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from longshore.stack.errors import Unmendable

SEARCH_ATTRIBUTES = ("LongshoreState", "LongshoreKind", "LongshoreProject")
RETENTION = timedelta(days=30)
RPC_TIMEOUT = timedelta(seconds=5)
VISIBLE_S = 30.0
# What a service that is run by others may answer to a change.
NOT_OURS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED}


async def describe_namespace(client: Client) -> timedelta:
    """The retention of the client's namespace.

    Raises:
        Unmendable: `temporal_namespace_missing`.
        RPCError, RuntimeError: if the service does not answer.
    """
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise Unmendable(
            "temporal_namespace_missing",
            f"Temporal at {client.service_client.config.target_host} has no namespace {client.namespace!r}.",
            "Create it, or set TEMPORAL_NAMESPACE to one that exists.",
        ) from error
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def ensure_namespace(client: Client) -> None:
    """Register the search attributes and raise the retention to 30 days; return when both can be used.

    A retention that is longer stays. A service that does not permit the changes is left as it is.

    Raises:
        Unmendable: `temporal_namespace_missing`.
        RPCError, RuntimeError: if the service does not answer.
    """
    retention = await describe_namespace(client)
    try:
        if retention < RETENTION:
            config = NamespaceConfig()
            config.workflow_execution_retention_ttl.FromTimedelta(RETENTION)
            update = UpdateNamespaceRequest(namespace=client.namespace, config=config)
            await client.workflow_service.update_namespace(update, timeout=RPC_TIMEOUT)
        await _register_search_attributes(client)
    except RPCError as error:
        if error.status not in NOT_OURS:
            raise


async def _register_search_attributes(client: Client) -> None:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_TIMEOUT
    )
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    if not missing:
        return
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(missing, keyword))
    try:
        await client.operator_service.add_search_attributes(request, timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:  # someone else registers them at this moment
            raise
    async with asyncio.timeout(VISIBLE_S):
        while True:
            if await _searchable(client, missing):
                return
            await asyncio.sleep(0.1)


async def _searchable(client: Client, names: list[str]) -> bool:
    """Whether the frontend knows the attributes yet: it reads its namespaces anew every few seconds."""
    try:
        await client.count_workflows(" or ".join(f"{name} = 'x'" for name in names), rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.INVALID_ARGUMENT:
            return False
        raise
    return True
