"""Import the whole plugin as under Qt 6: `python qt6.py PLUGIN_FOLDER [--real]`, in a process of
its own.

Qt's classes know enumerations by their own class alone (`Qt.ItemDataRole.ToolTipRole`), and nothing
that PyQt6 dropped: an access to anything else is an AttributeError. With --real they are PyQt6's
own. QGIS's classes are stubs either way.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from types import ModuleType

QT = {  # the classes that the plugin uses, by module, and their enumerations
    "QtCore": {
        "QCoreApplication": {},
        "QProcess": {
            "ExitStatus": ["CrashExit"],
            "ProcessError": ["FailedToStart"],
            "ProcessState": ["NotRunning"],
        },
        "QProcessEnvironment": {},
        "QObject": {},
        "QRectF": {},
        "QTimer": {},
        "QTranslator": {},
        "pyqtSignal": {},
        "Qt": {
            "CursorShape": ["CrossCursor", "PointingHandCursor"],
            "DockWidgetArea": ["RightDockWidgetArea"],
            "GlobalColor": ["transparent"],
            "ItemDataRole": ["ToolTipRole", "UserRole"],
            "ItemFlag": ["ItemIsEditable"],
            "Key": ["Key_Escape"],
            "KeyboardModifier": ["ShiftModifier"],
            "MouseButton": ["LeftButton", "RightButton"],
            "Orientation": ["Horizontal"],
            "PenStyle": ["DashLine"],
            "ScrollBarPolicy": ["ScrollBarAlwaysOff"],
            "TextInteractionFlag": ["TextSelectableByMouse"],
        },
        "QVariant": {},
    },
    "QtGui": {
        **{name: {} for name in ("QAction", "QColor", "QIcon", "QImage", "QPainter", "QPixmap")},
    },
    "QtNetwork": {"QNetworkProxy": {"ProxyType": ["Socks5Proxy"]}},
    "QtWidgets": {
        "QComboBox": {"SizeAdjustPolicy": ["AdjustToMinimumContentsLengthWithIcon"]},
        "QAbstractItemView": {"EditTrigger": ["DoubleClicked"]},
        "QDialogButtonBox": {"StandardButton": ["Cancel", "Ok"]},
        "QFrame": {"Shape": ["NoFrame"]},
        **{
            name: {}
            for name in (
                *("QApplication", "QCheckBox", "QColorDialog", "QDialog", "QFileDialog"),
                *("QFormLayout", "QGridLayout", "QGroupBox", "QHBoxLayout", "QInputDialog"),
                *("QLabel", "QLineEdit", "QListWidget", "QListWidgetItem", "QPushButton"),
                *("QScrollArea", "QSlider", "QSpinBox", "QToolButton", "QVBoxLayout", "QWidget"),
            )
        },
    },
}
DROPPED = {"exec_", "print_"}


class Strict(type):
    """A class of PyQt6: methods begin small, and of names that begin large only its own are
    there.
    """

    def __getattr__(cls, name: str) -> object:
        if name.startswith("_") or name[0].isupper() or name in DROPPED:
            raise AttributeError(f"{cls.__name__} has no {name} in PyQt6")
        return lambda *_, **__: None


class Lenient(type):
    """A class of QGIS: everything is there."""

    def __getattr__(cls, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return Lenient(name, (), {"__or__": lambda a, _: a})


class Stub(ModuleType):
    """A module of QGIS: whatever is asked for is a class."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, Lenient(name, (), {"__init__": lambda *_, **__: None}))
        return getattr(self, name)


def qt_module(name: str, real: bool) -> ModuleType:
    if real:
        return importlib.import_module(f"PyQt6.{name}")
    made = ModuleType(name)
    for owner, enumerations in QT[name].items():
        members = {
            enum: type(enum, (), {member: member for member in names})
            for enum, names in enumerations.items()
        }
        # a signal is made in the body of a class
        plain = {"__init__": lambda *_, **__: None}
        setattr(made, owner, Strict(owner, (), {**plain, **members}))
    return made


def install(real: bool) -> None:
    """Put QGIS's modules in place."""
    stubs = (
        "qgis",
        "qgis.core",
        "qgis.gui",
        "processing",
        "processing.core",
        "processing.core.ProcessingConfig",
    )
    sys.modules |= {name: Stub(name) for name in stubs}
    qt = ModuleType("qgis.PyQt")
    for name in QT:
        sys.modules[f"qgis.PyQt.{name}"] = qt_module(name, real)
    qt.sip = importlib.import_module("PyQt6.sip") if real else Stub("sip")
    sys.modules["qgis.PyQt"] = qt


def check(path: Path, module: ModuleType) -> None:
    """Look up every name of Qt that the module's code has, in the functions too, which an import
    does not run.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in DROPPED:
            raise AttributeError(f"{path.name}:{node.lineno}: {node.attr} is not in PyQt6")
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        owner = getattr(module, root.id, None) if isinstance(root, ast.Name) else None
        if isinstance(owner, type) and (
            isinstance(owner, Strict) or owner.__module__.startswith("PyQt6")
        ):
            eval(ast.unparse(node), vars(module))


def main() -> None:
    plugin, real = Path(sys.argv[1]).resolve(), "--real" in sys.argv
    install(real)
    sys.path.insert(0, str(plugin.parent))
    for path in sorted(plugin.rglob("*.py")):
        names = path.relative_to(plugin.parent).with_suffix("").parts
        check(path, importlib.import_module(".".join(names).removesuffix(".__init__")))
        sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
