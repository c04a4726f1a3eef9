"""The four processes of AskImmune, started from the Procfile.

Used by `make run`, the evaluations, the benchmarks and the end-to-end tests.

Standard library only, so that every environment can import it.
"""

from stack.processes import PARTS, Stack, StackError
from stack.settings import free_port, stack_environment

__all__ = ["PARTS", "Stack", "StackError", "free_port", "stack_environment"]
