"""The settings: read once, frozen, from the environment with the prefix BROKER_ and `__` between the parts.

A secret and an address have no default: what is absent refuses to start, and the message names the setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from broker.kernel.errors import SettingsError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(_Part):
    """Where things are kept."""

    url: str = Field(description="sqlite:////path/to/file or postgresql+psycopg://user@host/name")


class Keys(_Part):
    """Where the broker's own keys are, as URIs (file:/path)."""

    log: str = Field(description="the key that signs checkpoints")
    storage: str = Field(description="the key that wraps data keys; several with commas, the newest first")
    pseudonym: str = Field(description="the key that pseudonyms are made with")
    checkpoint: str | None = Field(
        default=None, description="where the newest checkpoint is remembered; else beside the log key"
    )


class Policy(_Part):
    """Which engine decides, and by which edition of the policies."""

    engine: Literal["embedded", "opa", "both"] = Field(default="embedded", description="embedded, opa or both")
    opa_address: str | None = Field(default=None, description="http://host:port of the OPA server, for opa and both")
    edition: Path | None = Field(default=None, description="the folder of the signed edition that `broker serve` loads")
    signers: Path | None = Field(default=None, description="the key set of those whose signature is believed")
    opa_timeout: float = Field(default=1.0, gt=0, le=30, description="seconds to wait for OPA")

    @model_validator(mode="after")
    def _opa_has_an_address(self) -> Policy:
        if self.engine != "embedded" and not self.opa_address:
            raise ValueError("the engines opa and both need BROKER_POLICY__OPA_ADDRESS")
        return self


class Directory(_Part):
    """Who may say that the directory lets somebody do more."""

    approvers: Path | None = Field(default=None, description="the key set of those who approve as the second person")


class Identity(_Part):
    """Who vouches for callers."""

    issuer: str = Field(description="the issuer's address, as in its tokens")
    audience: str = Field(description="what the tokens must be meant for")
    require_proof: bool = Field(default=True, description="take only tokens bound to a key (DPoP, RFC 9449)")
    assurance: dict[str, Literal["low", "substantial", "high"]] = Field(
        default_factory=dict, description="the issuer's acr values and the eIDAS level each stands for, as JSON"
    )


class Pages(_Part):
    """The broker as the identity provider's client, for people in a browser."""

    client_id: str = Field(description="the client that the issuer knows the pages by; without it there are no pages")
    client_secret: SecretStr | None = Field(default=None, description="its secret, if the issuer gave it one")


class Http(_Part):
    """Where the broker listens and how it is known."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, ge=1, le=65535, description="port to listen on")
    public_url: str = Field(description="https://broker.example.nl, as callers know it, without a path")
    max_body: int = Field(default=4 * 1024 * 1024, ge=1024, description="largest request body in bytes")
    calls_per_second: float = Field(
        default=20, gt=0, le=100_000, description="calls a second that one caller may go on making, in each process"
    )


class Metrics(_Part):
    """Where numbers about the broker are to be had, for Prometheus; not where callers come."""

    port: int = Field(ge=1, le=65535, description="port that answers GET /metrics; without it nothing is counted")
    host: str = Field(default="127.0.0.1", description="address of that port")


class Notices(_Part):
    """By which mail server organisations hear that they have something to do; a webhook needs no setting."""

    smtp: str = Field(description="smtps://host:port, or smtp://host:port, which becomes TLS; without it no mail goes")
    sender: str = Field(pattern=r"^[!-~]+@[!-~]+$", description="the mail address that they come from")
    user: str | None = Field(default=None, description="who signs in at the mail server; without it nobody does")
    password: SecretStr | None = Field(default=None, description="the password of that user")


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix="BROKER_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=False,
    )

    database: Database
    keys: Keys
    policy: Policy = Field(default_factory=Policy)
    directory: Directory = Field(default_factory=Directory)
    identity: Identity
    http: Http
    pages: Pages | None = None
    metrics: Metrics | None = None
    notices: Notices | None = None


class _KeysAlone(BaseSettings):
    """What a command needs that only reads what lies encrypted."""

    model_config = Settings.model_config | SettingsConfigDict(extra="ignore")

    keys: Keys


def read_settings() -> Settings:
    """Return the settings of the environment; SettingsError names each wrong or missing one, never its value."""
    return _read(Settings)


def read_keys() -> Keys:
    """Return where the keys are, whatever else the environment says; raises as `read_settings` does."""
    return _read(_KeysAlone).keys


_Kind = TypeVar("_Kind", bound=BaseSettings)


def _read(kind: type[_Kind]) -> _Kind:
    try:
        return kind()  # the environment holds what is missing here
    except ValidationError as error:
        findings = tuple(
            said
            for finding in error.errors(include_input=False, include_url=False)
            for said in _said(kind, finding["loc"], finding["msg"])
        )
        raise SettingsError("; ".join(findings), errors=findings) from None


def _said(kind: type[BaseSettings], place: tuple[int | str, ...], message: str) -> Iterator[str]:
    """Yield what is wrong with which variable; of a part of which nothing is set, each that must be."""
    field = kind.model_fields.get(str(place[0])) if place else None
    if field and len(place) == 1 and isinstance(field.annotation, type) and issubclass(field.annotation, _Part):
        for name, inner in field.annotation.model_fields.items():
            if inner.is_required():
                yield f"{_variable(*place, name)}: Field required ({inner.description})"
    else:
        yield f"{_variable(*place)}: {message}"


def _variable(*place: int | str) -> str:
    return f"BROKER_{'__'.join(str(step).upper() for step in place)}"
