"""The command `broker`."""

from __future__ import annotations

import typer

from broker.commands import client, demo, policy, server
from broker.commands.bench import bench
from broker.commands.explain import explain_decision

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Deelgrond: a broker for lawful information sharing.",
)
app.command()(policy.decide)
app.command(name="explain")(explain_decision)
app.command()(demo.demo)
app.command()(bench)
server.keys.command(name="personal")(client.make_personal_key)
app.add_typer(server.keys, name="keys")
app.add_typer(client.app, name="client")
app.add_typer(policy.app, name="policy")
for command in server.app.registered_commands:
    app.registered_commands.append(command)


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()
