"""From what authors write to the definition."""

from generator.lower.compile import compile_workflow
from generator.lower.compiled import CompiledWorkflow, Placeholder

__all__ = ["CompiledWorkflow", "Placeholder", "compile_workflow"]
