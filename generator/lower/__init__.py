"""The compiler: from a workflow of the vocabulary to its definition."""

from generator.lower.compile import compile_workflow
from generator.lower.compiled import CompiledWorkflow

__all__ = ["CompiledWorkflow", "compile_workflow"]
