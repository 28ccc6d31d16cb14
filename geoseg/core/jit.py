"""Kernels: functions that numba compiles to machine code, and keeps on disk.

A kernel is called from Python, and compiled when it is first called with arguments of new types:
`compiled`, or `bare`. Its parts (`kernel_part`, `inlined`) are called by kernels alone. They are
compiled along with each kernel that calls them: the way in from Python, which takes apart each
array that is given, costs more to compile than what most of them do.

To numba a literal number is a type of its own: a part that is called with a literal in one place
and with a variable in another is compiled twice. Hence `int64(0)` and the like in kernels.
"""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.compiler_lock import global_compiler_lock

from .kernel_files import COMPILING, locked, read_kernel, write_kernel
from .version import installed

F = TypeVar("F", bound=Callable[..., Any])

int64 = cast("type[int]", np.int64)


def _known(option: str) -> bool:
    """Tell whether numba has a private option; where these are listed is private, too."""
    listed = getattr(getattr(numba.core, "options", None), "DefaultOptions", None)
    return hasattr(listed, option)


# nrt: numba's run time, which counts references. The option has no promise to stay: without it all
# is as right, slower
BARE: dict[str, Any] = {"nogil": True} | ({"_nrt": False} if _known("_nrt") else {})
KERNEL: dict[str, Any] = {"no_cfunc_wrapper": True}  # nobody calls it from C
PART: dict[str, Any] = {**KERNEL, "no_cpython_wrapper": True}


def compiled(function: F) -> F:
    """Compile a function to machine code when it is first called; it then runs without Python's
    lock.

    The code is kept where `kernel_files` says; where nothing can be written and nothing was kept
    before, each process compiles again, some seconds.

    Parameters
    ----------
    function
        Of numbers and arrays, in what numba knows of Python.

    Returns
    -------
    F
        To be called like it.
    """
    return cast(F, _kept(numba.njit(nogil=True, **KERNEL)(function)))


def bare(function: F) -> F:
    """Compile, and keep, a function without numba's counting of references to the arrays it is
    given.

    Each array that a loop takes out of a named tuple would be counted, atomically, which can be
    half of the loop's time.

    Parameters
    ----------
    function
        It makes no arrays, and calls only parts.

    Returns
    -------
    F
        To be called like it, from Python.
    """
    return cast(F, _kept(numba.njit(**KERNEL, **BARE)(function)))


def kernel_part(function: F) -> F:
    """Compile a bare function as a part of the kernels that call it.

    Parameters
    ----------
    function
        As for `bare`.

    Returns
    -------
    F
        To be called like it, from kernels alone.
    """
    return cast(F, _closed(numba.njit(**PART, **_UNOPTIMISED, **BARE)(function)))


def inlined(function: F) -> F:
    """Compile a part into each place that calls it: a call with many arrays costs more than its
    work.

    Parameters
    ----------
    function
        As for `bare`.

    Returns
    -------
    F
        To be called like it, from kernels alone.
    """
    return cast(F, _closed(numba.njit(forceinline=True, **PART, **_UNOPTIMISED, **BARE)(function)))


class KeptCode:
    """What numba asks for a kernel's code before it compiles, and gives it to afterwards.

    numba's own cache takes a folder that can be written for one that can be trusted, knows the
    source by its file and time and not what it calls, and lets a full disk end the run.

    Parameters
    ----------
    kernel
        What numba made of the function.
    """

    cache_path = None

    def __init__(self, kernel: Any) -> None:
        self._function = kernel.py_func
        self._compile = kernel.compile
        self._held = ExitStack()

    def compile(self, sig: Any) -> Any:
        """Do what numba's kernel does for arguments of new types; what is taken in `load_overload`
        is given back however it ends.

        Parameters
        ----------
        sig
            numba's types of the arguments.

        Returns
        -------
        Any
            As numba's kernel.
        """
        with global_compiler_lock, self._held:
            return self._compile(sig)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the code for arguments of some types.

        Where it is not kept, the lock on it is held until `compile` ends: numba compiles next.

        Parameters
        ----------
        sig
            numba's types of the arguments.
        target_context
            numba's, of the processor.

        Returns
        -------
        Any
            numba's result of compiling; None where nothing is kept.
        """
        target_context.refresh()
        name = self._name(sig, target_context.codegen())
        data = read_kernel(name)
        if data is None:
            self._held.enter_context(COMPILING.counting())
            self._held.enter_context(locked(name))  # somebody else may be at it
            data = read_kernel(name)
        if data is None:
            self._held.enter_context(_without_collector())
            return None
        rebuild: Any = CompileResult._rebuild
        return rebuild(target_context, *pickle.loads(data))  # noqa: S301 - see `kernel_files`

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep code that was compiled just now.

        Parameters
        ----------
        sig
            numba's types of the arguments.
        data
            numba's result of compiling.
        """
        if not data.library.has_dynamic_globals:
            dumps: Any = numba.core.serialize.dumps
            dumped = dumps(data._reduce())
            write_kernel(self._name(sig, data.library.codegen), dumped)

    def _name(self, sig: Any, codegen: Any) -> str:
        """Name the file by all that the code depends on."""
        arguments = [(str(each), getattr(each, "fields", None)) for each in sig]
        versions = (sys.version, numba.__version__, installed("llvmlite"), installed("numpy"))
        told = repr((versions, codegen.magic_tuple(), arguments, _told(self._function)))
        stem = f"{self._function.__module__}.{self._function.__qualname__}"
        return f"{stem}-{sha256(told.encode()).hexdigest()[:32]}"

    def enable(self) -> None:
        """Do nothing: numba asks for it."""

    def disable(self) -> None:
        """Do nothing: numba asks for it."""

    def flush(self) -> None:
        """Do nothing: numba asks for it."""


