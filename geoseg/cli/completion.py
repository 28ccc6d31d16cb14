"""`geoseg completion`: the script by which a shell completes what is typed, and the answers that
it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_GEOSEG_COMPLETE"  # in which the shell's script says what it wants
FOLDERS = {"FOLDER", "DIR"}
# the metavars of what may name a model, beside files
MODELS = {"NAME|FOLDER", "MODEL", "NAMES|MODEL|FILE.toml"}
# of what is typed, and no file
TYPED = {
    "TEXT",
    "NAMES",
    "URL",
    "N",
    "N,N,...",
    "V,V,...",
    "W,W,...",
    "PX,PX",
    "A",
    "A=B",
    "THEIRS=OURS",
    "KEY=VALUE",
    "TABLE.KEY=VALUE",
    "METRES",
    "FACTOR",
    "NUMBER",
    "NUMBERS",
    "WORD",
    "TYPES",
    "SPDX",
    "SHA256",
    "HH:MM:SS",
    "FROM/TO",
    "EPSG:N",
    "600MB|2GB",
    "SHARE|CLASS=SHARE,...",
    "NAME[=W],...",
}
EXAMPLES = """\b
geoseg completion bash >> ~/.bashrc
geoseg completion zsh >> ~/.zshrc
geoseg completion fish > ~/.config/fish/completions/geoseg.fish"""


@click.command(epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:  # numpydoc ignore=PR01
    """Print the script by which SHELL completes geoseg's commands, options and files."""
    kind = get_completion_class(shell)
    assert kind is not None  # of SHELLS
    click.echo(kind(context.find_root().command, {}, "geoseg", VARIABLE).source(), nl=False)


class Words(click.types.StringParamType):
    """A text that is completed by what its metavar says: auto|cpu as these words, all else as a
    file.

    Parameters
    ----------
    metavar
        Of the option.
    """

    def __init__(self, metavar: str) -> None:
        self._metavar = metavar

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return how the text may go on.

        Parameters
        ----------
        ctx, param
            Click's; not looked at.
        incomplete
            What is typed of it.

        Returns
        -------
        list
            The words that begin so, or what has the shell complete files; models where these are
            asked for; nothing for numbers and other texts.
        """
        if self._metavar in TYPED:
            return []
        parts = [part.partition("[")[0] for part in self._metavar.split("|")]
        words = (
            [part for part in parts if re.fullmatch(r"[a-z0-9.-]+", part)] if len(parts) > 1 else []
        )
        if words:
            return _begun(words, incomplete)
        files = CompletionItem(incomplete, type="dir" if parts[-1] in FOLDERS else "file")
        # the shell forgets what came before this one
        return [files, *(_begun(_models(), incomplete) if self._metavar in MODELS else ())]


def _begun(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _models() -> list[str]:
    """Return the models that ship; reading their cards would take too long for a key that was
    pressed.
    """
    shipped = Path(__file__).parent.parent / "models"
    return sorted(card.parent.name for card in shipped.glob("*/*/card.json"))


def completed(command: click.Command) -> click.Command:
    """Have the texts of a command completed by their metavars.

    Parameters
    ----------
    command
        It is changed, and what is below it.

    Returns
    -------
    Command
        The same.
    """
    for param in command.params:
        if param.type is click.STRING:
            param.type = Words(param.metavar or "FILE")
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            completed(inner)
    return command


def answer(command: click.Command, instruction: str) -> int:
    """Answer a shell.

    Parameters
    ----------
    command
        The whole command line.
    instruction
        bash_source, bash_complete and the like.

    Returns
    -------
    int
        The exit status.
    """
    return shell_complete(command, {}, "geoseg", VARIABLE, instruction)
