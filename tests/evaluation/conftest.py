"""Graphs to evaluate, made as tests/graph makes them."""

from tests.graph.conftest import embedder, extractor, run_import

__all__ = ["embedder", "extractor", "run_import"]
