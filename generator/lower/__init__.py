"""From what authors write to the definition."""

from generator.lower.compile import compile_workflow
from generator.lower.compiled import CompiledWorkflow

__all__ = ["CompiledWorkflow", "compile_workflow"]
