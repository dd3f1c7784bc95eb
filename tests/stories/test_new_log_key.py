"""The log goes on under another key, as keys/README.md has it done every two years and after a leak."""

from __future__ import annotations

from pathlib import Path

from broker_keys import key_uris
from databases import fresh_sqlite
from logged import publish_all
from serving import Server, present

from broker.demo.issuer import DemoIssuer
from broker.keyring import make_key, open_keyring, write_key


def test_log_is_verified_under_all_keys_it_had(tmp_path: Path) -> None:
    with DemoIssuer() as issuer:
        server = Server(tmp_path, url=fresh_sqlite(tmp_path), issuer=issuer)
        server.start()
        request, _ = server.matter.released()
        publish_all(server.wiring)
        server.kill()
        old = server.keys.log_signer().vkey

        (tmp_path / "log.json").unlink()
        write_key(tmp_path / "log.json", make_key("log", identifier="log-2", now=present(), name="broker.example/log"))
        server.start()
        assert len(server.matter.opened(request)["parts"]) == 2
        server.matter.released()
        server.kill()
        assert server.does("checkpoint").returncode == 0
        server.stop()
        new = open_keyring(key_uris(tmp_path), clock=present).vkey

        alone = server.does("verify")
        assert alone.returncode == 1
        assert "integrity.signature.untrusted" in alone.stderr
        both = server.does("verify", "--vkey", old, "--vkey", new)
        assert both.returncode == 0, both.stderr
