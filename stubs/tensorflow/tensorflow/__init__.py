"""A stand-in for TensorFlow: Rasa imports it at start, AskImmune never computes with it.

Rasa 3.6 imports TensorFlow in every process, because its list of default components names DIET, TED
and others. AskImmune uses none of them (docs/decisions/002-rasa-without-tensorflow.md). This package
answers those imports with names that can be subclassed, compared and used as annotations, and that
raise `TensorFlowNotInstalled` as soon as somebody tries to compute with them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from types import FunctionType, ModuleType
from typing import Any

__version__ = "2.12.0"

# Every `rasa` command imports this before it starts its telemetry and its error reports to Rasa's servers. Reports may
# hold a patient's words, so they are off here even for a command typed by hand (safety specification, X-3).
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
_SERVED = ("tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons")
# Python itself looks these up on any module or class; a made-up answer would mislead it.
_NOT_OURS = ("__path__", "__spec__", "__file__", "__wrapped__", "__all__")


class TensorFlowNotInstalled(RuntimeError):
    """Raised when a Rasa component that needs TensorFlow is built or called."""


def _refuse(name: str) -> TensorFlowNotInstalled:
    return TensorFlowNotInstalled(
        f"{name} needs TensorFlow, which this project leaves out on purpose. "
        "Remove the component from config.yml, or see docs/decisions/002-rasa-without-tensorflow.md."
    )


class _NameMeta(type):
    """Metaclass of every name that the stand-in hands out."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        child = _make_name(f"{cls.__qualname__}.{name}")
        setattr(cls, name, child)
        return child

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        # Decorators run at import: `@tf.function` gets the function, `@register(...)` gets its arguments.
        if len(args) == 1 and isinstance(args[0], (FunctionType, type)) and not kwargs:
            return args[0]
        if "register" in cls.__name__ or cls.__name__.endswith("function"):
            return lambda decorated: decorated
        raise _refuse(cls.__qualname__)

    def __or__(cls, other: Any) -> Any:
        return Any

    def __ror__(cls, other: Any) -> Any:
        return Any

    def __getitem__(cls, item: Any) -> Any:
        return cls


def _make_name(qualified_name: str) -> type:
    name = qualified_name.rsplit(".", 1)[-1]
    return _NameMeta(name, (), {"__qualname__": qualified_name, "__module__": "tensorflow"})


class _StandInModule(ModuleType):
    """A module whose every attribute is a name that can be imported but not used."""

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_OURS or name.startswith("__"):
            raise AttributeError(name)
        child = _make_name(f"{self.__name__}.{name}")
        setattr(self, name, child)
        return child


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves TensorFlow's submodules and the packages that come with it."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.split(".", 1)[0] not in _SERVED or fullname == "tensorflow":
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module.__version__ = __version__


if not any(isinstance(finder, _StandInFinder) for finder in sys.meta_path):
    sys.meta_path.insert(0, _StandInFinder())
sys.modules[__name__].__class__ = _StandInModule
