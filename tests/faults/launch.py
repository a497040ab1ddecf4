"""`python -m tests.faults.launch worker|api`: the program itself, with seams around its parts."""

from __future__ import annotations

import dataclasses
import functools
import os
import runpy
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import psycopg_pool
import temporalio.client
import temporalio.worker
from temporalio import activity, workflow

from longshore import blobs
from longshore.embedding import static
from longshore.extraction import concepts
from longshore.graph import db
from longshore.parsing import pool
from tests.faults.seams import LOG, MISFIT, ORDER, AnswerLost, Order, Seams

Function = Callable[..., Any]


class _Steps(temporalio.worker.ActivityInboundInterceptor):
    def __init__(self, following: temporalio.worker.ActivityInboundInterceptor, seams: Seams) -> None:
        super().__init__(following)
        self._seams = seams

    async def execute_activity(self, input: temporalio.worker.ExecuteActivityInput) -> Any:  # noqa: A002
        step = activity.info().activity_type
        self._seams.cross(f"{step}.before_call")
        answer = await super().execute_activity(input)
        self._seams.cross(f"{step}.before_return")
        return answer


def _decisions(seams: Seams, misfit: bool) -> type[temporalio.worker.WorkflowInboundInterceptor]:
    """A decision of the workflow that is made, and not yet told to the engine.

    Args:
        misfit: The workflows decide otherwise than those did whose histories they replay.
    """

    class Outbound(temporalio.worker.WorkflowOutboundInterceptor):
        def start_activity(self, input: temporalio.worker.StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
            self._cross(input.activity)
            if misfit and workflow.unsafe.is_replaying():
                input = dataclasses.replace(input, activity=f"{input.activity}_otherwise")  # noqa: A001
            return super().start_activity(input)

        def continue_as_new(self, input: temporalio.worker.ContinueAsNewInput) -> Any:  # noqa: A002
            self._cross("continue_as_new")
            return super().continue_as_new(input)

        def _cross(self, name: str) -> None:
            if not workflow.unsafe.is_replaying():
                with workflow.unsafe.sandbox_unrestricted():
                    seams.cross(f"workflow.{name}.decided")

    class Inbound(temporalio.worker.WorkflowInboundInterceptor):
        def init(self, outbound: temporalio.worker.WorkflowOutboundInterceptor) -> None:
            super().init(Outbound(outbound))

    return Inbound


class _Starts(temporalio.client.OutboundInterceptor):
    def __init__(self, following: temporalio.client.OutboundInterceptor, seams: Seams) -> None:
        super().__init__(following)
        self._seams = seams

    async def start_workflow(
        self,
        input: temporalio.client.StartWorkflowInput,  # noqa: A002
    ) -> temporalio.client.WorkflowHandle[Any, Any]:
        place = f"{self._seams.within()}.start.{input.workflow}"
        self._seams.cross(f"{place}.before_call")
        handle = await super().start_workflow(input)
        self._seams.cross(f"{place}.after_call")
        return handle


class _Interceptor(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    def intercept_client(self, next: temporalio.client.OutboundInterceptor) -> temporalio.client.OutboundInterceptor:  # noqa: A002
        return _Starts(next, self._seams)

    def intercept_activity(
        self,
        next: temporalio.worker.ActivityInboundInterceptor,  # noqa: A002
    ) -> temporalio.worker.ActivityInboundInterceptor:
        return _Steps(next, self._seams)

    def workflow_interceptor_class(
        self,
        input: temporalio.worker.WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[temporalio.worker.WorkflowInboundInterceptor]:
        return _decisions(self._seams, MISFIT in os.environ)


def put_around(seams: Seams) -> None:
    """Replace what the programs compose themselves of by the same with seams. What is not found there is an error."""

    class Connection(psycopg.AsyncConnection[Any]):
        async def commit(self) -> None:
            step = seams.within()
            seams.cross(f"{step}.before_commit")
            await super().commit()
            try:
                seams.cross(f"{step}.after_commit")
            except AnswerLost as error:
                await self.close()
                raise psycopg.OperationalError(str(error)) from error

    class ConnectionPool(psycopg_pool.AsyncConnectionPool[Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options, connection_class=Connection)

    def around_call(part: str) -> Callable[[Function], Function]:
        def wrap(function: Function) -> Function:
            @functools.wraps(function)
            def call(*arguments: Any, **options: Any) -> Any:
                place = f"{seams.within()}.{part}"
                seams.cross(f"{place}.before_call")
                answer = function(*arguments, **options)
                seams.cross(f"{place}.after_call")
                return answer

            return call

        return wrap

    def around_await(part: str) -> Callable[[Callable[..., Awaitable[Any]]], Function]:
        def wrap(function: Callable[..., Awaitable[Any]]) -> Function:
            @functools.wraps(function)
            async def call(*arguments: Any, **options: Any) -> Any:
                place = f"{seams.within()}.{part}"
                seams.cross(f"{place}.before_call")
                answer = await function(*arguments, **options)
                seams.cross(f"{place}.after_call")
                return answer

            return call

        return wrap

    def connected(connect: Function) -> Function:
        async def call(*arguments: Any, **options: Any) -> Any:
            interceptors = [*options.pop("interceptors", ()), _Interceptor(seams)]
            return await connect(*arguments, **options, interceptors=interceptors)

        return call

    _replace(db, "AsyncConnectionPool", lambda _: ConnectionPool)
    _replace(temporalio.client.Client, "connect", connected)
    _replace(blobs.BlobStore, "put", around_await("blobs"))
    _replace(blobs.BlobStore, "put_bytes", around_await("blobs"))
    _replace(pool.ParserPool, "parse", around_await("parser"))
    _replace(concepts.CValueExtractor, "extract", around_call("extractor"))
    _replace(static.StaticEmbedder, "embed", around_call("embedder"))


def _replace(owner: object, name: str, wrap: Callable[[Function], object]) -> None:
    setattr(owner, name, wrap(getattr(owner, name)))


def main() -> None:
    program = sys.argv[1]
    order = os.environ.get(ORDER)
    put_around(Seams(program, Path(os.environ[LOG]), Order.parse(order) if order else None))
    sys.argv = [program]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