def _told(function: Any, seen: tuple[Any, ...] = ()) -> Any:
    """Tell what a function does: its code, and the constants and functions that this names, all the
    way down.
    """
    if function in seen:
        return function.__qualname__
    code = function.__code__
    constants = [repr(each) for each in code.co_consts if each != function.__doc__]
    named = [
        (name, _told_value(function.__globals__[name], (*seen, function)))
        for name in code.co_names
        if name in function.__globals__
    ]
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_argcount, named


def _told_value(value: Any, seen: tuple[Any, ...]) -> Any:
    function = getattr(value, "py_func", None)
    if function is not None:
        return _told(function, seen)
    module = str(getattr(value, "__module__", ""))
    if module.startswith("geoseg."):  # what generates code: all that stands beside it
        return sha256(Path(str(sys.modules[module].__file__)).read_bytes()).hexdigest()
    return getattr(value, "__name__", None) or repr(value)  # a module's repr tells where it lies


@contextmanager
def _without_collector() -> Iterator[None]:
    """Switch Python's collector of cycles off, which takes a sixth of the time that numba
    compiles: it makes many small objects, and drops none.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _closed(kernel: Any) -> Any:
    """Let calls of a part from Python fail with an error: numba would jump to address 0."""

    def refuse(*_: object, **__: object) -> None:
        raise TypeError(f"{kernel.py_func.__qualname__} is a part of kernels: make it `bare`")

    kernel._insert = lambda *_, **__: None  # into the table of what Python may call
    kernel._compile_for_args = refuse
    return kernel


def _kept(kernel: Any) -> Any:
    if hasattr(kernel, "_cache"):  # private: a numba without it compiles in each process
        kept = KeptCode(kernel)
        kernel._cache = kept
        kernel.compile = kept.compile
    return kernel


def _unoptimised() -> dict[str, Any]:
    """Return numba's option to leave parts as they are until their kernel is optimised, along with
    them: by default each function is optimised and translated by itself, and again in each caller.

    Returns
    -------
    dict
        Empty where numba's private parts are not what they were.
    """
    try:
        from numba.core.codegen import JITCodeLibrary
        from numba.core.compiler import Compiler

        needed = (
            "_optimize_functions",
            "_optimize_final_module",
            "_finalize_final_module",
            "_finalize_dynamic_globals",
            "get_pointer_to_function",
        )
        if not all(hasattr(JITCodeLibrary, name) for name in needed):
            return {}
    except ImportError:
        return {}

    class NoEnvironment:
        """Where numba puts what a function needs of Python: parts need nothing."""

        def set_env(self, name: str, env: object) -> None:
            """Leave it.

            Parameters
            ----------
            name
                Under which numba would find it.
            env
                What it is.
            """

    class Fragment(JITCodeLibrary):
        """The code of a part: it is linked into kernels, and never run by itself."""

        @property
        def codegen(self) -> Any:
            return NoEnvironment()

        def get_pointer_to_function(self, name: str) -> int:  # noqa: ARG002
            return 0

        def _optimize_functions(self, ll_module: Any) -> None:
            ll_module.data_layout = self._codegen._data_layout

        def _optimize_final_module(self) -> None:
            pass

        def _finalize_final_module(self) -> None:
            self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
            self._finalized = True

    class PartCompiler(Compiler):
        """numba's compiler, whose results are fragments."""

        def define_pipelines(self) -> Any:
            state = self.state
            name = state.func_id.func_qualname
            state.library = Fragment(state.targetctx.codegen(), name)  # type: ignore[no-untyped-call]
            return super().define_pipelines()  # type: ignore[no-untyped-call]

    return {"pipeline_class": PartCompiler}


_UNOPTIMISED = _unoptimised()

__all__ = ["bare", "compiled", "inlined", "int64", "kernel_part"]
